"""Training frame of a stage: its crops, and real and fake patches of them."""

import typing

import numpy as np
import tensorflow as tf

from inr_keras import coordinates
from inr_keras import rectangles
from inr_keras.config import Crops
from inr_keras.config import bounds
from inr_keras.config.rules import stddev_groups
from inr_keras.models import lattices
from inr_keras.training.patches import real_patches
from inr_keras.training.patches.crop_density import CropDraw

GROUND = 1.0  # White, around an image that does not fill the frame.


class Grid(typing.NamedTuple):
    """Grid of one density, and the samples of a batch that lie on it."""

    stride: int  # Image pixels between two grid points.
    crop_step: int  # Crops start at multiples of so many grid points.
    members: tuple[int, ...]  # Indices of the samples in the batch.


class Frame:
    """Turns random numbers into crops, and crops into points and patches.

    A frame is built for one stage. All samples lie on the stage's grid (`strides[-1]`),
    except samples that replay an earlier stage's grid. If images have `extents`, int32
    `(batch, 2)` of rows and columns (see `rectangles`), crops lie inside the images'
    rectangles if they fit; real and fake patches are white outside of the rectangles.

    Args:
        resolution: int. Side of the full images, in pixels.
        patch_size: int. P, grid points on a side of a patch.
        alignment: str. `"corner"`, `"center"` or `"span"`, see `coordinates`. Defaults
            to `"corner"`.
        strides: Sequence of int. Image pixels between two grid points in each of the
            stages so far, the present one last. Defaults to `(1,)`: one stage of full
            density.
        reduction: str. See `real_patches`. Defaults to `"box"`.
        density: Array `(resolution, resolution)` of the density of crops, see
            `crop_density.CropDraw`. Defaults to `None`: all crops are equally likely.
        replay_every: int. Every `replay_every`-th group of samples that
            `MinibatchStddev` compares lies on the grid of an earlier stage: the first
            such group on that of the first stage, and so on. If there are fewer groups
            than stages, later stages are not replayed. Defaults to `0`: no replay.
        crops: Crops. Its `starts`, `"aligned"`: crops start on points of the previous
            stage's grid, so that patch regularization compares equal regions. `"grid"`:
            on any point of their own grid; the region that is compared is rounded down
            to the previous grid, as in the authors' code. With `shared`, samples that
            `MinibatchStddev` compares have the same place. Defaults to `Crops()`.
        stddev_group: int. Group size of the discriminator's `MinibatchStddev`. Defaults
            to `1`: it compares no samples.
        axes: int. Axes of the images: 1 for sounds, 3 for solids; shapes below are
            those of 2. Defaults to `2`.
        wraps: bool. Whether columns are a circle, as in a panorama: crops then begin at
            any column, also those of the whole image, so that no column is at a border
            more often than others. Defaults to `False`.
        level: int. Pixels of the full image in one of the smaller real images, see
            `stage_levels.stride`. Defaults to `1`: real images are full ones.

    Raises:
        ValueError: `patch_size` does not divide `resolution`.

    References:
        - [Lee et al., 2022](https://arxiv.org/abs/2207.01395), section 3.1. Replay is
          not in the paper.
    """

    def __init__(
        self,
        resolution,
        patch_size,
        alignment="corner",
        strides=(1,),
        reduction="box",
        density=None,
        replay_every=0,
        crops=None,
        stddev_group=1,
        axes=2,
        wraps=False,
        level=1,
    ):
        if patch_size > resolution or resolution % patch_size:
            raise ValueError(
                "`patch_size` must divide `resolution`. "
                f"Received: {resolution=}, {patch_size=}"
            )
        real_patches.check(alignment, reduction)
        self.resolution = resolution
        self.patch_size = patch_size
        self.alignment = alignment
        self.strides = tuple(strides)
        self.reduction = reduction
        self.density = density
        self.replay_every = replay_every
        self.crops = crops or Crops()
        bounds.check(self.crops, "crops")
        self.stddev_group = stddev_group
        self.axes = axes
        self.wraps = wraps
        self.level = level

    @property
    def stride(self):
        """Image pixels between two points of the stage's grid."""
        return self.strides[-1]

    def at_full_density(self):
        """Builds the frame whose crops lie on the full grid alone."""
        return self._on_grid(1, density=self.density)

    def _on_grid(self, stride, density=None):
        """Builds the frame of one grid alone, of the same images."""
        return type(self)(
            self.resolution,
            self.patch_size,
            self.alignment,
            (stride,),
            self.reduction,
            density,
            crops=self.crops,
            stddev_group=self.stddev_group,
            axes=self.axes,
            wraps=self.wraps,
        )

    def surroundings(self, offsets):
        """Returns the frame of the stage before, and crops of it around given crops.

        The returned crops have equally many points and thus cover a larger region. Next
        to the border they are moved to lie within the image.

        Args:
            offsets: Tensor from `offsets`, of crops of the stage's own grid.
        """
        before = self.strides[-2]
        coarse = self._on_grid(before)
        offsets, size = coordinates.previous_region(
            offsets, self.patch_size, self.stride, before
        )
        last = self.resolution // before - self.patch_size
        lead = (self.patch_size - size) // 2
        return coarse, tf.clip_by_value(offsets - lead, 0, last)

    def grids(self, batch):
        """Divides a batch between the stage's grid and earlier ones.

        Args:
            batch: int. Samples of a replica or of a micro-batch.

        Returns:
            List of `Grid`, the stage's own first.

        Raises:
            ValueError: `replay_every` does not divide the number of groups, or is 1.
        """
        present = len(self.strides) - 1
        stages = np.full(batch, present)
        every = self.replay_every
        if every and present:
            groups = stddev_groups(batch, self.stddev_group)
            if groups % every or every < 2:
                raise ValueError(
                    "`replay_every` must be 2 or more and divide the number of groups "
                    "of a replica's or micro-batch's samples. "
                    f"Received: replay_every={every}, {groups=}"
                )
            # Sample n belongs to group n mod `groups`.
            replayed = np.arange(every - 1, batch, every)
            stages[replayed] = replayed % groups // every % present
        grids = []
        for stage in reversed(range(len(self.strides))):
            members = tuple(int(i) for i in np.flatnonzero(stages == stage))
            if members:
                grids.append(Grid(self.strides[stage], self._crop_step(stage), members))
        return grids

    def _crop_step(self, stage):
        if self.crops.starts == "grid" or not stage:
            return 1
        return max(self.strides[stage - 1] // self.strides[stage], 1)

    def on_own_grid(self, values):
        """Selects the samples of a batch that lie on the stage's own grid."""
        return _select(values, self.grids(values.shape[0]), 0)

    def _by_grid(self, function, *values):
        """Applies a function grid by grid and returns results in the batch's order.

        Args:
            function: Function of a `Grid` and of its samples' part of each of `values`.
            *values: Tensors `(batch, ...)` or `None`.
        """
        grids = self.grids(values[0].shape[0])
        parts = [
            function(grid, *(_select(v, grids, i) for v in values))
            for i, grid in enumerate(grids)
        ]
        if len(grids) == 1:
            return parts[0]
        order = np.argsort(np.concatenate([grid.members for grid in grids]))
        return tf.gather(tf.concat(parts, axis=0), order)

    def offsets(self, draws):
        """Draws a random crop for each sample.

        Args:
            draws: Draws. Its `crops`, and the `extents` where images have them.

        Returns:
            int32 `(batch, 2)`: row and column of each crop's first point on its grid.
        """
        uniform = self._shared(draws.crops)
        return self._by_grid(self._random_crops, uniform, draws.extents)

    def _shared(self, uniform):
        """Gives the samples of a group the random place of its first."""
        if not self.crops.shared:
            return uniform
        batch = uniform.shape[0]
        # Sample n belongs to group n mod `groups`.
        groups = stddev_groups(batch, self.stddev_group)
        return tf.gather(uniform, np.arange(batch) % groups)

    def _random_crops(self, grid, uniform, extents):
        size, step = self.patch_size, grid.crop_step
        if extents is not None:
            return rectangles.random_offsets(
                uniform,
                extents,
                self.resolution,
                size,
                grid.stride,
                self.alignment,
                step,
            )
        if self.density is not None:
            extent, spacing = size * grid.stride, step * grid.stride
            return CropDraw(self.density, extent, spacing)(uniform) * step
        sides = (self.resolution // grid.stride,) * self.axes
        return coordinates.random_offsets(uniform, sides, size, step, self.wraps)

    def points(self, offsets, size, stride):
        """Computes coordinates of crops of one grid: `(batch or 1, size ** 2, 2)`."""
        if size * stride == self.resolution and not self.wraps:
            offsets = offsets[:1]  # The whole grid: the same for all images.
        sides = (self.resolution,) * self.axes
        return coordinates.crops(offsets, size, sides, stride, self.alignment)

    def previous_coords(self, offsets):
        """Computes points of the previous grid in the regions of crops of this grid.

        Returns:
            Coordinates `(batch or 1, size ** 2, 2)`, and the size of a region.
        """
        stride = self.strides[-2]
        offsets, size = coordinates.previous_region(
            offsets, self.patch_size, self.stride, stride
        )
        return self.points(offsets, size, stride), size

    def whole(self):
        """Computes the coordinates of a full image, `(1, resolution ** 2, 2)`."""
        return self.points(tf.zeros((1, self.axes), tf.int32), self.resolution, 1)

    def as_patches(self, values, size):
        """Gives values of the points of crops the shape of patches."""
        return tf.reshape(values, (-1, *(size,) * self.axes, values.shape[-1]))

    def coords(self, offsets):
        """Computes coordinates of a batch's patches: `(batch or 1, P ** 2, 2)`."""
        is_mixed = len(self.grids(offsets.shape[0])) > 1

        def points(grid, offsets):
            coords = self.points(offsets, self.patch_size, grid.stride)
            if is_mixed:
                shape = (len(grid.members), *coords.shape[1:])
                coords = tf.broadcast_to(coords, shape)
            return coords

        return self._by_grid(points, offsets)

    def grid_hint(self, generator, size, stride):
        """Makes keyword arguments that tell `synthesis` that its points are a patch."""
        cells = {
            "center": self.resolution,
            "corner": self.resolution - 1,
            "span": self.resolution - stride,
        }[self.alignment]
        return lattices.grid_hint(generator, size, size, 2.0 * stride / cells)

    def _coarsest(self, batch):
        return max(grid.stride for grid in self.grids(batch))

    def inside(self, offsets, extents):
        """Tells which points of patches lie on an image: bool `(batch, P, P, 1)`."""
        inside = rectangles.within(
            self.coords(offsets), extents, self.resolution, self.alignment
        )
        return tf.reshape(inside, (-1, self.patch_size, self.patch_size, 1))

    def _letterboxed(self, patches, offsets, extents):
        if extents is None:
            return patches
        inside = self.inside(offsets, extents)
        return tf.where(inside, patches, tf.constant(GROUND, patches.dtype))

    def fake_patches(self, generator, styles, offsets, noise=None, extents=None):
        """Renders crops in training mode: `(batch, P, P, channels)`.

        Args:
            generator: Model with `synthesis`.
            styles: Tensor `(batch, layers, style_dim)`.
            offsets: Tensor from `offsets`.
            noise: List of a tensor `(batch, points, 1)` for each layer, or `None`.
            extents: Rows and columns of the images, or `None`: they are square.
        """
        size = self.patch_size
        hint = self.grid_hint(generator, size, self._coarsest(offsets.shape[0]))
        coords = self.coords(offsets)
        rgb = generator.synthesis(styles, coords, noise, training=True, **hint)
        patches = self.as_patches(rgb, size)
        return self._letterboxed(patches, offsets, extents)

    def real_patches(self, images, offsets, extents=None):
        """Cuts crops out of images: `(batch, P, P, channels)`.

        Args:
            images: uint8 tensor `(batch, H, H, channels)`. Full images, or those of the
                frame's `level`.
            offsets: Tensor from `offsets`.
            extents: Rows and columns of full images, or `None`: they are square.
        """
        pixel = self._pixel(images)

        def cut(grid, images, offsets, extents):
            return real_patches.real_patches(
                images,
                offsets,
                self.patch_size,
                grid.stride // pixel,
                self.alignment,
                self.reduction,
                extents,
                self.wraps,
            )

        patches = self._by_grid(cut, images, offsets, extents)
        return self._letterboxed(patches, offsets, extents)

    def _pixel(self, images):
        """Returns the side of a pixel of images, in pixels of the full image."""
        return self.resolution // images.shape[1]

    def log_strides(self, offsets):
        """Computes the binary logarithm of samples' strides: `(batch, 1, 1, 1)`."""

        def fill(grid, offsets):
            shape = (len(grid.members), *(1,) * (self.axes + 1))
            return tf.fill(shape, float(np.log2(grid.stride)))

        return self._by_grid(fill, offsets)

    def place(self, offsets):
        """Describes where patches lie, for a discriminator with `position`.

        Returns:
            float32 `(batch or 1, P, P, 3)`: x and y of each point, and the binary
            logarithm of the stride.
        """
        xy = self.as_patches(self.coords(offsets), self.patch_size)
        scale = self.log_strides(offsets)[: xy.shape[0]]
        scale = tf.broadcast_to(scale, (*xy.shape[:-1], 1))
        return tf.concat([xy, scale], axis=-1)


def _select(values, grids, index):
    if values is None or len(grids) == 1:
        return values
    return tf.gather(values, grids[index].members)
