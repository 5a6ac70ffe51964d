"""Renderer of images inside TensorFlow graphs, in bounded memory.

It is the `rendering.Renderer` of exported models: it draws points at the same places,
part by part in loops of the graph.
"""

import math

import tensorflow as tf

from inr_keras import coordinates
from inr_keras.models import lattices
from inr_keras.rendering import renderer

POINTS = 16384  # Points that go through the network at once.
_PATCH = 64  # Side of the patches that are drawn with a grid hint.


class GraphRenderer:
    """Draws a generator's points, images and regions as TensorFlow operations.

    Args:
        generator: Model with `synthesis`, `resolution` and `alignment`.
        points: int. Points that go through the network at once, over all
            images. Defaults to `POINTS`.
    """

    def __init__(self, generator, points=POINTS):
        self.generator = generator
        self.size = generator.resolution
        self.alignment = generator.alignment
        self.axes = generator.coord_dim
        self._functions = {}
        # Each point of the plane is one in each image of a video.
        self.points = max(1, points // max(1, generator.video_length))

    def at(self, styles, coords):
        """Draws points.

        Args:
            styles: Tensor `(batch, layers, style_dim)`.
            coords: Tensor `(batch or 1, points, axes)`.

        Returns:
            float32 tensor `(batch, points, channels)`.
        """
        size = tf.maximum(self.points // tf.maximum(tf.shape(styles)[0], 1), 1)

        def part(start, stop):
            rgb = self._synthesis(styles, coords[:, start:stop])
            return tf.transpose(rgb, (1, 0, 2))

        shape = (None, None, self.generator.channels)
        rgb = _in_parts(part, tf.shape(coords)[1], size, shape, tf.float32)
        return tf.transpose(rgb, (1, 0, 2))

    def images(self, styles):
        """Draws the training frame at the training resolution.

        Args:
            styles: Tensor `(batch, layers, style_dim)`.

        Returns:
            uint8 tensor `(batch, height, width, channels)`, or with one side for
            each axis where there are not two.
        """
        size, axes = self.size, self.axes
        shape = (size,) * axes + (self.generator.channels,)
        spacing = 2.0 / max(size - (self.alignment == "corner"), 1)
        rows = math.ceil(size / math.ceil(size * size / self.points))

        def part(start, stop):
            part_styles = styles[start:stop]
            if axes == 2:
                return self._image(
                    part_styles, (-1.0, -1.0, 1.0, 1.0), size, size, rows, size,
                    spacing,
                )  # fmt: skip
            coords = coordinates.lattice((size,) * axes, self.alignment)
            rgb = self.at(part_styles, tf.reshape(coords, (1, size**axes, axes)))
            return tf.reshape(_to_uint8(rgb), (-1, *shape))

        return _in_parts(
            part,
            tf.shape(styles)[0],
            max(1, self.points // size**axes),
            (None, *shape),
            tf.uint8,
        )

    def region(self, styles, box, height, width):
        """Draws a region of the frame, or beyond it, at any size.

        Args:
            styles: Tensor `(1, layers, style_dim)`.
            box: float32 tensor `(4,)`: x0, y0, x1, y1.
            height: int32 tensor `()`.
            width: int32 tensor `()`.

        Returns:
            uint8 tensor `(height, width, channels)`.
        """
        box = tf.unstack(box)

        def draw(rows, columns, spacing=None):
            return self._image(styles, box, height, width, rows, columns, spacing)[0]

        def freely():
            return draw(*self._tile(height, width, self.points))

        if not self.generator.takes_grid:
            return freely()
        # A hint is plain numbers: one hint for all regions that are at least as
        # dense as the training resolution.
        ends = tf.cast(self.alignment == "corner", tf.int32)
        spacings = [
            (box[i + 2] - box[i]) / tf.cast(tf.maximum(count - ends, 1), tf.float32)
            for i, count in enumerate((width, height))
        ]
        trained = 2.0 / self.size * 1.0001
        return tf.cond(
            tf.maximum(*spacings) <= trained,
            lambda: draw(_PATCH, _PATCH, trained),
            freely,
        )

    def regions(self, styles, boxes, height, width):
        """Draws regions of one size together, all in each call of the network.

        Args:
            styles: Tensor `(batch, layers, style_dim)`.
            boxes: float32 tensor `(batch, 4)`.
            height: int32 tensor `()`.
            width: int32 tensor `()`.

        Returns:
            uint8 tensor `(batch, height, width, channels)`.
        """
        box = [values[:, None] for values in tf.unstack(boxes, axis=1)]
        points = tf.maximum(self.points // tf.maximum(tf.shape(boxes)[0], 1), 1)
        rows, columns = self._tile(height, width, points)
        return self._image(styles, box, height, width, rows, columns)

    def _tile(self, height, width, points):
        """Rows and columns of tiles of at most so many points."""
        columns = tf.minimum(width, points)
        most = tf.minimum(points // columns, height)
        strips = -(-height // most)
        return -(-height // strips), columns

    def _image(self, styles, box, height, width, rows, columns, spacing=None):
        """Draws uint8 `(batch, height, width, channels)`, tile by tile.

        Args:
            styles: Tensor `(batch, layers, style_dim)`.
            box: Four numbers or tensors, `(batch, 1)` where each image has its own.
            height, width: ints or tensors, the size of the image.
            rows, columns: ints or tensors, the size of a tile; the last tile may
                lie in part beyond the box.
            spacing: float. Largest distance of neighbours; `None`: not known.
        """
        x0, y0, x1, y1 = box
        across, down = -(-width // columns), -(-height // rows)
        channels = self.generator.channels
        hint = {}
        if spacing is not None:
            hint = lattices.grid_hint(self.generator, rows, columns, spacing)

        def tile(number):
            top, left = number // across * rows, number % across * columns
            y = coordinates.axis_coordinates(
                top + tf.range(rows), height, self.alignment, y0, y1
            )
            x = coordinates.axis_coordinates(
                left + tf.range(columns), width, self.alignment, x0, x1
            )
            # (boxes, rows, columns), the boxes being one or as many as styles.
            x, y = tf.reshape(x, (-1, 1, columns)), tf.reshape(y, (-1, rows, 1))
            coords = tf.stack([x + tf.zeros_like(y), y + tf.zeros_like(x)], axis=-1)
            boxes = -1 if tf.is_tensor(x0) and x0.shape.rank else 1
            coords = tf.reshape(coords, (boxes, rows * columns, 2))
            rgb = _to_uint8(self._synthesis(styles, coords, **hint))
            return tf.reshape(rgb, (-1, rows, columns, channels))

        if isinstance(across, int) and across * down == 1:
            return tile(0)[:, :height, :width]
        static_sides = [n if isinstance(n, int) else None for n in (rows, columns)]
        tiles = tf.map_fn(
            tile,
            tf.range(down * across),
            parallel_iterations=1,
            fn_output_signature=tf.TensorSpec(
                (None, *static_sides, channels), tf.uint8
            ),
        )
        tiles = tf.reshape(tiles, (down, across, -1, rows, columns, channels))
        tiles = tf.transpose(tiles, (2, 0, 3, 1, 4, 5))
        whole = (-1, down * rows, across * columns, channels)
        return tf.reshape(tiles, whole)[:, :height, :width]

    def _synthesis(self, styles, coords, grid=None):
        """Calls the generator's `synthesis`, of which the graph has few copies."""
        key = coords.shape[0], grid
        if key not in self._functions:
            self._functions[key] = renderer.graph_of_points(
                self.generator, styles.shape[1:], coords.shape[0], grid
            )
        return self._functions[key](styles, coords)


def _in_parts(function, count, size, shape, dtype):
    """Calls `function(start, stop)` on parts of at most `size`, one after another.

    Returns:
        Tensor of the `shape` and `dtype` of a part, joined along axis 0.
    """
    parts = -(-count // size)
    array = tf.TensorArray(dtype, parts, infer_shape=False, element_shape=shape)

    def body(number, array):
        start = number * size
        stop = tf.minimum(start + size, count)
        return number + 1, array.write(number, function(start, stop))

    _, array = tf.while_loop(
        lambda number, _: number < parts,
        body,
        (0, array),
        parallel_iterations=1,
    )
    joined = array.concat()
    return tf.ensure_shape(joined, shape)


def _to_uint8(rgb):
    """Converts floats in [-1, 1] to uint8, as `rendering.to_uint8` does."""
    rgb = tf.round((rgb + 1.0) * 127.5)
    return tf.cast(tf.clip_by_value(rgb, 0.0, 255.0), tf.uint8)
