"""Pictures of any region at any size in bounded memory."""

import numpy as np
import tensorflow as tf

from inr_keras import coordinates
from inr_keras.rendering.latents import labels_in_turn

FRAME = (-1.0, -1.0, 1.0, 1.0)


class Renderer:
    """Draws a generator's pictures point by point, a bounded number at once.

    A point's colour depends on its coordinate and the style alone, so tiles
    have no seams and a crop is the same numbers as the crop of the whole.

    Args:
        generator: Model with `mapping`, `synthesis`, `resolution` and
            `alignment`, such as `CIPSGenerator`.
        points: int. Points that go through the network at once, over all
            pictures. Defaults to `65536`.
    """

    def __init__(self, generator, points=65536):
        if points < 1:
            raise ValueError(f"`points` must be positive. Received: {points=}")
        self.generator = generator
        self.points = points
        self._synthesis = tf.function(
            generator.synthesis,
            input_signature=(
                tf.TensorSpec((None, generator.style_dim)),
                tf.TensorSpec((1, None, 2)),
            ),
            autograph=False,
        )

    def styles(self, latents, truncation=1.0, labels=None):
        """Styles of latents, drawn towards the mean style by `truncation`.

        Args:
            latents: Array `(batch, latent_dim)`.
            truncation: float.
            labels: Of a generator with `class_names`, ints `(batch,)`.
                Defaults to `None`: the classes in turn.
        """
        told = {}
        if labels is None:
            labels = labels_in_turn(range(len(latents)), self.generator)
        if labels is not None:
            told["labels"] = tf.cast(labels, tf.int32)
        return self.generator.mapping(
            tf.convert_to_tensor(latents), truncation=truncation, **told
        )

    def render(self, styles, height=None, width=None, box=FRAME, progress=None):
        """Draws `box` for each style.

        Args:
            styles: Tensor `(batch, style_dim)`.
            height: int. Defaults to the generator's resolution.
            width: int. Defaults to `height`.
            box: x0, y0, x1, y1. Defaults to the training frame; a larger one
                extrapolates.
            progress: Function of the share done, 0 to 1, or `None`.

        Returns:
            float32 array `(batch, height, width, channels)`, about [-1, 1].
        """
        height = height or self.generator.resolution
        width = width or height
        coords = coordinates.region(
            box, height, width, self.generator.alignment
        )
        return self.render_coords(styles, coords, progress)

    def render_coords(self, styles, coords, progress=None):
        """Draws the points `(height, width, 2)` for each style."""
        height, width = coords.shape[:2]
        flat = tf.reshape(coords, (1, height * width, 2))
        count = flat.shape[1]
        channels = self.generator.channels
        out = np.empty((len(styles), count, channels), dtype="float32")
        # Many points of few pictures or few points of many: never more than
        # `points` rows of activations.
        batch = max(1, min(len(styles), self.points // min(count, 4096)))
        tile = max(1, self.points // batch)
        starts = range(0, len(styles), batch)
        for i in starts:
            for j in range(0, count, tile):
                rgb = self._synthesis(
                    styles[i : i + batch], flat[:, j : j + tile]
                )
                out[i : i + batch, j : j + tile] = rgb.numpy()
                if progress:
                    done = i * count + min(j + tile, count) * batch
                    progress(min(1.0, done / (len(styles) * count)))
        return out.reshape(len(styles), height, width, channels)
