import itertools

import numpy as np

from inr_keras import losses
from tests import testing


class DiversityLossTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        rng = np.random.default_rng(0)
        self.real = rng.normal(size=(8, 4, 6, 3)).astype("float32")
        self.fake = (0.5 * rng.normal(size=(8, 4, 6, 3))).astype("float32")
        self.labels = np.array([0, 1, 0, 1, 2, 2, 0, 3])

    def slow(self, labels):
        def distance(images, i, j):
            return np.sqrt(np.mean((images[i] - images[j]) ** 2))

        return np.mean(
            [
                max(0.0, distance(self.real, i, j) - distance(self.fake, i, j))
                for i, j in itertools.combinations(range(8), 2)
                if labels[i] == labels[j]
            ]
        )

    def test_matches_a_slow_mean_of_pairs(self):
        found = losses.diversity_loss(self.real, self.fake)
        self.assertAllClose(found, self.slow(np.zeros(8)), rtol=1e-5)
        found = losses.diversity_loss(self.real, self.fake, self.labels)
        self.assertAllClose(found, self.slow(self.labels), rtol=1e-5)
        self.assertGreater(self.slow(self.labels), 0.1)

    def test_fakes_that_differ_more_cost_nothing(self):
        self.assertEqual(float(losses.diversity_loss(self.fake, self.real)), 0.0)
        # Nor do they make up for others that are alike.
        self.fake[:4] *= 4.0
        labels = np.arange(8) // 4
        found = losses.diversity_loss(self.real, self.fake, labels)
        self.assertAllClose(found, self.slow(labels), rtol=1e-5)
        self.assertGreater(found, 0.1)

    def test_a_batch_without_pairs(self):
        for count, labels in ((1, None), (8, np.arange(8))):
            found = losses.diversity_loss(self.real[:count], self.fake[:count], labels)
            self.assertEqual(float(found), 0.0)

    def test_images_on_one_axis(self):
        sounds = self.real[..., 0, :], self.fake[..., 0, :]
        self.real, self.fake = sounds
        self.assertAllClose(losses.diversity_loss(*sounds), self.slow(np.zeros(8)))
