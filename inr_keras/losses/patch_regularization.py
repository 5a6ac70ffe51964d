"""Patch regularization of MS-patch (Lee et al. 2022, arXiv 2207.01395)."""

from keras import ops

from inr_keras.config.choices import PATCH_LOSSES
from inr_keras.whole_numbers import check_positive

_LEAST = 1e-6  # Smaller than any weight but zero; avoids division by zero.


def mean_pool(images, factor):
    """Means of non-overlapping blocks of `factor` samples on each axis.

    Args:
        images: Tensor `(batch, *sides, channels)`, of two sides for images.
        factor: int that divides the sides.

    Returns:
        Tensor `(batch, *sides / factor, channels)`.

    Raises:
        ValueError: `factor` does not divide a side.

    Example:
        >>> images = np.arange(16.0).reshape(1, 4, 4, 1)
        >>> mean_pool(images, 2).numpy().reshape(2, 2)
        array([[ 2.5,  4.5],
               [10.5, 12.5]])
    """
    if factor == 1:
        return images
    _, *sides, channels = images.shape
    if any(side % factor for side in sides):
        raise ValueError(
            "`factor` must divide the sides. "
            f"Received: {factor=}, shape={tuple(images.shape)}"
        )
    if len(sides) > 2:  # TensorFlow broadcasts no gradient of so many axes.
        for axis, side in enumerate(sides, 1):
            before, after = images.shape[1:axis], images.shape[axis + 1 :]
            blocks = (-1, *before, side // factor, factor, *after)
            images = ops.mean(ops.reshape(images, blocks), axis=axis + 1)
        return images
    blocks = [number for side in sides for number in (side // factor, factor)]
    x = ops.reshape(images, (-1, *blocks, channels))
    return ops.mean(x, axis=tuple(range(2, len(blocks) + 1, 2)))


def patch_regularization(patches, coarse, kind="mse", pool=1, margin=0.0, mask=None):
    """Distance of reduced patches from the previous stage's images of the same regions.

    Args:
        patches: Tensor `(batch, P, P, channels)`, I_i of equation 4; sounds have one
            side, solids three.
        coarse: Tensor `(batch, P / m, P / m, channels)`, I_{i-1} on the same region at
            the previous grid's density.
        kind: str. `"mse"`: the mean of squares, as in the authors' code; `"l2"`: the L2
            norm of equation 4, the root of the sum of squares of each sample.
        pool: int. Compare means of `pool` x `pool` coarse samples instead, so that only
            lower frequencies are constrained. Defaults to `1`, the paper's.
        margin: float. Absolute differences up to the margin cost nothing, larger ones
            are reduced by it. Defaults to `0`, the paper's.
        mask: bool tensor `(batch, P, P, 1)`, true for samples that count. A coarse
            sample counts if all of its samples do. The mean of squares is taken over
            the coarse samples that count in each image. Defaults to `None`: all
            samples count, as in the paper.

    Returns:
        float32 scalar, the mean over the batch.

    Raises:
        ValueError: `kind` is unknown, the sides of `patches` are not those of `coarse`
            times one whole factor, these are not multiples of `pool`, `margin` is
            negative, or the numbers of images or channels differ.

    Example:
        >>> patches, coarse = np.zeros((2, 8, 8, 3)), np.full((2, 4, 4, 3), 0.5)
        >>> float(patch_regularization(patches, coarse))
        0.25
        >>> float(patch_regularization(patches, coarse, margin=0.5))
        0.0
    """
    if kind not in PATCH_LOSSES:
        raise ValueError(f"`kind` must be one of {PATCH_LOSSES}. Received: {kind=}")
    check_positive(pool=pool)
    if not margin >= 0.0:
        raise ValueError(f"`margin` must be zero or more. Received: {margin=}")
    factor = max(patches.shape[1] // coarse.shape[1], 1)
    batch, *sides, channels = coarse.shape
    if (batch, *(side * factor for side in sides), channels) != tuple(patches.shape):
        raise ValueError(
            "`coarse` must be as large as `patches` or smaller by a whole factor, with "
            f"as many images and channels. Received: {tuple(patches.shape)} and "
            f"{tuple(coarse.shape)}"
        )
    if coarse.shape[1] % pool:
        raise ValueError(
            "`pool` must divide the side of `coarse`. "
            f"Received: {pool=}, shape={tuple(coarse.shape)}"
        )
    difference = ops.cast(mean_pool(patches, factor), "float32")
    difference = difference - ops.cast(coarse, "float32")
    if mask is not None:
        # The mean of a block is 1 only where the whole block counts.
        counts = ops.floor(mean_pool(ops.cast(mask, "float32"), factor))
        weight = mean_pool(counts, pool)
        difference = difference * counts
    difference = mean_pool(difference, pool)
    inner = tuple(range(1, len(difference.shape)))  # All axes but the batch.
    if mask is not None:
        difference = difference / ops.maximum(weight, _LEAST)
    if margin:
        difference = ops.relu(ops.abs(difference) - margin)
    squares = ops.square(difference)
    if mask is not None:
        squares = squares * weight
    if kind == "mse" and mask is not None:
        count = ops.sum(weight, axis=inner) * squares.shape[-1]
        total = ops.sum(squares, axis=inner)
        return ops.mean(total / ops.maximum(count, _LEAST))
    if kind == "mse":
        return ops.mean(squares)
    # The root has no gradient at zero: a patch that equals its coarse image
    # must get none, not NaN.
    total = ops.sum(squares, axis=inner)
    positive = total > 0
    root = ops.sqrt(ops.where(positive, total, 1.0))
    return ops.mean(ops.where(positive, root, 0.0))
