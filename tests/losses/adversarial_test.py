import numpy as np
import tensorflow as tf

from inr_keras import losses
from tests import testing


class AdversarialTest(testing.TestCase):
    def test_values_by_hand(self):
        # softplus(0) = log 2; softplus(v) - softplus(-v) = v.
        zeros = np.zeros((3, 1), "float32")
        self.assertAllClose(losses.generator_nonsaturating_loss(zeros), np.log(2))
        self.assertAllClose(
            losses.discriminator_logistic_loss(zeros, zeros), 2 * np.log(2)
        )
        logits = np.array([[1.0], [-3.0]], "float32")
        expected = np.mean(np.log1p(np.exp([-1.0, 3.0])))
        self.assertAllClose(losses.generator_nonsaturating_loss(logits), expected)
        self.assertAllClose(
            losses.discriminator_logistic_loss(logits, zeros),
            expected + np.log(2),
        )

    def test_matches_the_reference(self):
        arrays = testing.load_fixture("losses")
        for case in ("gan", "gan_extreme"):
            with self.subTest(case):
                self.check_reference(
                    {
                        name: arrays[f"{case}/{name}"]
                        for name in (
                            "fake_logits",
                            "real_logits",
                            "loss_g_nonsaturating",
                            "loss_d_logistic",
                            "loss_d_real_term",
                            "loss_d_fake_term",
                            "grad_g_fake",
                            "grad_d_real",
                            "grad_d_fake",
                        )
                    }
                )

    def check_reference(self, arrays):
        fake = tf.constant(arrays["fake_logits"])
        real = tf.constant(arrays["real_logits"])
        with tf.GradientTape(persistent=True) as tape:
            tape.watch([fake, real])
            g_loss = losses.generator_nonsaturating_loss(fake)
            d_loss = losses.discriminator_logistic_loss(real, fake)
        self.assertMatchesReference(g_loss, arrays["loss_g_nonsaturating"])
        self.assertMatchesReference(d_loss, arrays["loss_d_logistic"])
        # Logits of -inf and inf end the other term.
        nothing = np.full((1, 1), np.inf, "float32")
        self.assertMatchesReference(
            losses.discriminator_logistic_loss(real, -nothing),
            arrays["loss_d_real_term"],
        )
        self.assertMatchesReference(
            losses.discriminator_logistic_loss(nothing, fake),
            arrays["loss_d_fake_term"],
        )
        self.assertMatchesReference(tape.gradient(g_loss, fake), arrays["grad_g_fake"])
        self.assertMatchesReference(tape.gradient(d_loss, real), arrays["grad_d_real"])
        self.assertMatchesReference(tape.gradient(d_loss, fake), arrays["grad_d_fake"])

    def test_logits_of_different_shapes(self):
        with self.assertRaisesRegex(ValueError, r"one shape.*\(4, 1\) and \(4,\)"):
            losses.relativistic_generator_loss(np.ones((4, 1)), np.ones(4))

    def test_half_precision_logits_give_float32_losses(self):
        logits = tf.constant([[70000.0], [-60000.0]])
        half = tf.cast(tf.clip_by_value(logits, -6e4, 6e4), "float16")
        loss = losses.generator_nonsaturating_loss(half)
        self.assertEqual(loss.dtype, "float32")
        self.assertAllClose(loss, 30000.0, rtol=1e-3)
        loss = losses.discriminator_logistic_loss(half, half)
        self.assertEqual(loss.dtype, "float32")
        self.assertFinite(loss)
