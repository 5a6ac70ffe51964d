import numpy as np
import tensorflow as tf

from inr_keras import losses
from tests import testing


class R1Test(testing.TestCase):
    def test_linear_discriminator(self):
        # D(x) = w . x has the gradient w at each image.
        rng = np.random.default_rng(0)
        images = tf.constant(rng.normal(size=(5, 4, 4, 3)), tf.float32)
        weights = tf.constant(rng.normal(size=(48, 1)), tf.float32)
        with tf.GradientTape() as outer:
            outer.watch(weights)
            with tf.GradientTape() as tape:
                tape.watch(images)
                logits = tf.reshape(images, (5, 48)) @ weights
                total = tf.reduce_sum(logits)
            penalty = losses.r1_penalty(tape.gradient(total, images))
        self.assertAllClose(penalty, np.sum(np.square(weights)))
        # And its own gradient is 2 w.
        self.assertAllClose(outer.gradient(penalty, weights), 2 * weights)

    def test_mean_over_the_batch_alone(self):
        gradients = np.zeros((4, 2, 2, 3), "float32")
        gradients[0] = 1.0
        gradients[1] = 2.0
        expected = (12 + 48) / 4
        self.assertAllClose(losses.r1_penalty(gradients), expected)

    def test_half_precision_gradients_do_not_overflow(self):
        gradients = tf.fill((2, 8, 8, 3), tf.constant(200.0, tf.float16))
        penalty = losses.r1_penalty(gradients)
        self.assertEqual(penalty.dtype, "float32")
        self.assertAllClose(penalty, 192 * 40000.0)

    def test_zero_gradients(self):
        gradients = tf.zeros((2, 4, 4, 3))
        with tf.GradientTape() as tape:
            tape.watch(gradients)
            penalty = losses.r1_penalty(gradients)
        self.assertAllEqual(penalty, 0.0)
        self.assertFinite(tape.gradient(penalty, gradients))
