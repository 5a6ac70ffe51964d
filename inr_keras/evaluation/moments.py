"""Fréchet distances from means and covariances that are added up in parts."""

import numpy as np

from inr_keras.evaluation import array_file
from inr_keras.evaluation import distances


class Moments:
    """Number, mean and covariance of rows, added up some rows at a time.

    Parts are joined by the formula of Chan, Golub and LeVeque 1983, equation 2.1, which
    does not lose digits, unlike sums of squares.

    Attributes:
        count: float. Number of rows, by their weights.
        mean: float64 array `(dim,)`.
        scatter: float64 array `(dim, dim)`. Sum of the outer products of the rows less
            their mean.

    Example:
        >>> sums = Moments()
        >>> for part in np.split(np.arange(12.0).reshape(6, 2), 3):
        ...     sums.add(part)
        >>> sums.mean
        array([5., 6.])
    """

    def __init__(self):
        self.count = 0
        self.mean = 0.0
        self.scatter = 0.0

    def add(self, rows, weights=None):
        """Adds rows `(n, dim)`, each as often as its weight says."""
        rows = np.asarray(rows, "float64")
        weights = np.ones(len(rows)) if weights is None else weights
        count = weights.sum()
        if not count:
            return
        mean = weights @ rows / count
        centered = rows - mean
        self.join(count, mean, centered.T @ (centered * weights[:, None]))

    def join(self, count, mean, scatter):
        """Adds rows whose moments are known, see the attributes."""
        step = mean - self.mean
        total = self.count + count
        self.scatter = (
            self.scatter + scatter + np.outer(step, step) * (self.count * count / total)
        )
        self.mean = self.mean + step * (count / total)
        self.count = total

    @classmethod
    def of_sums(cls, count, total, products):
        """Makes moments of rows from float64 sums, which may lose digits.

        Args:
            count: float. Number of rows.
            total: Array `(dim,)`. Sum of the rows.
            products: Array `(dim, dim)`. Sum of their outer products.
        """
        result = cls()
        result.count = float(count)
        result.mean = total / max(count, 1.0)
        result.scatter = products - np.outer(result.mean, total)
        return result

    @property
    def covariance(self):
        """Unbiased covariance, as in TF-GAN's Fréchet distance."""
        return self.scatter / (self.count - 1)

    @property
    def variances(self):
        """Biased variances, as in TF-GAN's diagonal Fréchet distance."""
        return np.diag(self.scatter) / self.count


def moments(rows, weights=None):
    """Computes the moments of at least two rows.

    Example:
        >>> rows = np.random.default_rng(0).normal(size=(100, 4))
        >>> moments(rows).mean.shape
        (4,)
    """
    if len(rows) < 2:
        raise ValueError(
            f"Fréchet distances must be of two images or more. Received: {len(rows)}"
        )
    result = Moments()
    for start, block in array_file.blocks(rows):
        part = None
        if weights is not None:
            part = weights[start : start + len(block)]
        result.add(block, part)
    return result


def mean_term(real, fake):
    """Squared distance of the means, their part of the Fréchet distance."""
    return float(np.square(real.mean - fake.mean).sum())


def frechet(real, fake, backend=distances):
    """Fréchet distance |m - m'|^2 + tr(C + C' - 2 (C C')^(1/2)) of two `Moments`.

    It is equation 6 of Heusel et al. 2017 (arXiv 1706.08500).

    Args:
        real: Moments.
        fake: Moments.
        backend: Module with a `root_trace`. Defaults to `distances`.

    Example:
        >>> rows = np.random.default_rng(0).normal(size=(100, 4))
        >>> round(float(frechet(moments(rows), moments(rows + 1.0))), 4)
        4.0
    """
    root = backend.root_trace(real.covariance, fake.covariance)
    trace = np.trace(real.covariance) + np.trace(fake.covariance)
    return float(mean_term(real, fake) + trace - 2.0 * root)


def diagonal_frechet(real, fake):
    """Fréchet distance without the covariances off the diagonal."""
    a, b = real.variances, fake.variances
    trace = (a + b - 2.0 * np.sqrt(a * b)).sum()
    return float(trace) + mean_term(real, fake)


def influence(real, fake, rows, diagonal=False):
    """Effect of each fake on the Fréchet distance, to first order.

    One more image x among n changes the distance by about the value of x divided by n
    (Hampel 1974, "The influence curve"). The mean of resampled values thus approximates
    the distance of resampled images, with one decomposition instead of one for each
    draw. With the slope

        G = 1 - C^(1/2) (C^(1/2) C' C^(1/2))^(-1/2) C^(1/2)

    of the distance in C', the fakes' covariance, and c = x - m', the value is c' G c +
    2 c' (m' - m), less its mean.

    Args:
        real: Moments.
        fake: Moments of all `rows`.
        rows: Features of the fakes, `(N, D)`.
        diagonal: bool. Effect on `diagonal_frechet` instead.

    Returns:
        float64 array `(N,)` with a mean of 0.
    """
    if diagonal:
        ratio = real.variances / np.maximum(fake.variances, 1e-300)
        slope = np.where(fake.variances > 0, 1.0 - np.sqrt(ratio), 0.0)
    else:
        half = _power(real.covariance, 0.5)
        inverse = _power(half @ fake.covariance @ half, -0.5)
        slope = np.eye(len(half)) - half @ inverse @ half
    values = []
    for _, block in array_file.blocks(rows):
        centered = block - fake.mean
        turned = centered * slope if diagonal else centered @ slope
        values.append(
            (turned * centered).sum(axis=1) + 2.0 * centered @ (fake.mean - real.mean)
        )
    values = np.concatenate(values)
    return values - values.mean()


def _power(matrix, exponent):
    """Power of a symmetric matrix, without its vanishing eigenvalues."""
    values, vectors = np.linalg.eigh(matrix)
    kept = values > values[-1] * 1e-10
    vectors = vectors[:, kept]
    return (vectors * values[kept] ** exponent) @ vectors.T
