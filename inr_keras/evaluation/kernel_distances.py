"""Kernel distances and the Inception score, computed block by block."""

import numpy as np

from inr_keras.evaluation import array_file
from inr_keras.evaluation import distances
from inr_keras.evaluation import resampling

_BLOCKS = 10  # Least number of blocks, so that their spread is meaningful.
_SMALLEST = 50  # Images of a block; there may then be fewer than ten blocks.
_LARGEST = 1000  # Images of a block.


def block_size(count):
    """Number of images of a block for `count` images, 50 to 1000."""
    return int(np.clip(count // _BLOCKS, _SMALLEST, _LARGEST))


def fewest(larger, size=None):
    """Fewest images of the smaller set: two in each block of the larger one."""
    return 2 * _blocks(larger, size)


def kernel_distances(real, fake, size=None, backend=distances):
    """Unbiased squared MMD of each block; their mean is the KID.

    The kernel is (x.y / D + 1)^3 (Binkowski et al. 2018, arXiv 1801.01401, section 4).
    The blocks are those of TF-GAN's function with a `max_block_size` of `size`. The
    mean may be below 0, because it is unbiased.

    Args:
        real: Array or `Rows` `(N, D)`, in random order.
        fake: Array or `Rows` `(M, D)`.
        size: int. Most images of a block. Defaults to `block_size` of the larger set.
        backend: Module with a `squared_mmd`. Defaults to `distances`.

    Returns:
        float64 array `(blocks,)`.
    """
    larger = max(len(real), len(fake))
    if min(len(real), len(fake)) < fewest(larger, size):
        raise ValueError(
            "Kernel distances must have two images in a block or more. "
            f"Received: {len(real)} and {len(fake)} in {_blocks(larger, size)} blocks"
        )
    count = _blocks(larger, size)
    parts = zip(_parts(len(real), count), _parts(len(fake), count))
    return np.array([backend.squared_mmd(real[a], fake[b]) for a, b in parts])


def _blocks(larger, size):
    return -(-larger // (size or block_size(larger)))


def _parts(total, count):
    """Slices of equal parts as TF-GAN cuts them, the last ones larger by one."""
    size, rest = divmod(total, count)
    sizes = [size] * (count - rest) + [size + 1] * rest
    ends = np.cumsum(sizes)
    return [slice(end - n, end) for n, end in zip(sizes, ends)]


def inception_scores(logits, draws, seed):
    """Inception score exp E KL(p(y|x) || p(y)), and its resampled values.

    It follows Salimans et al. 2016 (arXiv 1606.03498), section 4, over all images at
    once, and equals TF-GAN's `classifier_score_from_logits`, added up in parts.

    Args:
        logits: Array or `Rows` `(N, classes)` of the fakes.
        draws: int. Number of resampled values.
        seed: int.

    Returns:
        The score and an array `(draws,)`.
    """

    def score(weights):
        negative_entropy, marginal = 0.0, 0.0
        for start, block in array_file.blocks(logits):
            part = weights[start : start + len(block)]
            shifted = block - block.max(axis=1, keepdims=True)
            total = np.exp(shifted).sum(axis=1, keepdims=True)
            logs = shifted - np.log(total)
            shares = np.exp(logs)
            negative_entropy += part @ (shares * logs).sum(axis=1)
            marginal = marginal + part @ shares
        marginal = marginal / weights.sum()
        terms = marginal * np.log(np.maximum(marginal, 1e-300))
        return np.exp(negative_entropy / weights.sum() - terms.sum())

    value = float(score(np.ones(len(logits))))
    drawn = resampling.counts(len(logits), draws, seed)
    return value, np.array([score(weights) for weights in drawn])
