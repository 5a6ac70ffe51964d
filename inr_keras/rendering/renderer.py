"""Renderer of images of any surface at any size, in bounded memory."""

import functools
import math

import numpy as np
import tensorflow as tf

from inr_keras import coordinates
from inr_keras.models import lattices
from inr_keras.rendering import surfaces
from inr_keras.rendering.latents import labels_in_turn
from inr_keras.rendering.surfaces import FRAME as FRAME
from inr_keras.whole_numbers import check_positive


class Renderer:
    """Draws a generator's images point by point, a bounded number at once.

    The colour of a point depends on its coordinate and the style alone, so tiles have
    no seams, and drawing a crop equals cropping the whole image.

    Args:
        generator: Model with `mapping`, `synthesis`, `resolution` and `alignment`, such
            as `CIPSGenerator`.
        points: int. Points that go through the network at once, over all images.
            Defaults to `65536`.

    Example:
        >>> renderer = Renderer(generator)
        >>> styles = renderer.styles(latents_from_seeds([3, 4], 8), truncation=0.7)
        >>> renderer.render(styles, 32).shape
        (2, 32, 32, 3)
        >>> beyond = (-2, -1, 2, 1)  # The training frame is (-1, -1, 1, 1).
        >>> renderer.render(styles, 16, 32, box=beyond).shape
        (2, 16, 32, 3)
    """

    def __init__(self, generator, points=65536):
        check_positive(points=points)
        self.generator = generator
        self.points = points
        self.coord_dim = generator.coord_dim
        self._functions = {}

    def styles(self, latents, truncation=1.0, labels=None):
        """Styles of latents, drawn towards the mean style by `truncation`.

        Args:
            latents: Array `(batch, latent_dim)`.
            truncation: float. 1: full variety; towards 0: the mean style.
            labels: ints `(batch,)`, for a generator with `class_names`. Defaults
                to `None`: the classes in turn.
        """
        kwargs = {}
        if labels is None:
            labels = labels_in_turn(range(len(latents)), self.generator)
        if labels is not None:
            kwargs["labels"] = tf.cast(labels, tf.int32)
        return self.generator.mapping(
            tf.convert_to_tensor(latents), truncation=truncation, **kwargs
        )

    def render(self, styles, height=None, width=None, box=FRAME, progress=None):
        """Draws an image of a region for each style.

        Args:
            styles: Tensor `(batch, style_dim)`, or `(batch, layers, style_dim)` for a
                generator that takes a style for each layer.
            height: int. Defaults to the generator's resolution.
            width: int. Defaults to `height`.
            box: x0, y0, x1, y1 of the region. Defaults to the training frame; a
                larger region extrapolates.
            progress: Function of the share done, 0 to 1, or `None`.

        Returns:
            float32 array `(batch, height, width, channels)`, about [-1, 1].
        """
        if self.coord_dim != 2:
            raise ValueError(
                "`render` draws images; other numbers of axes are drawn by "
                f"`render_coords`. Received: coord_dim={self.coord_dim}"
            )
        height = height or self.generator.resolution
        width = width or height
        plane = surfaces.Plane(box, height, width, self.generator.alignment)
        return self.draw(styles, plane, progress=progress)

    def render_coords(self, styles, coords, progress=None):
        """Draws the points at `coords` for each style.

        Args:
            styles: As in `render`.
            coords: Tensor `(..., coord_dim)`, such as `(height, width, 2)`.
            progress: As in `render`.

        Returns:
            float32 array `(batch, ..., channels)`.
        """
        coords = np.asarray(coords, "float32")
        *shape, dim = coords.shape
        flat = coords.reshape(math.prod(shape[:-1]), shape[-1], dim)
        images = self.draw(styles, surfaces.Map(flat), progress=progress)
        return images.reshape(len(styles), *shape, self.generator.channels)

    def draw(self, styles, surface, supersample=1, progress=None):
        """Draws a surface for each style, as an array.

        Args:
            styles, progress: As in `render`.
            surface: See `surfaces`.
            supersample: int. See `strips`.

        Returns:
            float32 array `(batch, height, width, channels)`.
        """
        height, width = surface.height, surface.width
        shape = (len(styles), height, width, self.generator.channels)
        out = np.empty(shape, dtype="float32")
        # Many points of few images or few points of many: never more than
        # `points` rows of activations.
        count = max(1, height * width * supersample**2)
        batch = max(1, min(len(styles), self.points // min(count, 4096)))
        for i in range(0, len(styles), batch):
            part, top = out[i : i + batch], 0
            for strip in self.strips(styles[i : i + batch], surface, supersample):
                part[:, top : top + strip.shape[1]] = strip
                top += strip.shape[1]
                if progress:
                    progress((i + len(part) * top / height) / len(styles))
        return out

    def strips(self, styles, surface, supersample=1):
        """Draws a surface from top to bottom, some rows at a time.

        Memory does not grow with the surface's height, and with its width by one row
        at most.

        Args:
            styles: As in `render`; at most `points` of them.
            surface: See `surfaces`.
            supersample: int. Points per pixel in each direction, in a lattice of
                equal cells around the pixel's position. Their colours are
                averaged in the values of the network's output, not in light.
                Defaults to `1`.

        Yields:
            float32 arrays `(batch, rows, width, channels)`.
        """
        if self.coord_dim != surface.axes:
            raise ValueError(
                f"`surface` must have {self.coord_dim} axes, as the generator. "
                f"Received: {surface.axes}"
            )
        check_positive(supersample=supersample)
        height, width = surface.height, surface.width
        points = self.points
        if not self.generator.draws_any_point:
            self._check_grid(surface, supersample)
            points = len(styles) * height * width
        tile = max(1, points // (len(styles) * supersample**2))
        columns = min(width, tile)
        rows = min(height, tile // columns)  # One, where `columns` is less.
        for top in range(0, height, rows):
            bottom = min(top + rows, height)
            tiles = [
                self._tile(
                    styles,
                    surface,
                    _positions(top, bottom, supersample),
                    _positions(left, min(left + columns, width), supersample),
                    supersample,
                )
                for left in range(0, width, columns)
            ]
            yield tiles[0] if len(tiles) == 1 else np.concatenate(tiles, 2)

    def _check_grid(self, surface, supersample):
        """Refuses all but the training grid, for generators that draw it alone."""
        side = self.generator.resolution
        if supersample == 1 and (surface.height, surface.width) == (side, side):
            [patch] = surface.patches(np.arange(side), np.arange(side))
            grid = coordinates.grid(side, side, 1, self.generator.alignment)
            if np.allclose(patch.coords, grid, atol=1e-4):
                return
        raise ValueError(
            f"`surface` must be the training frame at {side}x{side}: a convolutional "
            "generator draws no other region or size. Received: "
            f"{surface.height}x{surface.width} of {type(surface).__name__}"
        )

    def _tile(self, styles, surface, rows, columns, supersample):
        """Draws the pixels of a tile, `(batch, rows, columns, channels)`."""
        drawn = None
        for coords, share, part in surface.patches(rows, columns):
            rgb = self.synthesize_patch(styles, coords, surface.spacing, supersample)
            if drawn is None:
                drawn = rgb if share is None else rgb * share[:, None]
            else:
                drawn[:, :, part] += rgb * share[:, None]
        if supersample == 1:
            return drawn
        batch, channels = drawn.shape[0], drawn.shape[-1]
        cells = (
            batch,
            len(rows) // supersample,
            supersample,
            len(columns) // supersample,
            supersample,
            channels,
        )
        return drawn.reshape(cells).mean(axis=(2, 4))

    def synthesize_patch(self, styles, coords, spacing, supersample):
        """Evaluates the generator on a patch of points, `(rows, columns, axes)`."""
        rows, columns, dim = coords.shape
        hint = {}
        if spacing is not None:
            # Each hint makes a graph of its own. A larger spacing is right too, and
            # rounding up leaves few values in the course of a zoom.
            spacing = math.log2(spacing / supersample)
            spacing = 2.0 ** (math.ceil(spacing * 4 - 1e-6) / 4)
            hint = lattices.grid_hint(self.generator, rows, columns, spacing)
        synthesis = self._synthesis(styles.shape[1:], **hint)
        flat = coords.reshape(1, rows * columns, dim)
        rgb = synthesis(styles, tf.convert_to_tensor(flat)).numpy()
        return rgb.reshape(len(styles), rows, columns, -1)

    def _synthesis(self, style, grid=None):
        key = tuple(style), grid
        if key not in self._functions:
            self._functions[key] = graph_of_points(self.generator, style, grid=grid)
        return self._functions[key]


def graph_of_points(generator, style, batch=1, grid=None):
    """Traces a generator's `synthesis` once for any number of points.

    Args:
        generator: Model with `synthesis`.
        style: Sequence of int. Shape of one image's styles.
        batch: int or `None`. Batch size of the coordinates. Defaults to `1`.
        grid: See `lattices.grid_hint`. Defaults to `None`.
    """
    function = generator.synthesis
    if grid:
        function = functools.partial(function, grid=grid)
    return tf.function(
        function,
        input_signature=(
            tf.TensorSpec((None, *style)),
            tf.TensorSpec((batch, None, generator.coord_dim)),
        ),
        autograph=False,
    )


def _positions(start, stop, supersample):
    """Positions of points on an axis, `supersample` in each pixel."""
    points = np.arange(start * supersample, stop * supersample)
    if supersample == 1:
        return points
    return (points + 0.5) / supersample - 0.5
