"""Videos as images with a channel for each frame."""

import keras
from keras import ops

from inr_keras import coordinates


@keras.saving.register_keras_serializable(package="inr_keras")
class VideoGenerator(keras.Model):
    """Evaluates an INR of (x, y, t) at points of the plane, in all frames.

    To whatever trains or draws images it is a generator of images with
    `frames` times as many channels: a discriminator sees the whole course of a patch
    at once. The frames lie on the axis t in the alignment of the generator;
    other times, between two frames too, are what `volume` itself gives.

    Args:
        volume: Generator with a `coord_dim` of 3, such as `CIPSGenerator`.
        frames: int. Number of frames.
        **kwargs: Base model arguments, such as `name` and `dtype`.

    Call arguments:
        latents: Tensor of shape `(batch, latent_dim)`.
        coords: float32 tensor of shape `(batch or 1, points, 2)`.
        truncation: float. Defaults to `1`.
        training: bool. As `volume` takes it.
        labels: As `volume` takes them.

    Returns:
        float32 tensor of shape `(batch, points, frames * channels)`, all
        channels of the first frame first.
    """

    coord_dim = 2  # Of its points; the third axis is inside.
    noise = False

    def __init__(self, volume, frames, **kwargs):
        super().__init__(autocast=False, **kwargs)
        if volume.coord_dim != 3 or volume.noise:
            raise ValueError(
                "`volume` must have a `coord_dim` of 3 and no noise. Received: "
                f"coord_dim={volume.coord_dim}, noise={volume.noise}"
            )
        if frames < 1:
            raise ValueError(f"`frames` must be positive. Received: {frames=}")
        self.volume = volume
        self.frames = frames
        for name in (
            "latent_dim",
            "style_dim",
            "resolution",
            "alignment",
            "class_names",
        ):
            setattr(self, name, getattr(volume, name))
        self.channels = frames * volume.channels
        self.built = True

    @property
    def mapping(self):
        return self.volume.mapping

    @property
    def embedding(self):
        return self.volume.embedding

    @property
    def num_layers(self):
        return self.volume.num_layers

    def call(self, latents, coords, truncation=1.0, training=False, labels=None):
        styles = self.mapping(latents, truncation=truncation, labels=labels)
        return self.synthesis(styles, coords, training=training)

    def synthesis(self, styles, coords, noise=None, training=False):
        """Colours of points in all frames; `noise` must be `None`."""
        if noise is not None:
            raise ValueError("`noise` must be None for a VideoGenerator.")
        points = ops.shape(coords)[1]
        coords = ops.cast(coords, "float32")
        times = coordinates.axis_coordinates(
            ops.arange(self.frames), self.frames, self.alignment
        )
        parts = []
        for frame in range(self.frames):
            time = ops.zeros_like(coords[..., :1]) + times[frame]
            parts.append(ops.concatenate([coords, time], axis=-1))
        rgb = self.volume.synthesis(
            styles, ops.concatenate(parts, axis=1), training=training
        )
        channels = self.volume.channels
        rgb = ops.reshape(rgb, (-1, self.frames, points, channels))
        rgb = ops.transpose(rgb, (0, 2, 1, 3))
        return ops.reshape(rgb, (-1, points, self.channels))

    def get_config(self):
        config = {
            "volume": keras.saving.serialize_keras_object(self.volume),
            "frames": self.frames,
        }
        return {**super().get_config(), **config}

    @classmethod
    def from_config(cls, config):
        volume = keras.saving.deserialize_keras_object(config["volume"])
        return cls(**{**config, "volume": volume})
