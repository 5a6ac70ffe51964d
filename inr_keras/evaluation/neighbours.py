"""Scores from the nearest neighbours of real and fake images in feature space.

All functions take arrays or `Rows` and compute a block of pairs at a time. Distances
are squared Euclidean distances.
"""

import dataclasses
import math

import numpy as np

from inr_keras.evaluation import array_file

_ROUNDING = 1e-4  # Error of distances whose squares are differences.
NEIGHBOURS = (1, 3, 5)  # For authenticity; precision and recall; density.


@dataclasses.dataclass(frozen=True)
class Relations:
    """Neighbourhoods of fake and real images.

    The last axes are numbered by `neighbours`: the ball of an image for k reaches to
    the k-th nearest other image of its own set.

    Attributes:
        neighbours: tuple of int, the values of k.
        real_radii: `(N, k)` squared radii of the balls of reals.
        fake_radii: `(M, k)` squared radii of the balls of fakes.
        fake_inside: `(M, k)` number of balls of reals that hold the fake.
        real_inside: `(N, k)` number of balls of fakes that hold the real.
        real_covers: `(N, k)` number of fakes that the ball of the real holds.
        nearest: `(M,)` number of the real nearest to each fake.
        distance: `(M,)` squared distance to it.
    """

    neighbours: tuple
    real_radii: np.ndarray
    fake_radii: np.ndarray
    fake_inside: np.ndarray
    real_inside: np.ndarray
    real_covers: np.ndarray
    nearest: np.ndarray
    distance: np.ndarray

    def precision(self, neighbours=3):
        """Tells for each fake whether the ball of a real holds it.

        The mean is improved precision (Kynkäänniemi et al. 2019, arXiv 1904.06991,
        equation 2).
        """
        return self._column(self.fake_inside, neighbours) > 0

    def recall(self, neighbours=3):
        """Tells for each real whether the ball of a fake holds it.

        The mean is improved recall, see `precision`.
        """
        return self._column(self.real_inside, neighbours) > 0

    def density(self, neighbours=5):
        """Number of balls of reals that hold each fake, over k.

        The mean is density (Naeem et al. 2020, arXiv 2002.09797, equation 4).
        """
        return self._column(self.fake_inside, neighbours) / neighbours

    def coverage(self, neighbours=5):
        """Tells for each real whether its ball holds a fake.

        The mean is coverage (equation 5 of the source of `density`).
        """
        return self._column(self.real_covers, neighbours) > 0

    def authenticity(self):
        """Tells for each fake whether it is not a copy of the nearest real.

        A copy is nearer to the real than any other real is (Alaa et al. 2022, arXiv
        2102.08921, section 3.3, in the features of the extractor). Fakes from the
        distribution of the reals have a mean of about a half.
        """
        radii = self._column(self.real_radii, 1)
        return self.distance >= radii[self.nearest]

    def _column(self, values, neighbours):
        return values[:, self.neighbours.index(neighbours)]


def radii(points, neighbours):
    """Squared distances `(N, k)` of points to their k-th nearest others."""
    deepest = max(neighbours)
    if len(points) <= deepest:
        raise ValueError(
            f"Neighbours must be among more than {deepest} images. "
            f"Received: {len(points)}"
        )
    radii_of_blocks = []
    for i, block in array_file.blocks(points):
        best = np.empty((len(block), 0))
        for j, others in array_file.blocks(points):
            distances = squared_distances(block, others)
            if i == j:  # Not its own neighbour.
                np.fill_diagonal(distances, np.inf)
            best = np.concatenate([best, distances], axis=1)
            if best.shape[1] > deepest:
                best = np.partition(best, deepest - 1, axis=1)[:, :deepest]
        best.sort(axis=1)
        radii_of_blocks.append(best[:, [k - 1 for k in neighbours]])
    return np.concatenate(radii_of_blocks)


def relate(real, fake, neighbours=NEIGHBOURS):
    """Computes the `Relations` of real features `(N, D)` and fake ones `(M, D)`."""
    real_radii, fake_radii = radii(real, neighbours), radii(fake, neighbours)
    columns = range(len(neighbours))
    fake_inside = np.zeros(fake_radii.shape, "int64")
    real_inside = np.zeros(real_radii.shape, "int64")
    real_covers = np.zeros(real_radii.shape, "int64")
    nearest = np.zeros(len(fake), "int64")
    distance = np.full(len(fake), np.inf)
    for i, fakes in array_file.blocks(fake):
        fake_rows = slice(i, i + len(fakes))
        for j, reals in array_file.blocks(real):
            real_rows = slice(j, j + len(reals))
            distances = squared_distances(fakes, reals)
            for k in columns:
                inside = distances <= real_radii[real_rows, k]
                fake_inside[fake_rows, k] += inside.sum(axis=1)
                real_covers[real_rows, k] += inside.sum(axis=0)
                inside = distances <= fake_radii[fake_rows, k][:, None]
                real_inside[real_rows, k] += inside.sum(axis=0)
            best = distances.argmin(axis=1)
            best_distance = distances[np.arange(len(fakes)), best]
            nearer = best_distance < distance[fake_rows]
            nearest[fake_rows] = np.where(nearer, best + j, nearest[fake_rows])
            distance[fake_rows] = np.minimum(best_distance, distance[fake_rows])
    return Relations(
        tuple(neighbours),
        real_radii,
        fake_radii,
        fake_inside,
        real_inside,
        real_covers,
        nearest,
        distance,
    )


def diversity(real_radii, fake_radii):
    """Median distance of fakes to their nearest other fake, over that of the reals.

    It is about 1 for a generator as diverse as its data, 0 for one that has collapsed,
    and NaN where half of the reals equal another. Both sets must have the same size:
    distances shrink with it.

    Args:
        real_radii: `(N,)` squared distances of reals to their nearest others.
        fake_radii: `(N,)` squared distances of fakes to their nearest others.
    """
    return relative(fake_radii, real_radii)


def relative(distances, real_radii):
    """Median distance divided by the reals' median distance to their nearest others.

    Both arguments are squared distances. The result is NaN if the reals are equal
    images, up to rounding.
    """
    real, other = np.median(np.sqrt(real_radii)), np.median(np.sqrt(distances))
    return float(other / real) if real > _ROUNDING * other else math.nan


def duplicates(real_radii, fake_radii):
    """Tells for each fake whether another fake is almost the same.

    A fake is a duplicate if its nearest other fake is closer than 99 % of the reals are
    to their nearest other real or, if reals are doubled, closer than a thousandth of
    the median distance of the reals. The mean is about 0.01 for fakes as diverse as the
    reals, and 1 after a collapse.
    """
    real = np.sqrt(real_radii)
    limit = max(np.quantile(real, 0.01), np.median(real) / 1000.0)
    return np.sqrt(fake_radii) < limit


def squared_distances(a, b):
    """Squared distances `(N, M)` between rows `(N, D)` and `(M, D)`."""
    squares = (a * a).sum(1)[:, None] + (b * b).sum(1) - 2 * a @ b.T
    return np.maximum(squares, 0.0)
