import numpy as np
import tensorflow as tf

from inr_keras.config import Loss
from inr_keras.models import StyleGAN2Discriminator
from inr_keras.training.step.critic import IDLE
from inr_keras.training.step.critic import Critic
from inr_keras.training.step.critic import clip_to_range
from tests import testing


class CriticTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.real = tf.random.stateless_normal((4, 8, 8, 3), (1, 2))
        self.fake = tf.random.stateless_normal((4, 8, 8, 3), (3, 4))
        self.due = tf.constant(True)

    def critic(self, position=False, **settings):
        discriminator = StyleGAN2Discriminator(8, channels=(4, 4), position=position)
        return Critic(discriminator, Loss(**settings))

    def test_losses_of_both_kinds(self):
        for kind in ("logistic", "relativistic"):
            critic = self.critic(adversarial=kind, r1_weight=0.0)
            logs, _ = critic.gradients(self.real, self.fake, None, self.due)
            real = np.array(critic.judge(self.real, None), "float64")
            fake = np.array(critic.judge(self.fake, None), "float64")
            generator = critic.generator_loss(self.real, self.fake, None)
            if kind == "logistic":
                expected = np.log1p(np.exp(-real)) + np.log1p(np.exp(fake))
                adversary = np.log1p(np.exp(-fake))
            else:
                expected = np.log1p(np.exp(fake - real))
                adversary = np.log1p(np.exp(real - fake))
            self.assertAllClose(logs["d_loss"], expected.mean())
            self.assertAllClose(generator, adversary.mean())

    def test_penalties_are_on_their_own_images(self):
        critic = self.critic(r1_weight=2.0, r2_weight=3.0, r1_interval=4)
        logs, both = critic.gradients(self.real, self.fake, None, self.due)
        r1, r1_gradients = critic.penalty(self.real, None, 2.0)
        r2, r2_gradients = critic.penalty(self.fake, None, 3.0)
        self.assertAllClose(logs["r1"], r1)
        self.assertAllClose(logs["r2"], r2)
        logs, without = critic.gradients(self.real, self.fake, None, tf.constant(False))
        self.assertEqual(float(logs["r1"]), IDLE)
        for total, *parts in zip(both, without, r1_gradients, r2_gradients):
            self.assertAllClose(total, sum(parts))

    def test_wgan_has_its_penalty_in_every_step(self):
        critic = self.critic(adversarial="wgan", r1_weight=0.0, gp_weight=3.0)
        mixture = tf.constant([0.0, 0.3, 0.6, 1.0])
        for due in (True, False):
            logs, total = critic.gradients(
                self.real, self.fake, None, tf.constant(due), mixture
            )
            self.assertNotIn("r1", logs)
            share = mixture[:, None, None, None]
            between = share * self.real + (1 - share) * self.fake
            variables = critic.discriminator.trainable_variables
            with tf.GradientTape() as outer:
                with tf.GradientTape() as inner:
                    inner.watch(between)
                    logits = critic.judge(between, None)
                slope = inner.gradient(logits, between)
                norm = tf.sqrt(tf.reduce_sum(slope**2, (1, 2, 3)))
                penalty = tf.reduce_mean((norm - 1) ** 2)
                real = tf.reduce_mean(critic.judge(self.real, None))
                fake = tf.reduce_mean(critic.judge(self.fake, None))
                loss = fake - real + 3.0 * penalty
            self.assertAllClose(logs["gp"], penalty)
            self.assertAllClose(logs["d_loss"], fake - real)
            expected = outer.gradient(loss, variables)
            for a, b in zip(total, expected, strict=True):
                self.assertAllClose(a, b, atol=1e-5)
        loss = critic.generator_loss(self.real, self.fake, None)
        self.assertAllClose(loss, -fake)

    def test_a_critic_told_the_place_uses_it(self):
        critic = self.critic(position=True)
        self.assertTrue(critic.told_place)
        self.assertFalse(self.critic().told_place)
        here = tf.zeros((1, 8, 8, 3))
        there = here + 0.5
        a = np.array(critic.judge(self.real, here))
        b = np.array(critic.judge(self.real, there))
        self.assertGreater(np.max(np.abs(a - b)), 1e-3)
        # One place for all equals the same place for each.
        each = tf.repeat(there, 4, axis=0)
        self.assertAllClose(critic.judge(self.real, each), b)
        # The penalty is on the image alone, not on the place.
        penalty, _ = critic.penalty(self.real, there, 1.0)
        self.assertTrue(np.isfinite(float(penalty)))

    def test_clipping_lets_colours_come_back(self):
        x = tf.constant([-1.5, -1.5, -0.5, 0.5, 1.5, 1.5])
        upstream = tf.constant([1.0, -1.0, 1.0, -1.0, 1.0, -1.0])
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = clip_to_range(x)
        self.assertAllEqual(y, [-1.0, -1.0, -0.5, 0.5, 1.0, 1.0])
        # Descent moves against the gradient: inwards it may.
        gradient = tape.gradient(y, x, output_gradients=upstream)
        self.assertAllEqual(gradient, [0.0, -1.0, 1.0, -1.0, 1.0, 0.0])
