import sys
from unittest import mock

import keras
import numpy as np
import tensorflow as tf

from inr_keras import losses
from inr_keras import quiet_imports
from inr_keras.evaluation import tfgan
from tests import testing

STAND_IN = "tensorflow_gan.python.estimator"


class LoadTest(testing.TestCase):
    def assertNoTrace(self):
        self.assertNotIn(STAND_IN, sys.modules)
        self.assertFalse(hasattr(tf, "estimator"))
        # TF-GAN wants Keras 2, which must not become anyone's `tf.keras`.
        self.assertTrue(tf.keras.__version__.startswith("3."))
        self.assertIs(tf.keras.layers.Dense, keras.layers.Dense)

    def test_gives_the_module_and_leaves_no_trace(self):
        module = tfgan.load()
        self.assertEqual(module.__name__, "tensorflow_gan")
        self.assertIs(tfgan.load(), module)
        self.assertTrue(callable(module.eval.frechet_classifier_distance))
        self.assertNoTrace()

    def test_leaves_no_trace_of_a_failed_import(self):
        # None in `sys.modules` makes an import fail.
        with mock.patch.dict(sys.modules, {"tensorflow_gan": None}):
            with self.assertRaises(ImportError):
                tfgan.load.__wrapped__()
            self.assertNoTrace()

    def test_says_what_is_missing(self):
        error = ImportError("No module named 'pkg_resources'")
        with (
            mock.patch("importlib.import_module", side_effect=error),
            self.assertRaisesRegex(
                quiet_imports.UnfitEnvironment,
                "'pkg_resources'.*setuptools<81' .extra: tfgan.",
            ),
        ):
            tfgan.load.__wrapped__()

    def test_leaves_an_estimator_that_is_there_alone(self):
        estimator = object()
        with mock.patch.object(tf, "estimator", estimator, create=True):
            tfgan.load.__wrapped__()
            self.assertIs(tf.estimator, estimator)
        self.assertNoTrace()


class LossesTest(testing.TestCase):
    """This project's losses beside TF-GAN's."""

    def setUp(self):
        super().setUp()
        rng = np.random.default_rng(0)
        ordinary = rng.normal(size=(2, 6, 1)) * 4
        extreme = np.array([[[-80.0], [90.0]], [[100.0], [-70.0]]])
        self.pairs = [tf.constant(pair, "float32") for pair in (ordinary, extreme)]
        self.tfgan = tfgan.load().losses.losses_impl

    def test_generator(self):
        for fake, _ in self.pairs:
            self.assertAllClose(
                losses.generator_nonsaturating_loss(fake),
                self.tfgan.modified_generator_loss(fake),
            )

    def test_discriminator(self):
        for real, fake in self.pairs:
            ours = losses.discriminator_logistic_loss(real, fake)
            theirs = self.tfgan.minimax_discriminator_loss(
                real, fake, label_smoothing=0.0
            )
            self.assertAllClose(ours, theirs)
            # TF-GAN smooths labels unless told not to.
            smooth = self.tfgan.minimax_discriminator_loss(real, fake)
            self.assertGreater(abs(float(smooth - theirs)), 1e-3)

    def test_gradients(self):
        for real, fake in self.pairs:
            with tf.GradientTape(persistent=True) as tape:
                tape.watch([real, fake])
                ours = losses.discriminator_logistic_loss(real, fake)
                theirs = self.tfgan.minimax_discriminator_loss(
                    real, fake, label_smoothing=0.0
                )
            for source in (real, fake):
                self.assertAllClose(
                    tape.gradient(ours, source), tape.gradient(theirs, source)
                )

    def test_gradient_norm(self):
        # TF-GAN has no R1. Its penalty (|g| - 1)^2 between two equal batches
        # is taken on the real images; with one image |g|^2 follows.
        rng = np.random.default_rng(0)
        weights = rng.normal(size=(12, 1)).astype("float32")
        image = rng.normal(size=(1, 2, 2, 3)).astype("float32")

        def discriminate(images, unused_conditioning=None):
            logits = tf.matmul(tf.reshape(images, (-1, 12)), weights)
            return tf.sin(logits) + 2.0 * logits

        @tf.function(autograph=False)
        def theirs():
            return self.tfgan.wasserstein_gradient_penalty(
                image, image, None, discriminate, "d", epsilon=0.0
            )

        images = tf.constant(image)
        with tf.GradientTape() as tape:
            tape.watch(images)
            logits = tf.reduce_sum(discriminate(images))
        r1 = losses.r1_penalty(tape.gradient(logits, images))
        self.assertGreater(float(r1), 1.0)
        self.assertAllClose((np.sqrt(float(r1)) - 1.0) ** 2, theirs())


class FrechetDistanceTest(testing.TestCase):
    def test_works_on_plain_tensors(self):
        # Of two normal distributions with diagonal covariances.
        rng = np.random.default_rng(0)
        a = rng.normal(size=(4000, 2)) * [1.0, 2.0]
        b = rng.normal(size=(4000, 2)) * [3.0, 2.0] + [1.0, 0.0]
        function = tfgan.load().eval
        distance = function.frechet_classifier_distance_from_activations(
            tf.constant(a, "float32"), tf.constant(b, "float32")
        )
        self.assertAllClose(distance, 1.0 + (3.0 - 1.0) ** 2, rtol=0.05)
