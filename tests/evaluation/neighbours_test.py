from unittest import mock

import numpy as np

from inr_keras.evaluation import array_file
from inr_keras.evaluation import neighbours
from tests import testing


def brute_force(real, fake, k):
    """Every quantity by its definition, a pair at a time."""

    def ball(points, i):
        others = np.delete(points, i, axis=0)
        return np.sort(np.linalg.norm(others - points[i], axis=1))[k - 1]

    pair = np.linalg.norm(fake[:, None] - real[None], axis=2)  # (M, N)
    real_balls = np.array([ball(real, i) for i in range(len(real))])
    fake_balls = np.array([ball(fake, j) for j in range(len(fake))])
    held = pair <= real_balls[None]
    return {
        "precision": held.any(axis=1),
        "recall": (pair <= fake_balls[:, None]).any(axis=0),
        "density": held.sum(axis=1) / k,
        "coverage": held.any(axis=0),
    }


class ManifoldTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        rng = np.random.default_rng(0)
        self.real = rng.normal(size=(60, 4)) + 50.0
        self.fake = rng.normal(size=(45, 4)) * 1.2 + 50.4

    def test_against_brute_force(self):
        found = neighbours.relate(self.real, self.fake)
        for k, names in (
            (3, ("precision", "recall")),
            (5, ("density", "coverage")),
        ):
            expected = brute_force(self.real, self.fake, k)
            for name in names:
                values = getattr(found, name)(k)
                self.assertAllEqual(values, expected[name])
                self.assertTrue(0.2 < values.mean() < 2.0, name)
        pair = np.linalg.norm(self.fake[:, None] - self.real[None], axis=2)
        self.assertAllEqual(found.nearest, pair.argmin(axis=1))
        self.assertAllClose(np.sqrt(found.distance), pair.min(axis=1))

    def test_precision_and_recall_by_hand(self):
        real = np.array([[0.0], [1.0], [2.0], [10.0]])
        fake = np.array([[0.4], [2.5], [5.0], [30.0]])
        # Radii of the real with one neighbour: 1, 1, 1, 8; 30 lies outside.
        relations = neighbours.relate(real, fake, (1,))
        self.assertAllEqual(relations.precision(1), [1, 1, 1, 0])
        # Radii of the fakes: 2.1, 2.1, 2.5, 25.
        self.assertAllEqual(relations.recall(1), [1, 1, 1, 1])
        far = neighbours.relate(real - 100, fake, (1,))
        self.assertAllEqual(far.recall(1), [0, 0, 0, 0])
        same = neighbours.relate(real, real, (1,))
        self.assertAllEqual((same.precision(1), same.recall(1)), np.ones((2, 4)))

    def test_small_blocks_of_files_change_nothing(self):
        folder = self.temporary_folder()
        files = []
        for name, array in (("real", self.real), ("fake", self.fake)):
            writer = array_file.RowsWriter(folder / name, len(array))
            writer.append(array)
            writer.close()
            files.append(array_file.Rows(folder / name))
        whole = neighbours.relate(*(file[:] for file in files))
        small = mock.patch.object(array_file.blocks, "__defaults__", (7,))
        with small:
            parts = neighbours.relate(*files)
        for name in ("fake_inside", "real_inside", "real_covers", "nearest"):
            self.assertAllEqual(getattr(parts, name), getattr(whole, name))
        self.assertAllClose(parts.real_radii, whole.real_radii, 1e-9)

    def test_copies_are_not_authentic(self):
        rng = np.random.default_rng(1)
        copies = self.real[:30] + rng.normal(size=(30, 4)) * 1e-3
        found = neighbours.relate(self.real, copies)
        self.assertEqual(found.authenticity().mean(), 0.0)
        self.assertAllEqual(found.nearest, np.arange(30))
        fresh = rng.normal(size=(400, 4)) + 50.0
        others = rng.normal(size=(400, 4)) + 50.0
        share = neighbours.relate(fresh, others).authenticity().mean()
        self.assertTrue(0.4 < share < 0.6, share)

    def test_collapse(self):
        def nearest(points):
            return neighbours.radii(points, (1,))[:, 0]

        real = nearest(self.real[:40])
        rng = np.random.default_rng(2)
        alike = nearest(rng.normal(size=(40, 4)))
        self.assertTrue(0.7 < neighbours.diversity(real, alike) < 1.4)
        self.assertLess(neighbours.duplicates(real, alike).mean(), 0.1)
        few = nearest(np.repeat(self.fake[:4], 10, axis=0))
        self.assertLess(neighbours.diversity(real, few), 1e-3)
        self.assertEqual(neighbours.duplicates(real, few).mean(), 1.0)

    def test_equal_reals_have_no_diversity_to_compare_with(self):
        def nearest(points):
            return neighbours.radii(points, (1,))[:, 0]

        equal = nearest(np.repeat(self.real[:1] + 0.1, 40, axis=0))
        for fakes in (nearest(self.fake[:40]), equal):
            self.assertTrue(np.isnan(neighbours.diversity(equal, fakes)))

    def test_too_few(self):
        with self.assertRaisesRegex(ValueError, "more than 5.*Received: 5"):
            neighbours.relate(self.real[:5], self.fake)
