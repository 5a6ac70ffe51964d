"""`StyleGAN2Discriminator` against numbers of CIPS's public code."""

import tensorflow as tf

from inr_keras import losses
from tests import testing
from tests.models import reference


class StyleGAN2ReferenceTest(testing.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.arrays = testing.load_fixture("cips_discriminator")
        cls.discriminator = reference.cips_discriminator(cls.arrays)
        cls.images = tf.constant(testing.channels_last(cls.arrays["x"]))

    def assertGradients(self, prefix, loss_fn):
        variables = reference.discriminator_variables(self.discriminator)
        start = len(prefix) + 1
        names = [key[start:] for key in self.arrays if key.startswith(f"{prefix}/")]
        self.assertEqual(len(names), 5)
        with tf.GradientTape() as tape:
            loss = loss_fn()
        gradients = tape.gradient(loss, [variables[n].value for n in names])
        for name, gradient in zip(names, gradients):
            with self.subTest(name):
                expected = self.arrays[f"{prefix}/{name}"]
                expected = reference.discriminator_weight(name, expected)
                # Of the largest kernel, the first filters alone are kept.
                gradient = gradient[..., : expected.shape[-1]]
                self.assertMatchesReference(gradient, expected)

    def input_gradient(self):
        with tf.GradientTape() as tape:
            tape.watch(self.images)
            logits = tf.reduce_sum(self.discriminator(self.images))
        return tape.gradient(logits, self.images)

    def test_all_parameters_are_used(self):
        names = {k[6:] for k in self.arrays if k.startswith("param/")}
        variables = reference.discriminator_variables(self.discriminator)
        self.assertEqual(set(variables), names)
        self.assertEqual(len(variables), len(self.discriminator.trainable_variables))

    def test_logits(self):
        self.assertMatchesReference(
            self.discriminator(self.images), self.arrays["logits"]
        )

    def test_logits_of_smaller_batches(self):
        for count in (1, 2, 3, 4):
            with self.subTest(count=count):
                self.assertMatchesReference(
                    self.discriminator(self.images[:count]),
                    self.arrays[f"logits_first{count}"],
                )

    def test_input_gradient(self):
        expected = testing.channels_last(self.arrays["grad_input"])
        self.assertMatchesReference(self.input_gradient(), expected)

    def test_r1(self):
        gradient = self.input_gradient()
        squares = tf.reduce_sum(tf.square(gradient), axis=(1, 2, 3))
        expected = self.arrays["grad_norm_sq_per_sample"]
        self.assertMatchesReference(squares, expected)
        penalty = losses.r1_penalty(gradient)
        self.assertMatchesReference(penalty, self.arrays["r1"])

    def test_gradients_of_r1(self):
        self.assertGradients(
            "grad_r1", lambda: losses.r1_penalty(self.input_gradient())
        )

    def test_gradients_of_the_nonsaturating_loss(self):
        self.assertGradients(
            "grad_softplus",
            lambda: losses.generator_nonsaturating_loss(
                self.discriminator(self.images)
            ),
        )
