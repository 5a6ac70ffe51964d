"""Fréchet distances from means and covariances that are added up in parts."""

import numpy as np
import tensorflow as tf

from inr_keras.evaluation import resampling
from inr_keras.evaluation import rows as rows_lib
from inr_keras.evaluation import tfgan


class Moments:
    """Number, mean and covariance of rows, some rows at a time.

    Parts are joined by the formula of Chan, Golub and LeVeque 1983, equation
    2.1, which does not lose digits as sums of squares do.
    """

    def __init__(self):
        self.count = 0
        self.mean = 0.0
        self._scatter = 0.0

    def add(self, rows, weights=None):
        """Adds rows `(n, dim)`, each as often as its weight says."""
        rows = np.asarray(rows, "float64")
        weights = np.ones(len(rows)) if weights is None else weights
        count = weights.sum()
        if not count:
            return
        mean = weights @ rows / count
        centered = rows - mean
        step = mean - self.mean
        total = self.count + count
        self._scatter = (
            self._scatter
            + centered.T @ (centered * weights[:, None])
            + np.outer(step, step) * (self.count * count / total)
        )
        self.mean = self.mean + step * (count / total)
        self.count = total

    @property
    def covariance(self):
        """The unbiased one, as in TF-GAN's Fréchet distance."""
        return self._scatter / (self.count - 1)

    @property
    def variances(self):
        """Those of the numbers as they are, as in TF-GAN's diagonal one."""
        return np.diag(self._scatter) / self.count


def moments(rows, weights=None):
    """Moments of rows or of an array; at least two rows."""
    if len(rows) < 2:
        raise ValueError(
            f"Fréchet distances must be of two pictures or more. "
            f"Received: {len(rows)}"
        )
    result = Moments()
    for start, block in rows_lib.blocks(rows):
        part = None
        if weights is not None:
            part = weights[start : start + len(block)]
        result.add(block, part)
    return result


def frechet(real, fake):
    """|m - m'|^2 + tr(C + C' - 2 (C C')^(1/2)) of two `Moments`.

    Heusel et al. 2017 (arXiv 1706.08500), equation 6; the root by TF-GAN.
    """
    tfgan.load()  # Makes what follows importable.
    from tensorflow_gan.python.eval import classifier_metrics

    root = classifier_metrics.trace_sqrt_product(
        tf.constant(real.covariance), tf.constant(fake.covariance)
    )
    return _frechet(real, fake, float(root))


def diagonal_frechet(real, fake):
    """The same without the covariances off the diagonal."""
    a, b = real.variances, fake.variances
    trace = (a + b - 2.0 * np.sqrt(a * b)).sum()
    return float(trace + np.square(real.mean - fake.mean).sum())


def resampled_frechet(real, rows, draws, seed, diagonal=False):
    """Distances of resampled fakes; the real pictures stay as they are.

    Args:
        real: Moments.
        rows: Features of the fakes.
        draws: int.
        seed: int.
        diagonal: bool. Of `diagonal_frechet`.
    """
    if draws < 2:
        return None
    if not diagonal:
        values, vectors = np.linalg.eigh(real.covariance)
        half = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    found = []
    for drawn in resampling.counts(len(rows), draws, seed):
        other = moments(rows, drawn)
        if diagonal:
            found.append(diagonal_frechet(real, other))
            continue
        squared = np.linalg.eigvalsh(half @ other.covariance @ half)
        root = np.sqrt(np.maximum(squared, 0.0)).sum()
        found.append(_frechet(real, other, root))
    return np.array(found)


def _frechet(real, fake, root):
    trace = np.trace(real.covariance) + np.trace(fake.covariance)
    distance = np.square(real.mean - fake.mean).sum()
    return float(distance + trace - 2.0 * root)
