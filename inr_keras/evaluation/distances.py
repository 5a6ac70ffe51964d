"""Distances between two sets, the numerical core of FD, KID and SWD.

`tfgan.py` has the same functions, computed by TF-GAN, with equal results.
"""

import numpy as np
import tensorflow as tf

_VANISHING = 1e-10  # Eigenvalues below it are rounding errors.
_PATCH = 7  # Side of the patches of sliced distances.
_PATCHES = 64  # Patches of an image.
_SMALLEST = 16  # Side of the last level of a pyramid.
_BINOMIAL = np.array([1, 4, 6, 4, 1], "float32") / 16
_KERNEL = np.outer(_BINOMIAL, _BINOMIAL)[:, :, None, None]


def root_trace(a, b):
    """Computes tr((A B)^(1/2)) of two covariances.

    It is the trace of the root of A^(1/2) B A^(1/2), which is symmetric.

    Args:
        a: float64 array `(D, D)`, symmetric and positive semidefinite.
        b: float64 array of the same kind.

    Example:
        >>> float(round(root_trace(np.diag([4.0, 9.0]), np.eye(2)), 6))
        5.0
    """
    values, vectors = np.linalg.eigh(a)
    half = (vectors * _roots(values)) @ vectors.T
    return _roots(np.linalg.eigvalsh(half @ b @ half)).sum()


def squared_mmd(real, fake):
    """Computes the unbiased squared MMD of the kernel (x.y / D + 1)^3.

    Args:
        real: float64 array `(N, D)`.
        fake: float64 array `(M, D)`.

    Example:
        >>> rows = np.random.default_rng(0).normal(size=(100, 4))
        >>> bool(squared_mmd(rows, rows + 1.0) > squared_mmd(rows, rows[::-1]))
        True
    """

    def kernel(x, y):
        return (x @ y.T / x.shape[1] + 1.0) ** 3

    def off_diagonal(x):
        values, count = kernel(x, x), len(x)
        return (values.sum() - np.trace(values)) / (count * (count - 1))

    return off_diagonal(real) + off_diagonal(fake) - 2.0 * kernel(real, fake).mean()


def sliced_levels(real, fake, seed, projections):
    """Computes a sliced Wasserstein distance for each level of Laplacian pyramids.

    Random numbers are drawn as TF-GAN draws them: it also compares the real images with
    themselves, whose draws are skipped here.

    Args:
        real: float array `(N, S, S, 3)`, S a power of two.
        fake: float array of the same shape.
        seed: int. TensorFlow's global seed is set to it.
        projections: int. Number of random bases, each of 147 directions.

    Returns:
        list of floats, one for each level, beginning with the full size.
    """
    rng = np.random.RandomState(seed)  # NumPy's older generator, which TF-GAN uses.
    tf.random.set_seed(seed)
    real_patches = []
    for level in _pyramid(real):
        real_patches.append(_patches(level, *_places(level, rng)))
        _places(level, rng)  # Skipped.
    fake_patches = [_patches(level, *_places(level, rng)) for level in _pyramid(fake)]
    levels = []
    for a, b in zip(real_patches, fake_patches):
        _bases(a.shape[1], projections)  # Skipped.
        distances = [
            np.abs(_sorted(a @ basis) - _sorted(b @ basis)).mean(dtype="float64")
            for basis in _bases(a.shape[1], projections)
        ]
        levels.append(float(np.mean(distances)))
    return levels


def _roots(eigenvalues):
    return np.sqrt(np.where(eigenvalues < _VANISHING, 0.0, eigenvalues))


def _pyramid(images):
    """Laplacian pyramid, of the full size first."""
    level = np.asarray(images, "float32")
    levels = []
    while level.shape[1] > _SMALLEST:
        smaller = _blurred(level)[:, ::2, ::2]
        spread = np.zeros_like(level)
        spread[:, ::2, ::2] = 4.0 * smaller
        levels.append(level - _blurred(spread))
        level = smaller
    return [*levels, level]


def _blurred(images):
    padded = np.pad(images, [(0, 0), (2, 2), (2, 2), (0, 0)], "reflect")
    planes = padded.transpose(0, 3, 1, 2).reshape(-1, *padded.shape[1:3], 1)
    blurred = tf.nn.conv2d(planes, _KERNEL, 1, "VALID").numpy()
    batch, height, width, channels = images.shape
    return blurred.reshape(batch, channels, height, width).transpose(0, 2, 3, 1)


def _places(images, rng):
    """Upper left corners `(y, x)` of random patches, those of an image in a row."""
    count = len(images) * _PATCHES
    return [rng.randint(images.shape[1] - _PATCH + 1, size=count) for _ in "yx"]


def _patches(images, y, x):
    """Patches as rows, less their mean and over their deviation."""
    windows = np.lib.stride_tricks.sliding_window_view(images, (_PATCH, _PATCH), (1, 2))
    patches = windows[np.arange(len(images)).repeat(_PATCHES), y, x]
    patches = patches.transpose(0, 2, 3, 1)
    mean, variance = tf.nn.moments(patches, (1, 2, 3), keepdims=True)
    rows = (patches - mean) / tf.sqrt(variance)
    return rows.numpy().reshape(len(patches), -1)


def _bases(size, count):
    """Random matrices `(size, size)` of columns of length 1."""
    bases = [tf.random.normal((size, size)).numpy() for _ in range(count)]
    return [basis / np.linalg.norm(basis, axis=0) for basis in bases]


def _sorted(values):
    return np.sort(values.T)
