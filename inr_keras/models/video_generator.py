"""Generator of videos whose images lie side by side as channels."""

import keras
from keras import ops

from inr_keras import coordinates
from inr_keras.models.volume_generator import VolumeGenerator
from inr_keras.whole_numbers import check_positive


@keras.saving.register_keras_serializable(package="inr_keras")
class VideoGenerator(VolumeGenerator):
    """Generator of videos that evaluates an INR of (x, y, t) at all times of a video.

    For training and rendering it is a generator of images with `video_length` times
    as many channels: a discriminator sees a patch at all times together. The times
    lie on the axis t in the alignment of the generator; `volume` itself draws any
    other time, such as one between two images.

    Args:
        volume: INRGenerator with a `coord_dim` of 3, such as `CIPSGenerator`.
        video_length: int. Number of images in a video.
        **kwargs: Base model arguments, such as `name` and `dtype`.

    Call arguments:
        latents: Tensor of shape `(batch, latent_dim)`.
        coords: float32 tensor of shape `(batch or 1, points, 2)`.
        truncation: float. See `MappingNetwork`. Defaults to `1`.
        training: bool. Passed to `volume`.
        labels: With classes, int tensor of shape `(batch,)`.

    Returns:
        float32 tensor of shape `(batch, points, video_length * channels)`,
        with the channels of the first image first.

    Raises:
        ValueError: `volume` has noise or a `coord_dim` other than 3, or `video_length`
            is not positive.

    Example:
        >>> volume = CIPSGenerator(
        ...     latent_dim=8, style_dim=16, mapping_layers=2, width=16, blocks=2,
        ...     fourier_features=8, embedding_channels=8, embedding_size=8, coord_dim=3,
        ... )
        >>> generator = VideoGenerator(volume, video_length=4)
        >>> coords = np.zeros((1, 5, 2), "float32")
        >>> tuple(generator(keras.random.normal((2, 8)), coords).shape)
        (2, 5, 12)
    """

    def __init__(self, volume, video_length, **kwargs):
        if volume.noise:
            raise ValueError(
                f"`volume` must have no noise. Received: noise={volume.noise}"
            )
        check_positive(video_length=video_length)
        self.read_volume(volume, video_length * volume.channels, **kwargs)
        self.video_length = video_length

    def synthesis(self, styles, coords, noise=None, training=False):
        """Computes the colours of points at all times; `noise` must be `None`."""
        if noise is not None:
            raise ValueError("`noise` must be None for a VideoGenerator.")
        points = ops.shape(coords)[1]
        coords = ops.cast(coords, "float32")
        times = coordinates.axis_coordinates(
            ops.arange(self.video_length), self.video_length, self.alignment
        )
        parts = []
        for number in range(self.video_length):
            time = ops.zeros_like(coords[..., :1]) + times[number]
            parts.append(ops.concatenate([coords, time], axis=-1))
        rgb = self.volume.synthesis(
            styles, ops.concatenate(parts, axis=1), training=training
        )
        channels = self.volume.channels
        rgb = ops.reshape(rgb, (-1, self.video_length, points, channels))
        rgb = ops.transpose(rgb, (0, 2, 1, 3))
        return ops.reshape(rgb, (-1, points, self.channels))

    @classmethod
    def from_config(cls, config):
        if "frames" in config:  # In files of earlier versions.
            config = {**config, "video_length": config["frames"]}
            del config["frames"]
        return super().from_config(config)
