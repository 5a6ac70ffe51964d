"""Where the samples of a batch look: each on a crop of a stage's grid."""

import typing

import numpy as np
import tensorflow as tf

from inr_keras import coordinates
from inr_keras import rectangles
from inr_keras.models import lattices
from inr_keras.training.patches.crop_density import CropDraw
from inr_keras.training.patches.real_patches import real_patches


class View(typing.NamedTuple):
    """The samples of a batch that look at one grid."""

    stride: int  # Of the grid, in image pixels.
    crop_step: int  # Crops start at its multiples, in grid samples.
    rows: tuple[int, ...]  # Places in the batch.


def plan(strides, batch, replay_every=0, aligned_crops=True):
    """Shares a batch out between the present grid and earlier ones.

    Args:
        strides: Sequence of int. Of the stages so far, the present one last.
        batch: int. Samples.
        replay_every: int. Every `replay_every`-th sample looks at the grid of
            an earlier stage, at each of them in turn; 0: none does. The
            samples that `MinibatchStddev` compares are then on one grid where
            the number of its groups is a multiple of `replay_every`.
        aligned_crops: bool. Start crops on samples of the grid before.

    Returns:
        List of `View`, the present grid's first.

    Raises:
        ValueError: `replay_every` does not divide `batch`, or is 1.
    """
    *earlier, present = strides
    owners = np.full(batch, len(earlier))
    if replay_every and earlier:
        if batch % replay_every or replay_every < 2:
            raise ValueError(
                "`replay_every` must be 2 or more and divide the batch of a "
                f"replica or micro-batch. Received: {replay_every=}, {batch=}"
            )
        replayed = np.arange(replay_every - 1, batch, replay_every)
        owners[replayed] = np.arange(len(replayed)) % len(earlier)
    views = []
    for index in reversed(range(len(strides))):
        rows = tuple(int(row) for row in np.flatnonzero(owners == index))
        if rows:
            step = 1
            if aligned_crops and index:
                step = max(strides[index - 1] // strides[index], 1)
            views.append(View(strides[index], step, rows))
    return views


def stitch(parts, views):
    """Puts what was computed view by view into the order of the batch."""
    if len(views) == 1:
        return parts[0]
    order = np.argsort(np.concatenate([view.rows for view in views]))
    return tf.gather(tf.concat(parts, axis=0), order)


def select(values, views, index=0):
    """Rows of `values` that belong to one view."""
    return values if len(views) == 1 else tf.gather(values, views[index].rows)


GROUND = 1.0  # White: what lies in the frame beside an image's rectangle.


class Frame:
    """The training frame: turns views and crops into points and patches.

    Where images have `extents`, int32 `(batch, 2)` of rows and columns (see
    `rectangles`), crops lie in their rectangles as far as a patch fits in,
    and what a patch shows beside one is white in real and fake patches alike.

    Args:
        resolution: int. Side of the full images.
        patch_size: int. P, samples on a side.
        alignment: str. `"corner"` or `"center"`.
        reduction: str. See `real_patches`.
        density: Array `(resolution, resolution)` of how often crops look
            where, see `density.CropDraw`; `None`: everywhere alike.
    """

    def __init__(
        self, resolution, patch_size, alignment, reduction="box", density=None
    ):
        if patch_size > resolution or resolution % patch_size:
            raise ValueError(
                "`patch_size` must divide `resolution`. "
                f"Received: {resolution=}, {patch_size=}"
            )
        self.resolution = resolution
        self.patch_size = patch_size
        self.alignment = alignment
        self.reduction = reduction
        self.density = density

    def offsets(self, uniform, views, shared=None, extents=None):
        """Random crops: int32 `(batch, 2)`, row and column on each one's grid.

        Args:
            uniform: Tensor `(batch, 2)` of numbers in [0, 1).
            views: List of `View`.
            shared: Not needed here, see `RandomFrame`.
            extents: Of the images, or `None`: they are square.
        """
        parts = []
        for i, view in enumerate(views):
            mine = None if extents is None else select(extents, views, i)
            parts.append(self._crops(select(uniform, views, i), view, mine))
        return stitch(parts, views)

    def _crops(self, uniform, view, extents):
        size, step = self.patch_size, view.crop_step
        if extents is not None:
            return rectangles.random_offsets(
                uniform,
                extents,
                self.resolution,
                size,
                view.stride,
                self.alignment,
                step,
            )
        if self.density is not None:
            extent, spacing = size * view.stride, step * view.stride
            return CropDraw(self.density, extent, spacing)(uniform) * step
        grid = self.resolution // view.stride
        return coordinates.random_offsets(uniform, grid, grid, size, step)

    def coords(self, offsets, size, stride):
        """Points of crops of one grid: `(batch or 1, size ** 2, 2)`."""
        if size * stride == self.resolution:
            offsets = offsets[:1]  # The whole grid: the same for all images.
        side = self.resolution
        return coordinates.patch(offsets, size, side, side, stride, self.alignment)

    def hint(self, generator, size, stride):
        """What `synthesis` is told of patches of at most this stride."""
        cells = self.resolution - (self.alignment == "corner")
        return lattices.hint(generator, size, size, 2.0 * stride / cells)

    def patch_coords(self, offsets, views):
        """Points of a batch's patches: `(batch or 1, P ** 2, 2)`."""
        parts = []
        for i, view in enumerate(views):
            mine = select(offsets, views, i)
            coords = self.coords(mine, self.patch_size, view.stride)
            if len(views) > 1:
                shape = (len(view.rows), *coords.shape[1:])
                coords = tf.broadcast_to(coords, shape)
            parts.append(coords)
        return stitch(parts, views)

    def within(self, offsets, views, extents):
        """Where patches show the images: bool `(batch, P, P, 1)`."""
        size = self.patch_size
        inside = rectangles.within(
            self.patch_coords(offsets, views),
            extents,
            self.resolution,
            self.alignment,
        )
        return tf.reshape(inside, (-1, size, size, 1))

    def _letterboxed(self, patches, offsets, views, extents):
        if extents is None:
            return patches
        inside = self.within(offsets, views, extents)
        return tf.where(inside, patches, tf.constant(GROUND, patches.dtype))

    def fake_patches(self, generator, styles, offsets, views, noise=None, extents=None):
        """What a generator in training shows there: `(batch, P, P, channels)`.

        Args:
            generator: Model with `synthesis`.
            styles: Tensor `(batch, layers, style_dim)`.
            offsets: From `offsets`.
            views: List of `View`.
            noise: List of a tensor `(batch, points, 1)` for each layer.
            extents: Of the images, or `None`: they are square.
        """
        size = self.patch_size
        hint = self.hint(generator, size, max(v.stride for v in views))
        coords = self.patch_coords(offsets, views)
        rgb = generator.synthesis(styles, coords, noise, training=True, **hint)
        patches = tf.reshape(rgb, (-1, size, size, rgb.shape[-1]))
        return self._letterboxed(patches, offsets, views, extents)

    def real_patches(self, images, offsets, views, extents=None):
        """What full uint8 images show there: `(batch, P, P, channels)`."""
        parts = [
            real_patches(
                select(images, views, i),
                select(offsets, views, i),
                self.patch_size,
                view.stride,
                self.alignment,
                self.reduction,
                None if extents is None else select(extents, views, i),
            )
            for i, view in enumerate(views)
        ]
        patches = stitch(parts, views)
        return self._letterboxed(patches, offsets, views, extents)

    def scales(self, offsets, views):
        """Binary logarithm of each sample's stride: `(batch, 1, 1, 1)`."""
        parts = [
            tf.fill((len(v.rows), 1, 1, 1), float(np.log2(v.stride))) for v in views
        ]
        return stitch(parts, views)

    def place(self, coords, offsets, views):
        """Where each sample of a patch lies, for a discriminator that is told.

        Returns:
            float32 `(batch or 1, P, P, 3)`: x, y and the binary logarithm of
            the distance between neighbours, in image pixels.
        """
        size = self.patch_size
        xy = tf.reshape(coords, (-1, size, size, 2))
        scale = self.scales(offsets, views)[: xy.shape[0]]
        scale = tf.broadcast_to(scale, (*xy.shape[:3], 1))
        return tf.concat([xy, scale], axis=-1)
