"""Bootstrap: how much a score varies with the choice of images."""

import numpy as np

_QUANTILE = 1.959964  # Quantile of the standard normal distribution, for 95 %.


def counts(total, draws, seed):
    """Yields how often each of `total` items is drawn, for each of `draws` samples.

    Args:
        total: int. Number of items, and of draws with replacement.
        draws: int. Number of samples.
        seed: int.

    Yields:
        int array `(total,)`, the multinomial counts.
    """
    rng = np.random.default_rng((seed, total))
    for _ in range(draws):
        drawn = rng.integers(0, total, total)
        yield np.bincount(drawn, minlength=total)


def means(values, draws, seed):
    """Means of resampled values: `(draws, ...)` for values `(total, ...)`."""
    values = np.asarray(values, "float64")
    total = len(values)
    means_of_draws = [
        np.tensordot(times, values, axes=(0, 0)) / total
        for times in counts(total, draws, seed)
    ]
    return np.reshape(means_of_draws, (-1, *values.shape[1:]))


def interval(value, replicates):
    """Normal interval of 95 %, or `None` for fewer than two replicates.

    The interval is value -+ 1.96 s, with the standard deviation s of the replicates
    (Efron and Tibshirani 1993, An Introduction to the Bootstrap, equation 13.3). Unlike
    quantiles, it needs only tens of replicates and is not shifted by the bias that
    repeated images give to Fréchet distances.
    """
    if replicates is None or len(replicates) < 2:
        return None
    half = _QUANTILE * float(np.std(replicates, ddof=1))
    return [value - half, value + half]
