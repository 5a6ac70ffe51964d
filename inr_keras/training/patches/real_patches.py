"""Real patches: cut from images with the region and density of the fake ones."""

import tensorflow as tf

from inr_keras.config.choices import GRID_ALIGNMENTS
from inr_keras.config.choices import REDUCTIONS
from inr_keras.losses import mean_pool


def check(alignment, reduction):
    """Raises `ValueError` where `alignment` or `reduction` is unknown."""
    if alignment not in GRID_ALIGNMENTS:
        raise ValueError(
            f"`alignment` must be one of {GRID_ALIGNMENTS}. Received: {alignment=}"
        )
    if reduction not in REDUCTIONS:
        raise ValueError(
            f"`reduction` must be one of {REDUCTIONS}. Received: {reduction=}"
        )


def real_patches(
    images,
    offsets,
    patch_size,
    stride,
    alignment,
    reduction="box",
    extents=None,
    wraps=False,
):
    """Cuts a patch of the stage's density out of each full image.

    Only the region that a patch covers is cut and turned to float.

    Args:
        images: uint8 tensor `(batch, height, width, channels)`; for sounds int16
            `(batch, samples, channels)`, for solids of three sides.
        offsets: int32 tensor `(batch, axes)`: row and column on the stage's grid.
        patch_size: int. P, grid points on a side.
        stride: int. Image pixels between two grid points.
        alignment: str. `"corner"`, `"center"` or `"span"`: where a point lies in its
            pixels. `"span"` shows what `"center"` does, the image reduced to the grid.
        reduction: str. `"box"`: the mean of the `stride` x `stride` pixels that begin
            at the point's pixel; in `center` that is the point's cell, in `corner` its
            middle lies (stride - 1) / 2 pixels beside the point, as in MS-patch's code.
            `"antialias"`: a triangle filter of 2 `stride` - 1 taps (`corner`) or 2
            `stride` taps (`center`) around the point's own position, with borders
            repeated. `"nearest"`: the pixel at the point, without filter; in `center`,
            where a point of an even stride lies between pixels, the one above left.
            Defaults to `"box"`.
        extents: int32 tensor `(batch, 2)`: rows and columns of each image, which lies
            in the middle; its borders are repeated beyond them. Defaults to `None`:
            images fill their tensors.
        wraps: bool. Whether the first column follows the last one. Defaults to `False`.

    Returns:
        float32 tensor `(batch, patch_size, patch_size, channels)` in [-1, 1].

    Raises:
        ValueError: `alignment` or `reduction` is unknown.
    """
    starts = offsets * stride
    return pixel_patches(
        images, starts, patch_size, stride, alignment, reduction, extents, wraps
    )


def pixel_patches(
    images,
    starts,
    patch_size,
    stride,
    alignment,
    reduction="box",
    extents=None,
    wraps=False,
    beyond="edge",
):
    """Cuts patches as `real_patches` does, of grids that begin at any pixel.

    Args:
        images: uint8 tensor `(batch, height, width, channels)`.
        starts: int32 tensor `(batch, 2)`: row and column of the first pixel.
        patch_size, stride, alignment, reduction, extents, wraps: See `real_patches`.
        beyond: str. `"edge"` or `"mirror"`: what lies beyond the borders of images that
            fill their tensors. Defaults to `"edge"`.
    """
    check(alignment, reduction)

    def cut(starts, steps):
        return to_float(_cut(images, starts, steps, extents, wraps, beyond))

    if stride == 1:
        return cut(starts, tf.range(patch_size))
    if reduction == "box":
        return mean_pool(cut(starts, tf.range(patch_size * stride)), stride)
    samples = tf.range(patch_size) * stride
    if reduction == "nearest":
        shift = 0 if alignment == "corner" else (stride - 1) // 2
        return cut(starts + shift, samples)
    return _antialiased(cut, starts, samples, stride, alignment)


def to_float(images):
    """Converts uint8 images in [0, 255], or int16 sounds, to float32 in [-1, 1]."""
    if images.dtype == tf.int16:
        return tf.cast(images, tf.float32) / 32767.0
    return tf.cast(images, tf.float32) / 127.5 - 1.0


def _cut(images, starts, steps, extents, wraps, beyond):
    axes = len(images.shape) - 2
    for axis in range(1, axes + 1):
        low, high = 0, images.shape[axis] - 1
        if extents is not None:
            length = extents[:, axis - 1 : axis]
            low = (images.shape[axis] - length) // 2
            high = low + length - 1
        # `expand_dims` and no new axis in the slice: see `coordinates.crops`.
        index = tf.expand_dims(starts[:, axis - 1], axis=1) + steps
        if wraps and axis == axes:
            index = tf.math.floormod(index, images.shape[axis])
        elif beyond == "mirror" and extents is None:
            index = tf.math.floormod(index, 2 * images.shape[axis])
            index = tf.minimum(index, 2 * images.shape[axis] - 1 - index)
        index = tf.clip_by_value(index, low, high)
        images = tf.gather(images, index, axis=axis, batch_dims=1)
    return images


def _antialiased(cut, starts, samples, stride, alignment):
    # Distance of each tap from the sample's position, in pixels.
    position = 0.0 if alignment == "corner" else (stride - 1) / 2
    taps = [tap for tap in range(-stride, 2 * stride) if abs(tap - position) < stride]
    weights = [1.0 - abs(tap - position) / stride for tap in taps]
    weights = tf.constant(weights) / sum(weights)
    steps = tf.reshape(samples[:, None] + tf.constant(taps), [-1])
    region = cut(starts, steps)
    channels = region.shape[-1]
    size = samples.shape[0]
    region = tf.reshape(region, (-1, size, len(taps), size, len(taps), channels))
    return tf.einsum("brtcsk,t,s->brck", region, weights, weights)
