"""Score of patterns that stand at the same place in every image, such as a lattice."""

import numpy as np
import scipy.ndimage

_RADIUS = 2  # Pixels around a place with which it is compared.


class Edges:
    """Mean magnitude of the Laplacian at each pixel, of two halves of some images.

    Images are added some at a time: those of even numbers to one half, those of odd
    numbers to the other.

    Attributes:
        sums: float64 array `(2, R - 2, R - 2)`. Sum of the magnitudes of each half.
        counts: int array `(2,)`. Number of images of each half.
    """

    def __init__(self):
        self.sums = 0.0
        self.counts = 0

    def add(self, images, first=0):
        """Adds uint8 images `(N, R, R, C)`, numbered from `first`."""
        grey = images.astype("float64").mean(axis=-1)
        inner = grey[:, 1:-1, 1:-1]
        around = (
            grey[:, :-2, 1:-1]
            + grey[:, 2:, 1:-1]
            + grey[:, 1:-1, :-2]
            + grey[:, 1:-1, 2:]
        )
        edges = np.abs(around - 4.0 * inner)
        halves = [edges[(half - first) % 2 :: 2] for half in (0, 1)]
        self.join(
            np.stack([half.sum(axis=0) for half in halves]),
            np.array([len(half) for half in halves]),
        )

    def join(self, sums, counts):
        """Adds images whose edges are known, see the attributes."""
        self.sums = self.sums + sums
        self.counts = self.counts + counts

    def score(self):
        """Computes the share of edges that a fixed pattern adds or takes.

        Let e(p) be the mean magnitude of the Laplacian at the pixel p over all images,
        and d(p) the difference of e(p) from the mean of e over the 5 x 5 pixels around
        p. The score is the root mean square of d, divided by the mean of e. The square
        is measured as the mean product of d from two halves of the images, so that
        chance does not raise it. It is 0 if all places of each neighbourhood have
        equally many edges. Real images that are aligned with each other, such as faces,
        have patterns of their own: compare with the score of the real images.
        """
        maps = [total / count for total, count in zip(self.sums, self.counts)]
        first, second = (edges - _smooth(edges) for edges in maps)
        level = np.mean(maps)
        return float(np.sqrt(max(np.mean(first * second), 0.0)) / max(level, 1e-12))


def score(images):
    """Computes the score of uint8 images `(N, R, R, C)`, at least two."""
    edges = Edges()
    edges.add(images)
    return edges.score()


def _smooth(values):
    """Means of the 5 x 5 values around each; values at the border go on beyond it."""
    size = 2 * _RADIUS + 1
    return scipy.ndimage.uniform_filter(values, size, mode="nearest")
