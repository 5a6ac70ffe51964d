"""Scores that ask which images lie near which: neighbours in features.

Every function takes arrays or `Rows` and looks at a block of pairs at a time.
Distances are squared Euclidean ones.
"""

import dataclasses

import numpy as np

from inr_keras.evaluation import array_file as rows_lib

NEIGHBOURS = (1, 3, 5)  # k of: authenticity, precision and recall, density.


@dataclasses.dataclass(frozen=True)
class Relations:
    """How fakes and reals lie to each other.

    `k` numbers the last axes as in `neighbours`; a ball of an image reaches
    to the k-th nearest other image of its own set.

    Attributes:
        neighbours: tuple of int.
        real_radii: `(N, k)` squared radii of the balls of reals.
        fake_radii: `(M, k)` of fakes.
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
        """For each fake whether a ball of a real holds it, 0 or 1.

        The mean is improved precision (Kynkäänniemi et al. 2019, arXiv
        1904.06991, equation 2).
        """
        return self._column(self.fake_inside, neighbours) > 0

    def recall(self, neighbours=3):
        """For each real whether a ball of a fake holds it; as precision."""
        return self._column(self.real_inside, neighbours) > 0

    def density(self, neighbours=5):
        """For each fake the number of balls that hold it, over k.

        The mean is density (Naeem et al. 2020, arXiv 2002.09797, equation 4).
        """
        return self._column(self.fake_inside, neighbours) / neighbours

    def coverage(self, neighbours=5):
        """For each real whether its ball holds a fake (equation 5 there)."""
        return self._column(self.real_covers, neighbours) > 0

    def authenticity(self):
        """For each fake whether it is no copy of the nearest real.

        A copy is nearer to it than any other real (Alaa et al. 2022, arXiv
        2102.08921, section 3.3, in the features at hand). Fakes drawn as the
        reals were have a mean of about a half.
        """
        radii = self._column(self.real_radii, 1)
        return self.distance >= radii[self.nearest]

    def _column(self, values, neighbours):
        return values[:, self.neighbours.index(neighbours)]


def radii(points, neighbours):
    """Squared distances `(N, k)` to the k-th nearest others."""
    deepest = max(neighbours)
    if len(points) <= deepest:
        raise ValueError(
            f"Neighbours must be among more than {deepest} images. "
            f"Received: {len(points)}"
        )
    found = []
    for i, block in rows_lib.blocks(points):
        best = np.empty((len(block), 0))
        for j, others in rows_lib.blocks(points):
            distances = squared_distances(block, others)
            if i == j:  # Not its own neighbour.
                np.fill_diagonal(distances, np.inf)
            best = np.concatenate([best, distances], axis=1)
            if best.shape[1] > deepest:
                best = np.partition(best, deepest - 1, axis=1)[:, :deepest]
        best.sort(axis=1)
        found.append(best[:, [k - 1 for k in neighbours]])
    return np.concatenate(found)


def relate(real, fake, neighbours=NEIGHBOURS):
    """`Relations` of real features `(N, D)` and fake ones `(M, D)`."""
    real_radii, fake_radii = radii(real, neighbours), radii(fake, neighbours)
    columns = range(len(neighbours))
    fake_inside = np.zeros(fake_radii.shape, "int64")
    real_inside = np.zeros(real_radii.shape, "int64")
    real_covers = np.zeros(real_radii.shape, "int64")
    nearest = np.zeros(len(fake), "int64")
    distance = np.full(len(fake), np.inf)
    for i, fakes in rows_lib.blocks(fake):
        rows = slice(i, i + len(fakes))
        for j, reals in rows_lib.blocks(real):
            others = slice(j, j + len(reals))
            distances = squared_distances(fakes, reals)
            for k in columns:
                held = distances <= real_radii[others, k]
                fake_inside[rows, k] += held.sum(axis=1)
                real_covers[others, k] += held.sum(axis=0)
                held = distances <= fake_radii[rows, k][:, None]
                real_inside[others, k] += held.sum(axis=0)
            best = distances.argmin(axis=1)
            found = distances[np.arange(len(fakes)), best]
            nearer = found < distance[rows]
            nearest[rows] = np.where(nearer, best + j, nearest[rows])
            distance[rows] = np.minimum(found, distance[rows])
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
    """Median distance to the nearest other fake, over that of the reals.

    About 1 for a generator as diverse as its data, 0 for one that has
    collapsed. Both sets must be of one number: distances shrink with it.

    Args:
        real_radii: `(N,)` squared distances of `radii` to the nearest other.
        fake_radii: `(N,)` of fakes.
    """
    real, fake = np.median(np.sqrt(real_radii)), np.median(np.sqrt(fake_radii))
    return float(fake / max(real, 1e-12))


def duplicates(real_radii, fake_radii):
    """For each fake whether another one is all but the same.

    That is nearer than all but a hundredth of the reals are to another real,
    or than a thousandth of their median distance where reals are doubled. The
    mean is about 0.01 for fakes as diverse as the reals, 1 after a collapse.
    """
    real = np.sqrt(real_radii)
    limit = max(np.quantile(real, 0.01), np.median(real) / 1000.0)
    return np.sqrt(fake_radii) < limit


def squared_distances(a, b):
    """`(N, M)` of rows `(N, D)` and `(M, D)`."""
    squares = (a * a).sum(1)[:, None] + (b * b).sum(1) - 2 * a @ b.T
    return np.maximum(squares, 0.0)
