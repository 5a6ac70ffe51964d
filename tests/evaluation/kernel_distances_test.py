import numpy as np
import pytest
import tensorflow as tf

from inr_keras.evaluation import kernel_distances
from inr_keras.evaluation import tfgan
from tests import testing


class KernelDistanceTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        rng = np.random.default_rng(0)
        self.real = rng.normal(size=(83, 5))
        self.fake = rng.normal(size=(61, 5)) + 0.3

    def test_one_block_against_numpy(self):
        def k(x, y):
            return (x @ y.T / 5 + 1) ** 3

        def off_diagonal(x):
            n = len(x)
            return (k(x, x).sum() - np.trace(k(x, x))) / (n * (n - 1))

        found = kernel_distances.kernel_distances(self.real, self.fake, 100)
        expected = off_diagonal(self.real) + off_diagonal(self.fake)
        expected -= 2 * k(self.real, self.fake).mean()
        self.assertEqual(found.shape, (1,))
        self.assertAllClose(found[0], expected, 1e-10)
        theirs = kernel_distances.kernel_distances(self.real, self.fake, 100, tfgan)
        self.assertAllClose(found, theirs, 1e-6)

    @pytest.mark.slow
    def test_blocks_against_tfgan(self):
        name = "kernel_classifier_distance_and_std_from_activations"
        theirs, error = getattr(tfgan.load().eval, name)(
            tf.constant(self.real), tf.constant(self.fake), max_block_size=20
        )
        found = kernel_distances.kernel_distances(self.real, self.fake, 20)
        self.assertEqual(found.shape, (5,))
        self.assertAllClose(found.mean(), theirs, 1e-6)
        self.assertAllClose(found.std(ddof=1) / 5**0.5, error, 1e-6)

    def test_unbiased(self):
        rng = np.random.default_rng(1)
        found = kernel_distances.kernel_distances(
            rng.normal(size=(2000, 3)), rng.normal(size=(2000, 3)), 50
        )
        self.assertLess(abs(found.mean()), 3 * found.std() / 40**0.5)
        self.assertLess(found.min(), 0.0)

    def test_blocks_by_themselves(self):
        sizes = [kernel_distances.block_size(n) for n in (20, 2000, 10**6)]
        self.assertEqual(sizes, [50, 200, 1000])
        with self.assertRaisesRegex(ValueError, "Received: 83 and 61"):
            kernel_distances.kernel_distances(self.real, self.fake, 2)


class InceptionScoreTest(testing.TestCase):
    def test_against_numpy_and_tfgan(self):
        logits = np.random.default_rng(0).normal(size=(1500, 7)) * 3
        found, drawn = kernel_distances.inception_scores(logits, 10, 0)
        shares = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
        marginal = shares.mean(0)
        divergence = (shares * np.log(shares / marginal)).sum(1).mean()
        self.assertAllClose(found, np.exp(divergence), 1e-4)
        theirs = tfgan.load().eval.classifier_score_from_logits(tf.constant(logits))
        self.assertAllClose(found, theirs, 1e-6)
        self.assertLess(abs(drawn.mean() - found), 4 * drawn.std())

    def test_limits(self):
        sure = np.eye(4)[np.arange(40) % 4] * 100.0
        self.assertAllClose(kernel_distances.inception_scores(sure, 0, 0)[0], 4.0, 1e-4)
        unsure = np.zeros((40, 4))
        self.assertAllClose(
            kernel_distances.inception_scores(unsure, 0, 0)[0], 1.0, 1e-6
        )
