"""Coordinates of sounds, solids and panoramas."""

import numpy as np

from inr_keras import coordinates
from tests import testing


class AxesTest(testing.TestCase):
    def test_crops_of_one_and_three_axes_are_parts_of_the_lattice(self):
        for alignment in ("corner", "center"):
            line = np.asarray(coordinates.lattice((8,), alignment))
            crop = coordinates.crops(np.array([[2], [4]]), 4, (8,), 1, alignment)
            self.assertAllClose(crop[0], line[2:6])
            self.assertAllClose(crop[1], line[4:8])
            volume = np.asarray(coordinates.lattice((6, 5, 4), alignment))  # z, y, x
            crop = coordinates.crops(np.array([[1, 0, 3]]), 3, (4, 5, 6), 1, alignment)
            expected = volume[1:4, 0:3, 3:6].reshape(27, 3)
            self.assertAllClose(crop[0], expected)

    def test_circles(self):
        uniform = np.stack([np.linspace(0, 0.999, 400)] * 2, axis=-1)
        offsets = coordinates.random_offsets(
            uniform.astype("float32"), (8, 8), 4, 2, wraps=True
        )
        offsets = testing.to_numpy(offsets)
        self.assertEqual(sorted(set(offsets[:, 0])), [0, 2, 4])
        values, counts = np.unique(offsets[:, 1], return_counts=True)
        self.assertAllEqual(values, [0, 2, 4, 6])
        self.assertAllClose(counts, np.full(4, 100), atol=2)

    def test_directions(self):
        points = [[0, 0], [0.5, 0], [-1, 0], [0.3, -1], [0, 0.5]]
        half = 0.5**0.5
        expected = [[0, 0, 1], [1, 0, 0], [0, 0, -1], [0, -1, 0], [0, half, half]]
        directions = coordinates.directions(np.array(points))
        self.assertAllClose(directions, expected, atol=1e-6)
