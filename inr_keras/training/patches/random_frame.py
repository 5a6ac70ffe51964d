"""A grid whose density and offset chance decides, batch by batch."""

import numpy as np
import tensorflow as tf

from inr_keras import coordinates
from inr_keras import rectangles
from inr_keras.training.patches.crop_density import CropDraw
from inr_keras.training.patches.frame import Frame
from inr_keras.training.patches.real_patches import pixel_patches


class RandomFrame(Frame):
    """A frame in which the stride of a view is the densest of several.

    Each batch is on a grid of one stride, drawn evenly from that of its view
    and all coarser ones that divide the image and still hold a patch, so
    that samples which `MinibatchStddev` compares are alike. Crops begin at any
    pixel, not at samples of a grid alone: the offset of the grid is random by
    whole pixels. Smaller shares of a pixel are not drawn, as real images
    are not known between their pixels. Real patches are reduced as those of a
    stage, from the pixels that begin there: with `box` in `center`, the exact
    mean of each sample's cell.

    Offsets have three columns here: row and column of the first pixel, and
    the stride.
    """

    def strides(self, densest):
        """The strides that may be drawn, the densest first."""
        coarsest = self.resolution // self.patch_size
        return [
            stride
            for stride in range(densest, coarsest + 1)
            if self.resolution % stride == 0
        ]

    def hint(self, generator, size, stride):
        """What `synthesis` is told of patches of any stride drawn."""
        return super().hint(generator, size, self.strides(stride)[-1])

    def offsets(self, uniform, views, shared, extents=None):
        """Random crops: int32 `(batch, 3)`.

        Args:
            uniform: Tensor `(batch, 2)` of numbers in [0, 1).
            views: List of one `View`.
            shared: Tensor `()` in [0, 1), the same for the whole batch.
            extents: Of the images, or `None`: they are square.
        """
        strides = self.strides(_only(views).stride)
        starts = tf.stack([self._starts(uniform, s, extents) for s in strides])
        index = tf.cast(shared * len(strides), tf.int32)
        index = tf.minimum(index, len(strides) - 1)
        stride = tf.fill((uniform.shape[0], 1), tf.gather(strides, index))
        return tf.concat([tf.gather(starts, index), stride], axis=-1)

    def _starts(self, uniform, stride, extents):
        extent = self.patch_size * stride
        if self.density is not None:
            return CropDraw(self.density, extent, 1)(uniform)
        side = self.resolution
        if extents is not None:
            return rectangles.random_offsets(uniform, extents, side, extent)
        return coordinates.random_offsets(uniform, side, side, extent)

    def patch_coords(self, offsets, views):
        """Points of a batch's patches: `(batch, P ** 2, 2)`."""
        side = self.resolution
        return coordinates.pixel_patch(
            offsets[:, :2],
            offsets[:, 2],
            self.patch_size,
            side,
            side,
            self.alignment,
        )

    def real_patches(self, images, offsets, views, extents=None):
        """What full uint8 images show there: `(batch, P, P, channels)`."""
        strides = self.strides(_only(views).stride)

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

        index = _count_below(offsets[0, 2], strides)
        patches = tf.switch_case(index, [lambda s=s: cut(s) for s in strides])
        return self._letterboxed(patches, offsets, views, extents)

    def scales(self, offsets, views):
        """Binary logarithm of each sample's stride: `(batch, 1, 1, 1)`."""
        strides = tf.cast(offsets[:, 2], tf.float32)
        return tf.reshape(tf.math.log(strides) / np.log(2.0), (-1, 1, 1, 1))


def _count_below(stride, strides):
    return tf.reduce_sum(tf.cast(tf.constant(strides) < stride, tf.int32))


def _only(views):
    (view,) = views
    return view
