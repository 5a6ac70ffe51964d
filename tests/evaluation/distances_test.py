import numpy as np

from inr_keras.evaluation import distances
from inr_keras.evaluation import tfgan
from tests import testing


class DistancesTest(testing.TestCase):
    def test_root_trace(self):
        rng = np.random.default_rng(0)
        turn, _ = np.linalg.qr(rng.normal(size=(5, 5)))
        first, second = np.array([4.0, 9.0, 1.0, 0.0, 2.0]), np.arange(5.0)
        pair = [(turn * values) @ turn.T for values in (first, second)]
        found = distances.root_trace(*pair)
        self.assertAllClose(found, np.sqrt(first * second).sum(), 1e-10)
        self.assertAllClose(found, tfgan.root_trace(*pair), 1e-6)

    def test_squared_mmd(self):
        pair = np.random.default_rng(0).normal(size=(2, 30, 5))
        found = distances.squared_mmd(*pair)
        self.assertAllClose(found, tfgan.squared_mmd(*pair), 1e-6)
        # Of two rows, by hand: k(x, x') of either set, less all four k(x, y).
        rows = np.array([[1.0], [2.0]])
        by_hand = (1 * 2 + 1) ** 3 * 2 - 2 * (2**3 + 2 * 3**3 + 5**3) / 4
        self.assertAllClose(distances.squared_mmd(rows, rows), by_hand, 1e-12)

    def test_sliced_levels(self):
        pair = np.random.default_rng(0).random((2, 6, 32, 32, 3), "float32")
        state = np.random.get_state()[1]
        found = distances.sliced_levels(*pair, 5, 1)
        self.assertEqual(len(found), 2)
        self.assertAllClose(found, tfgan.sliced_levels(*pair, 5, 1), 1e-6)
        self.assertAllEqual(np.random.get_state()[1], state)
        for level in distances.sliced_levels(pair[0], pair[0], 5, 1):
            self.assertGreater(level, 0.0)  # Patches lie elsewhere.
