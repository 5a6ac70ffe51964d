import keras
import numpy as np
import tensorflow as tf

from inr_keras.evaluation import extractors
from inr_keras.evaluation import scores
from inr_keras.evaluation import tfgan
from tests import testing


class ScoresTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        random = np.random.default_rng(0)
        mix = random.normal(size=(8, 8))
        self.real = random.normal(size=(300, 8)) @ mix
        self.fake = random.normal(size=(200, 8)) @ mix * 1.3 + 0.5

    def test_frechet_distance_against_numpy(self):
        result = scores.compare(self.real, self.fake)
        a, b = np.cov(self.real.T), np.cov(self.fake.T)
        # tr (A B)^(1/2) is the sum of the roots of AB's eigenvalues.
        roots = np.sqrt(np.linalg.eigvals(a @ b).astype(complex)).real
        means = self.real.mean(0) - self.fake.mean(0)
        expected = (means**2).sum() + np.trace(a) + np.trace(b)
        expected -= 2 * roots.sum()
        self.assertAllClose(result["fd"], expected, 1e-3)
        self.assertEqual(result["real_count"], 300)
        self.assertEqual(result["fake_count"], 200)

    def test_equal_sets(self):
        result = scores.compare(self.real, self.real)
        self.assertAllClose(result["fd"], 0.0, atol=1e-3)
        self.assertEqual((result["precision"], result["recall"]), (1.0, 1.0))

    def test_kernel_distance_tells_sets_apart(self):
        same = scores.compare(self.real[:150], self.real[150:])
        other = scores.compare(self.real[:150], self.fake[:150])
        self.assertGreater(other["kid"], abs(same["kid"]) + 0.1)

    def test_precision_and_recall_by_hand(self):
        real = np.array([[0.0], [1.0], [2.0], [10.0]])
        fake = np.array([[0.4], [2.5], [5.0], [30.0]])
        # Radii of the real with one neighbour: 1, 1, 1, 8.
        precision, _ = scores.precision_recall(real, fake, 1)
        self.assertEqual(precision, 0.75)  # 30 lies outside all.
        # Radii of the fakes: 2.1, 2.1, 2.5, 25.
        _, recall = scores.precision_recall(real, fake, 1)
        self.assertEqual(recall, 1.0)
        _, recall = scores.precision_recall(real - 100, fake, 1)
        self.assertEqual(recall, 0.0)

    def test_features_of_a_fake_extractor(self):
        path = self.temporary_folder() / "mean.keras"
        inputs = keras.Input((None, None, 3))
        outputs = keras.layers.GlobalAveragePooling2D()(inputs)
        keras.Model(inputs, outputs).save(path)
        images = np.random.default_rng(0).integers(0, 256, (5, 4, 4, 3))
        images = images.astype("uint8")
        extractor = extractors.open_extractor(path)
        result = scores.features(extractor, images, batch=2)
        self.assertEqual(result.dtype, np.float64)
        self.assertAllClose(result, images.mean((1, 2)), 1e-4)

    def test_sliced_distance_against_tfgan(self):
        rng = np.random.default_rng(0)
        real, fake = rng.integers(0, 256, (2, 12, 32, 32, 3)).astype("uint8")
        found = scores.sliced_wasserstein(real, fake, seed=3, projections=2)
        noise = np.random.default_rng(3)
        pair = [tf.constant(scores.unrounded(images, noise)) for images in (real, fake)]
        self.assertLess(np.abs(pair[0] * 255.0 - real).max(), 0.501)
        np.random.seed(3)
        tf.random.set_seed(3)
        levels = tfgan.load().eval.sliced_wasserstein_distance(
            *pair, resolution_min=16, random_sampling_count=2
        )
        self.assertEqual(len(levels), 2)
        expected = np.mean([float(level[1]) for level in levels])
        self.assertAllClose(found, expected, 1e-6)

    def test_sliced_distance_of_flat_grounds_is_a_number(self):
        # TF-GAN divides by the deviation of a patch, here 0.
        rng = np.random.default_rng(0)
        images = np.full((2, 8, 32, 32, 3), 255, "uint8")
        images[:, :, 8:16, 8:16] = rng.integers(0, 256, (2, 8, 8, 8, 3))
        self.assertFinite(scores.sliced_wasserstein(*images))
