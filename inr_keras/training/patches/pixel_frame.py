"""Training frame whose grids begin at any pixel, with a fixed or a random density."""

import functools

import numpy as np
import tensorflow as tf

from inr_keras import coordinates
from inr_keras import rectangles
from inr_keras.training.patches.crop_density import CropDraw
from inr_keras.training.patches.frame import Frame
from inr_keras.training.patches.real_patches import pixel_patches


class PixelFrame(Frame):
    """Frame whose crops begin at any pixel, so that a grid has a random offset.

    If all grids of a coarse stage begin at the same pixel, the generator is trained
    only at the points of this grid, and its output between them is left to chance. Here
    every pixel is a sample of some crop in every stage. Crops do not begin between
    pixels, where real images are not known. If real images are smaller
    (`stored_levels`), crops begin on any of their pixels, and the points between these
    stay untrained until a later stage. Real patches are reduced as in any stage
    (`"box"` in `"center"` gives the exact mean of each point's cell).

    Samples lie in the frame, or up to `crops.margin` pixels beyond it: the margin is
    then trained as well, and extrapolation does not begin with artefacts.
    `crops.beyond` decides the content of real images beyond their border.

    With `random_stride`, the stride of each batch is drawn with equal probabilities
    from the stage's stride and all coarser strides that divide the image and leave room
    for a patch. The whole batch has one stride, so that the samples that
    `MinibatchStddev` compares are alike.

    No sample replays an earlier grid. Offsets have three columns here: row and column
    of the first pixel, and the stride.

    Args:
        *args, **kwargs: See `Frame`.
        random_stride: bool. Defaults to `False`.
    """

    def __init__(self, *args, random_stride=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.random_stride = random_stride

    @property
    def drawn_strides(self):
        """Strides that may be drawn, the densest first."""
        if not self.random_stride:
            return [self.stride]
        coarsest = self.resolution // self.patch_size
        return [
            stride
            for stride in range(self.stride, coarsest + 1)
            if self.resolution % stride == 0
        ]

    def offsets(self, draws):
        """Draws a random crop for each sample, and one stride for all.

        Args:
            draws: Draws. Its `crops`, `grid`, and `extents` where images have them.

        Returns:
            int32 `(batch, 3)`: row and column of the first pixel, and the stride.
        """
        strides = self.drawn_strides
        draws = draws._replace(crops=self._shared(draws.crops))
        starts = tf.stack([self._starts(draws, stride) for stride in strides])
        index = tf.cast(draws.grid[0] * len(strides), tf.int32)
        index = tf.minimum(index, len(strides) - 1)
        stride = tf.fill((draws.crops.shape[0], 1), tf.gather(strides, index))
        return tf.concat([tf.gather(starts, index), stride], axis=-1)

    def _starts(self, draws, stride):
        extent, side = self.patch_size * stride, self.resolution
        step = self.level
        # Cells reach beyond the image as far as their samples lie in the frame.
        half = stride // 2
        before, beyond = {
            "corner": (0, stride - 1),
            "center": (half, half),
            "span": (0, 0),
        }[self.alignment]
        if draws.extents is not None:
            return rectangles.random_offsets(
                draws.crops,
                draws.extents,
                side,
                extent,
                step=step,
                reach=(before, beyond),
            )
        lead = (before + self.crops.margin) // step * step
        trail = beyond + self.crops.margin
        if self.density is not None:
            density = np.pad(self.density, (lead, trail))
            return CropDraw(density, extent, step)(draws.crops) * step - lead
        sides = (lead + side + trail,) * 2
        return coordinates.random_offsets(draws.crops, sides, extent, step) - lead

    def coords(self, offsets):
        return self._pixel_patch(offsets, offsets[:, 2], self.patch_size)

    def _pixel_patch(self, offsets, strides, size):
        side = self.resolution
        return coordinates.pixel_patch(
            offsets[:, :2], strides, size, side, side, self.alignment
        )

    def previous_coords(self, offsets):
        stride = self.strides[-2]
        size = self.patch_size * self.stride // stride
        strides = tf.fill(offsets.shape[:1], stride)
        return self._pixel_patch(offsets, strides, size), size

    def _coarsest(self, batch):
        return self.drawn_strides[-1]

    def real_patches(self, images, offsets, extents=None):
        strides = self.drawn_strides
        pixel = self._pixel(images)

        def cut(stride):
            return pixel_patches(
                images,
                offsets[:, :2] // pixel,
                self.patch_size,
                stride // pixel,
                self.alignment,
                self.reduction,
                extents,
                beyond=self.crops.beyond,
            )

        index = tf.reduce_sum(tf.cast(tf.constant(strides) < offsets[0, 2], tf.int32))
        patches = tf.switch_case(index, [lambda s=s: cut(s) for s in strides])
        return self._letterboxed(patches, offsets, extents)

    def log_strides(self, offsets):
        strides = tf.cast(offsets[:, 2], tf.float32)
        return tf.reshape(tf.math.log(strides) / np.log(2.0), (-1, 1, 1, 1))


def frame_class(crops, random_stride):
    """Returns the class of a stage's frame.

    Args:
        crops: Crops.
        random_stride: bool. Whether the stage draws each batch's stride.

    Raises:
        ValueError: The crops have a margin and do not start on any pixel.
    """
    if crops.margin and crops.starts != "pixel":
        raise ValueError(
            "`crops.margin` must be 0 where `crops.starts` is not pixel. "
            f"Received: {crops}"
        )
    if random_stride or crops.starts == "pixel":
        return functools.partial(PixelFrame, random_stride=random_stride)
    return Frame
