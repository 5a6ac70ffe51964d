"""How far a score would move had other images been drawn: the bootstrap."""

import numpy as np

_QUANTILE = 1.959964  # Of the standard normal, for 95 %.


def counts(total, draws, seed):
    """How often each of `total` items is drawn, `draws` times over.

    Args:
        total: int.
        draws: int.
        seed: int.

    Yields:
        int array `(total,)`, the multinomial counts of `total` draws with
        replacement.
    """
    rng = np.random.default_rng((seed, total))
    for _ in range(draws):
        drawn = rng.integers(0, total, total)
        yield np.bincount(drawn, minlength=total)


def means(values, draws, seed):
    """Means of resampled values: `(draws, ...)` for values `(total, ...)`."""
    values = np.asarray(values, "float64")
    total = len(values)
    found = [
        np.tensordot(drawn, values, axes=(0, 0)) / total
        for drawn in counts(total, draws, seed)
    ]
    return np.reshape(found, (-1, *values.shape[1:]))


def interval(value, replicates):
    """The normal interval of 95 %, or `None` of fewer than two replicates.

    value -+ 1.96 s with s the standard deviation of the replicates (Efron and
    Tibshirani 1993, An Introduction to the Bootstrap, equation 13.3). Unlike
    quantiles it needs tens of replicates alone, and is not moved by the bias
    that repeated images give to Fréchet distances.
    """
    if replicates is None or len(replicates) < 2:
        return None
    half = _QUANTILE * float(np.std(replicates, ddof=1))
    return [value - half, value + half]
