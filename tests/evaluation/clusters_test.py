import numpy as np

from inr_keras.evaluation import clusters
from tests import testing


class ClustersTest(testing.TestCase):
    def test_groups_are_found_and_the_largest_is_first(self):
        rng = np.random.default_rng(0)
        centers = 20.0 * rng.normal(size=(3, 100))
        kinds = np.repeat((0, 1, 2), (5, 20, 10))
        features = centers[kinds] + rng.normal(size=(35, 100))
        labels = clusters.cluster(features, 3)
        self.assertAllEqual(labels, np.repeat((2, 0, 1), (5, 20, 10)))
        # Neither the seed nor an offset decides.
        self.assertAllEqual(clusters.cluster(features + 7.0, 3, seed=5), labels)

    def test_no_cluster_is_empty(self):
        features = np.random.default_rng(1).normal(size=(12, 2))
        labels = clusters.cluster(features, 11)
        self.assertAllEqual(np.sort(np.bincount(labels)), [1] * 10 + [2])

    def test_too_many_clusters(self):
        features = np.array([[1.0], [1.0], [2.0], [2.0]])
        for count in (3, 5):
            message = f"different images. Received: {count} with 4 images"
            with self.assertRaisesRegex(ValueError, message):
                clusters.cluster(features, count)
