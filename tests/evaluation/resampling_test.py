import numpy as np

from inr_keras.evaluation import resampling
from tests import testing


class ResamplingTest(testing.TestCase):
    def test_counts(self):
        first = list(resampling.counts(20, 3, 0))
        again = list(resampling.counts(20, 3, 0))
        self.assertAllEqual(first, again)
        self.assertTrue(all(drawn.sum() == 20 for drawn in first))
        self.assertGreater(np.abs(first[0] - first[1]).max(), 0)
        other = list(resampling.counts(20, 3, 1))
        self.assertGreater(np.abs(first[0] - other[0]).max(), 0)

    def test_deviation_of_a_mean(self):
        values = np.random.default_rng(0).normal(size=400)
        found = resampling.means(values, 2000, 0)
        self.assertAllClose(found.std(), values.std() / 20, 0.1)
        self.assertAllClose(found.mean(), values.mean(), 0, 0.01)

    def test_columns_stay_together(self):
        values = np.arange(12.0).reshape(6, 2)
        found = resampling.means(values, 5, 0)
        self.assertEqual(found.shape, (5, 2))
        self.assertAllClose(found[:, 1] - found[:, 0], np.ones(5))
        self.assertEqual(resampling.means(values, 0, 0).shape, (0, 2))

    def test_interval(self):
        low, high = resampling.interval(5.0, [1.0, 3.0])
        self.assertAllClose(high - 5.0, 1.959964 * 2**0.5)
        self.assertAllClose(5.0 - low, high - 5.0)
        self.assertIsNone(resampling.interval(5.0, [1.0]))
        self.assertIsNone(resampling.interval(5.0, None))
