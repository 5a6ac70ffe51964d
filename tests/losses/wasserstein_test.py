import numpy as np
import tensorflow as tf

from inr_keras import losses
from tests import testing


class WassersteinTest(testing.TestCase):
    def test_losses_by_hand(self):
        real = np.array([[1.0], [3.0]], "float32")
        fake = np.array([[-2.0], [0.5]], "float32")
        loss = losses.wasserstein_discriminator_loss(real, fake)
        self.assertAllClose(loss, -0.75 - 2.0)
        self.assertAllClose(losses.wasserstein_generator_loss(fake), 0.75)

    def test_interpolates_lie_between_each_pair(self):
        rng = np.random.default_rng(0)
        real, fake = rng.normal(size=(2, 3, 2, 2, 1)).astype("float32")
        shares = np.array([0.0, 0.25, 1.0], "float32")
        between = np.array(losses.interpolates(real, fake, shares))
        self.assertAllClose(between[0], fake[0])
        self.assertAllClose(between[1], 0.25 * real[1] + 0.75 * fake[1])
        self.assertAllClose(between[2], real[2])

    def test_penalty_is_the_distance_from_a_slope_of_one(self):
        rng = np.random.default_rng(0)
        gradients = rng.normal(size=(4, 3, 3, 2)).astype("float32")
        norms = np.sqrt(np.sum(gradients**2, axis=(1, 2, 3)))
        expected = np.mean((norms - 1) ** 2)
        self.assertAllClose(losses.slope_penalty(gradients), expected)
        unit = gradients / norms[:, None, None, None]
        self.assertAllClose(losses.slope_penalty(unit), 0.0, atol=1e-6)

    def test_no_slope_has_a_finite_gradient(self):
        flat = tf.zeros((2, 4))
        with tf.GradientTape() as tape:
            tape.watch(flat)
            penalty = losses.slope_penalty(flat)
        self.assertAllClose(penalty, 1.0)
        self.assertAllEqual(tape.gradient(penalty, flat), tf.zeros((2, 4)))
