"""Pictures of any region at any size in bounded memory."""

import functools
import math

import numpy as np
import tensorflow as tf

from inr_keras import coordinates
from inr_keras.models import lattices
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
        self.coord_dim = getattr(generator, "coord_dim", 2)
        self._functions = {}

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
        if self.coord_dim != 2:
            raise ValueError(
                "`render` draws pictures; other frames are drawn by "
                f"`render_coords`. Received: coord_dim={self.coord_dim}"
            )
        height = height or self.generator.resolution
        width = width or height
        alignment = self.generator.alignment
        coords = coordinates.region(box, height, width, alignment)
        # Of neighbours, at most.
        ends = alignment == "corner"
        spacing = max(
            (box[2] - box[0]) / max(width - ends, 1),
            (box[3] - box[1]) / max(height - ends, 1),
        )
        return self._draw(styles, coords, spacing, progress)

    def render_coords(self, styles, coords, progress=None):
        """Draws points for each style.

        Args:
            styles: Tensor `(batch, style_dim)`.
            coords: Tensor `(..., coord_dim)`, such as `(height, width, 2)`.
            progress: As in `render`.

        Returns:
            float32 array `(batch, ..., channels)`.
        """
        return self._draw(styles, coords, None, progress)

    def _draw(self, styles, coords, spacing, progress):
        *shape, dim = coords.shape
        height, width = math.prod(shape[:-1]), shape[-1]
        flat = tf.reshape(coords, (1, height * width, dim))
        count = flat.shape[1]
        channels = self.generator.channels
        out = np.empty((len(styles), count, channels), dtype="float32")
        # Many points of few pictures or few points of many: never more than
        # `points` rows of activations.
        batch = max(1, min(len(styles), self.points // min(count, 4096)))
        tile = max(1, self.points // batch)
        starts = range(0, len(styles), batch)
        for i in starts:
            for j, stop, hint in self._tiles(height, width, tile, spacing):
                synthesis = self._synthesis(**hint)
                rgb = synthesis(styles[i : i + batch], flat[:, j:stop])
                out[i : i + batch, j:stop] = rgb.numpy()
                if progress:
                    done = i * count + stop * batch
                    progress(min(1.0, done / (len(styles) * count)))
        return out.reshape(len(styles), *shape, channels)

    def _tiles(self, height, width, tile, spacing):
        """Flat starts and stops, with what the generator is told of each."""
        if spacing is None or not lattices.hint(self.generator, 1, 1, spacing):
            for start in range(0, height * width, tile):
                yield start, min(start + tile, height * width), {}
            return
        # Each hint is a graph of its own. A larger spacing is as right, and
        # that of a zoom so has few values.
        spacing = 2.0 ** (math.ceil(math.log2(spacing) * 4 - 1e-6) / 4)
        columns = min(width, tile)
        rows = min(height, tile // columns)  # One, where `columns` is less.
        for top in range(0, height, rows):
            for left in range(0, width, columns):
                size = min(rows, height - top), min(columns, width - left)
                start = top * width + left
                hint = lattices.hint(self.generator, *size, spacing)
                yield start, start + size[0] * size[1], hint

    def _synthesis(self, grid=None):
        if grid not in self._functions:
            function = self.generator.synthesis
            if grid:
                function = functools.partial(function, grid=grid)
            self._functions[grid] = tf.function(
                function,
                input_signature=(
                    tf.TensorSpec((None, self.generator.style_dim)),
                    tf.TensorSpec((1, None, self.coord_dim)),
                ),
                autograph=False,
            )
        return self._functions[grid]
