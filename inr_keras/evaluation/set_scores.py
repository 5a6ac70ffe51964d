"""Scores of one set of images against another, from equal numbers of both."""

from inr_keras.evaluation import moments
from inr_keras.evaluation import neighbours

NEIGHBOURS = (3, 5)  # Values of k.
_RELATIONS = ("precision", "recall", "density", "coverage")


def compare(real, fake):
    """Scores the features of fakes against those of real images.

    The Fréchet distance takes all images. All other scores take equally many reals and
    fakes, the first of each set: more fakes have more but smaller balls, so that scores
    of unequal sets depend on their numbers. Fakes that show all that the reals show,
    but lie beside them in feature space, lose recall as their number grows.

    Args:
        real: float array or `Rows` `(N, D)`.
        fake: float array or `Rows` `(M, D)`.

    Returns:
        dict of floats: `fd`; `fd_mean`, the part of it that comes from the means, and
        `fd_covariance`, the rest; `precision_K`, `recall_K`, `density_K` and
        `coverage_K` for K of `NEIGHBOURS`; `diversity` and `duplicates`, see
        `neighbours`; `nearest`, the median distance of fakes to their nearest real,
        divided by the median distance of reals to their nearest other real, about 1 for
        fakes as near to reals as reals to each other; and `count`, the number of reals
        and of fakes that were compared.

    Example:
        >>> rows = np.random.default_rng(0).normal(size=(100, 4))
        >>> scores = compare(rows, rows[::-1])
        >>> scores["precision_3"], scores["recall_3"]
        (1.0, 1.0)
    """
    count = min(len(real), len(fake))
    a, b = moments.moments(real), moments.moments(fake)
    distance, mean = moments.frechet(a, b), moments.mean_term(a, b)
    reals, fakes = real[:count], fake[:count]
    relations = neighbours.relate(reals, fakes, (1, *NEIGHBOURS))
    shares = {
        f"{name}_{k}": float(getattr(relations, name)(k).mean())
        for name in _RELATIONS
        for k in NEIGHBOURS
    }
    radii = relations.real_radii[:, 0], relations.fake_radii[:, 0]
    return {
        "fd": distance,
        "fd_mean": mean,
        "fd_covariance": distance - mean,
        **shares,
        "diversity": neighbours.diversity(*radii),
        "duplicates": float(neighbours.duplicates(*radii).mean()),
        "nearest": neighbours.relative(relations.distance, radii[0]),
        "count": count,
    }
