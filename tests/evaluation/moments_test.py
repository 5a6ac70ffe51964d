import numpy as np
import tensorflow as tf

from inr_keras.evaluation import array_file
from inr_keras.evaluation import moments
from inr_keras.evaluation import resampling
from inr_keras.evaluation import tfgan
from tests import testing


class MomentsTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        rng = np.random.default_rng(0)
        mix = rng.normal(size=(6, 6))
        self.real = rng.normal(size=(150, 6)) @ mix + 100.0
        self.fake = rng.normal(size=(90, 6)) @ mix * 1.3 + 100.5

    def test_parts_equal_the_whole(self):
        found = moments.Moments()
        for start in (0, 7, 80):
            end = {0: 7, 7: 80, 80: 150}[start]
            found.add(self.real[start:end])
        self.assertAllClose(found.mean, self.real.mean(0), 1e-12)
        self.assertAllClose(found.covariance, np.cov(self.real.T), 1e-10)
        self.assertAllClose(found.variances, self.real.var(0), 1e-10)

    def test_rows_of_a_file_equal_the_array(self):
        path = self.temporary_folder() / "a.npy"
        writer = array_file.RowsWriter(path, len(self.real))
        writer.append(self.real)
        writer.close()
        found = moments.moments(array_file.Rows(path))
        expected = np.cov(self.real.astype("float32").astype("float64").T)
        self.assertAllClose(found.covariance, expected, 1e-9)

    def test_weights_are_repetitions(self):
        weights = np.arange(90) % 3
        found = moments.moments(self.fake, weights)
        repeated = moments.moments(self.fake.repeat(weights, axis=0))
        self.assertAllClose(found.mean, repeated.mean, 1e-12)
        self.assertAllClose(found.covariance, repeated.covariance, 1e-10)

    def test_against_numpy_and_tfgan(self):
        a, b = moments.moments(self.real), moments.moments(self.fake)
        found = moments.frechet(a, b)
        first, second = np.cov(self.real.T), np.cov(self.fake.T)
        # tr (A B)^(1/2) is the sum of the roots of AB's eigenvalues.
        roots = np.sqrt(np.linalg.eigvals(first @ second).astype(complex))
        means = self.real.mean(0) - self.fake.mean(0)
        expected = (means**2).sum() + np.trace(first) + np.trace(second)
        expected -= 2 * roots.real.sum()
        self.assertAllClose(found, expected, 1e-6)
        self.assertAllClose(found, moments.frechet(a, b, tfgan), 1e-6)
        evaluate = tfgan.load().eval
        pair = tf.constant(self.real), tf.constant(self.fake)
        whole = evaluate.frechet_classifier_distance_from_activations(*pair)
        self.assertAllClose(found, whole, 1e-6)

    def test_diagonal_against_tfgan(self):
        a, b = moments.moments(self.real), moments.moments(self.fake)
        name = "diagonal_only_frechet_classifier_distance_from_activations"
        function = getattr(tfgan.load().eval, name)
        whole = function(tf.constant(self.real), tf.constant(self.fake))
        self.assertAllClose(moments.diagonal_frechet(a, b), whole, 1e-6)

    def test_influence_is_the_derivative(self):
        a, b = moments.moments(self.real), moments.moments(self.fake)
        for diagonal, function in (
            (False, moments.frechet),
            (True, moments.diagonal_frechet),
        ):
            found = moments.influence(a, b, self.fake, diagonal)
            self.assertAllClose(found.mean(), 0.0, 0, 1e-9)
            for k in (0, 40):  # The image a little more often than once.
                weights = np.ones(90)
                weights[k] += 1e-4
                moved = moments.moments(self.fake, weights)
                slope = (function(a, moved) - function(a, b)) / 1e-4
                self.assertAllClose(found[k] / 90, slope, 0.05, 5e-4)

    def test_resampled_influence_spreads_as_resampled_distances(self):
        rng = np.random.default_rng(3)
        fake = rng.normal(size=(600, 6)) * 1.5 + 100.0
        a, b = moments.moments(self.real), moments.moments(fake)
        values = moments.influence(a, b, fake)
        drawn = list(resampling.counts(600, 60, 0))
        linear = [weights @ values / 600 for weights in drawn]
        full = [moments.frechet(a, moments.moments(fake, weights)) for weights in drawn]
        self.assertGreater(np.corrcoef(linear, full)[0, 1], 0.95)
        self.assertAllClose(np.std(linear), np.std(full), 0.15)

    def test_fewer_images_than_numbers(self):
        rng = np.random.default_rng(4)
        real, fake = rng.normal(size=(2, 12, 30))
        a, b = moments.moments(real), moments.moments(fake)
        expected = moments.frechet(a, b, tfgan)
        self.assertAllClose(moments.frechet(a, b), expected, 1e-6)
        values = moments.influence(a, b, fake)
        self.assertFinite(values)
        self.assertLess(np.abs(values).max(), 100 * moments.frechet(a, b))

    def test_one_image(self):
        with self.assertRaisesRegex(ValueError, "two images.*Received: 1"):
            moments.moments(self.real[:1])
