"""Training frame whose grid has a random density and offset, batch by batch."""

import numpy as np
import tensorflow as tf

from inr_keras import coordinates
from inr_keras import rectangles
from inr_keras.training.patches.crop_density import CropDraw
from inr_keras.training.patches.frame import Frame
from inr_keras.training.patches.real_patches import pixel_patches


class RandomFrame(Frame):
    """Frame that draws the stride of each batch; the stage's is the densest.

    The stride is drawn evenly from the stage's and all coarser ones that divide the
    image and leave room for a patch. It is one for the whole batch, so that samples
    which `MinibatchStddev` compares are alike. Crops begin at any pixel, as if the
    grid's offset were random too, but not between pixels, where real images are not
    known. Real patches are reduced as those of any stage (`"box"` in `"center"` gives
    the exact mean of each point's cell). No sample replays an earlier grid.

    Offsets have three columns here: row and column of the first pixel, and the stride.

    Args:
        *args, **kwargs: See `Frame`.
    """

    @property
    def random_strides(self):
        """Strides that may be drawn, the densest first."""
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
        strides = self.random_strides
        starts = tf.stack([self._starts(draws, stride) for stride in strides])
        index = tf.cast(draws.grid[0] * len(strides), tf.int32)
        index = tf.minimum(index, len(strides) - 1)
        stride = tf.fill((draws.crops.shape[0], 1), tf.gather(strides, index))
        return tf.concat([tf.gather(starts, index), stride], axis=-1)

    def _starts(self, draws, stride):
        extent, side = self.patch_size * stride, self.resolution
        if self.density is not None:
            return CropDraw(self.density, extent, 1)(draws.crops)
        if draws.extents is not None:
            return rectangles.random_offsets(draws.crops, draws.extents, side, extent)
        return coordinates.random_offsets(draws.crops, (side, side), extent)

    def coords(self, offsets):
        side = self.resolution
        return coordinates.pixel_patch(
            offsets[:, :2], offsets[:, 2], self.patch_size, side, side, self.alignment
        )

    def _coarsest(self, batch):
        return self.random_strides[-1]

    def real_patches(self, images, offsets, extents=None):
        strides = self.random_strides

        def cut(stride):
            return pixel_patches(
                images,
                offsets[:, :2],
                self.patch_size,
                stride,
                self.alignment,
                self.reduction,
                extents,
            )

        index = tf.reduce_sum(tf.cast(tf.constant(strides) < offsets[0, 2], tf.int32))
        patches = tf.switch_case(index, [lambda s=s: cut(s) for s in strides])
        return self._letterboxed(patches, offsets, extents)

    def log_strides(self, offsets):
        strides = tf.cast(offsets[:, 2], tf.float32)
        return tf.reshape(tf.math.log(strides) / np.log(2.0), (-1, 1, 1, 1))
