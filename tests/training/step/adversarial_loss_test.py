import keras
import numpy as np
import tensorflow as tf

from inr_keras.config import Loss
from inr_keras.models import StyleGAN2Discriminator
from inr_keras.training.step.adversarial_loss import AdversarialLoss
from inr_keras.training.step.adversarial_loss import PatchPair
from inr_keras.training.step.adversarial_loss import clip_to_range
from inr_keras.training.step.adversarial_loss import lazy_weight
from tests import testing


class AdversarialLossTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.real = tf.random.stateless_normal((4, 8, 8, 3), (1, 2))
        self.fake = tf.random.stateless_normal((4, 8, 8, 3), (3, 4))
        self.pair = PatchPair(self.real, self.fake)
        self.due, self.other = tf.constant(0), tf.constant(1)

    def adversarial(self, position=False, **settings):
        discriminator = StyleGAN2Discriminator(8, channels=(4, 4), position=position)
        return AdversarialLoss(discriminator, Loss(**settings))

    def test_penalties_differentiate_to_the_patch_before_its_augmentation(self):
        # D(x) = sum(w x): its gradient at the raw patch is w times what the change of
        # colours leaves of it, here exactly a factor on deviations from the mean.
        sums = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(1)])
        sums.build((None, *self.real.shape[1:]))
        weights = np.zeros((int(np.prod(self.real.shape[1:])), 1), "float32")
        weights[0], weights[3] = 1.0, -1.0  # One channel of two neighbours.
        sums.layers[-1].set_weights([weights, np.zeros(1)])
        loss = AdversarialLoss(sums, Loss(), ("color",))
        uniforms = np.full((len(self.real), 7), 0.5, "float32")
        uniforms[:, 2] = 1.0  # Contrast times 1.5; brightness and saturation stay.
        pair = self.pair._replace(augmentation=tf.constant(uniforms))
        (penalty, _), _ = loss.lazy_penalty(self.real, pair, 1.0, self.due)
        self.assertAllClose(penalty, 2.0 * 1.5**2, 1e-4)

    def test_penalties_of_a_loss_that_is_used_every_few_steps(self):
        # Over the steps that repeat, they weigh as much as in all uses together.
        for interval, every in ((8, 1), (8, 2), (8, 8), (3, 2), (2, 6)):
            steps = range(0, 24, every)
            due = sum(step % interval == 0 for step in steps)
            weight = lazy_weight(interval, every)
            self.assertEqual(due * weight, len(steps), (interval, every))
        plain = self.adversarial(r1_interval=8)
        rare = AdversarialLoss(plain.discriminator, plain.settings, every=4)
        arguments = self.real, self.pair, 1.0, self.due
        for one, other in zip(*(x.lazy_penalty(*arguments)[1] for x in (plain, rare))):
            self.assertAllClose(one, 4.0 * other)

    def test_losses_of_both_kinds(self):
        for kind in ("logistic", "relativistic"):
            loss = self.adversarial(adversarial=kind, r1_weight=0.0)
            terms, _ = loss.discriminator_gradients(self.pair, self.due)
            real = np.array(loss.logits(self.real, self.pair), "float64")
            fake = np.array(loss.logits(self.fake, self.pair), "float64")
            if kind == "logistic":
                discriminator = np.log1p(np.exp(-real)) + np.log1p(np.exp(fake))
                generator = np.log1p(np.exp(-fake))
            else:
                discriminator = np.log1p(np.exp(fake - real))
                generator = np.log1p(np.exp(real - fake))
            self.assertAllClose(terms["d_loss"], discriminator.mean())
            self.assertAllClose(loss.generator_loss(self.pair), generator.mean())

    def test_fakes_get_no_gradient_from_the_discriminators_loss(self):
        loss = self.adversarial()
        with tf.GradientTape() as tape:
            tape.watch(self.fake)
            terms, _ = loss.discriminator_gradients(self.pair, self.other)
        self.assertIsNone(tape.gradient(terms["d_loss"], self.fake))

    def test_penalties_are_on_their_own_images(self):
        loss = self.adversarial(r1_weight=2.0, r2_weight=3.0, r1_interval=4)
        terms, both = loss.discriminator_gradients(self.pair, self.due)
        r1, r1_gradients = loss.lazy_penalty(self.real, self.pair, 2.0, self.due)
        r2, r2_gradients = loss.lazy_penalty(self.fake, self.pair, 3.0, self.due)
        self.assertAllClose(terms["r1"], r1)
        self.assertAllClose(terms["r2"], r2)
        self.assertEqual(float(r1[1]), 1.0)
        self.assertGreater(float(r1[0]), 0.0)
        terms, without = loss.discriminator_gradients(self.pair, self.other)
        self.assertEqual([float(v) for v in terms["r1"]], [0.0, 0.0])
        for total, *parts in zip(both, without, r1_gradients, r2_gradients):
            self.assertAllClose(total, sum(parts))

    def test_wgan_has_its_penalty_in_every_step(self):
        loss = self.adversarial(adversarial="wgan", r1_weight=0.0, gp_weight=3.0)
        mixture = tf.constant([0.0, 0.3, 0.6, 1.0])
        pair = self.pair._replace(mixture=mixture)
        for step in (self.due, self.other):
            terms, total = loss.discriminator_gradients(pair, step)
            self.assertNotIn("r1", terms)
            share = mixture[:, None, None, None]
            between = share * self.real + (1 - share) * self.fake
            variables = loss.discriminator.trainable_variables
            with tf.GradientTape() as outer:
                with tf.GradientTape() as inner:
                    inner.watch(between)
                    logits = loss.logits(between, pair)
                slope = inner.gradient(logits, between)
                norm = tf.sqrt(tf.reduce_sum(slope**2, (1, 2, 3)))
                penalty = tf.reduce_mean((norm - 1) ** 2)
                real = tf.reduce_mean(loss.logits(self.real, pair))
                fake = tf.reduce_mean(loss.logits(self.fake, pair))
                value = fake - real + 3.0 * penalty
            self.assertAllClose(terms["gp"], penalty)
            self.assertAllClose(terms["d_loss"], fake - real)
            expected = outer.gradient(value, variables)
            for a, b in zip(total, expected, strict=True):
                self.assertAllClose(a, b, atol=1e-5)
        self.assertAllClose(loss.generator_loss(pair), -fake)

    def test_wgan_with_r1_alone(self):
        loss = self.adversarial(adversarial="wgan", r1_weight=2.0, gp_weight=0.0)
        terms, _ = loss.discriminator_gradients(self.pair, self.due)
        self.assertNotIn("gp", terms)
        r1, r1_gradients = loss.lazy_penalty(self.real, self.pair, 2.0, self.due)
        self.assertAllClose(terms["r1"], r1)
        _, total = loss.discriminator_gradients(self.pair, self.due)
        _, without = loss.discriminator_gradients(self.pair, self.other)
        for a, b, c in zip(total, without, r1_gradients, strict=True):
            self.assertAllClose(a, b + c, atol=1e-5)
        real, fake = (loss.logits(x, self.pair) for x in (self.real, self.fake))
        expected = tf.reduce_mean(fake) - tf.reduce_mean(real)
        self.assertAllClose(terms["d_loss"], expected)

    def test_a_discriminator_with_position_uses_the_place(self):
        loss = self.adversarial(position=True)
        here = self.pair._replace(place=tf.zeros((1, 8, 8, 3)))
        elsewhere = self.pair._replace(place=here.place + 0.5)
        a = np.array(loss.logits(self.real, here))
        b = np.array(loss.logits(self.real, elsewhere))
        self.assertGreater(np.max(np.abs(a - b)), 1e-3)
        # One place for all equals the same place for each.
        each = self.pair._replace(place=tf.repeat(elsewhere.place, 4, axis=0))
        self.assertAllClose(loss.logits(self.real, each), b)
        # The penalty is on the image alone, not on the place.
        (penalty, _), _ = loss.lazy_penalty(self.real, elsewhere, 1.0, self.due)
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
