import numpy as np
import tensorflow as tf

from inr_keras import losses
from inr_keras.benchmarks import network_speed
from inr_keras.benchmarks import timing
from tests import testing
from tests.rendering.generators import small_generator


class NetworkSpeedTest(testing.TestCase):
    def test_synthesis(self):
        generator = small_generator(width=[9, 6])
        rows = network_speed.measure_synthesis(generator, batch=2, points=50, runs=3)
        self.assertEqual([r["pass"] for r in rows], ["forward", "with backward"])
        of_points = 2 * 100 * sum(i * o for i, o in timing.dense_shapes(generator))
        for row, times in zip(rows, (1, 3)):
            self.assertEqual((row["width"], row["images"], row["points"]), (9, 2, 50))
            self.assertEqual(row["dtype"], "float32")
            # Scales of images count, and features that images share count once.
            self.assertAllClose(row["gflop"] * 1e9, times * of_points, 0.1)
            for name in ("ms", "megabytes", "gflops", "plain_gflops", "share_min"):
                self.assertGreater(row[name], 0.0, name)
            self.assertLessEqual(row["share_min"], row["share"])
            self.assertLessEqual(row["share"], row["share_max"])

    def test_what_is_computed(self):
        """Each pass gives the numbers of the networks themselves."""
        generator = network_speed.build_cips(8, size=8)
        forward, backward = network_speed.synthesis_passes(generator, 2, 64)
        values, styles, coords = forward.arguments
        expected = generator.synthesis(styles, coords)
        self.assertAllClose(forward.function(*forward.arguments), expected)
        with tf.GradientTape() as tape:
            tape.watch(styles)
            weighted = generator.synthesis(styles, coords) * backward.arguments[-1]
        *found, of_styles = backward.function(*backward.arguments)
        self.assertAllClose(of_styles, tape.gradient(weighted, styles), 1e-4, 1e-4)
        self.assertEqual(len(found), len(values))

        critic = network_speed.build_discriminator(8, size=8)
        logits, loss, r1, both = network_speed.discriminator_passes(
            critic, 2, generator
        )
        real, fake = loss.arguments[1:]
        self.assertAllClose(logits.function(*logits.arguments), critic(real))
        with tf.GradientTape() as tape:
            value = losses.discriminator_logistic_loss(critic(real), critic(fake))
        gradients = tape.gradient(value, critic.trainable_variables)
        for a, b in zip(loss.function(*loss.arguments), gradients):
            self.assertAllClose(a, b, 1e-4, 1e-5)
        with tf.GradientTape() as outer:
            with tf.GradientTape() as inner:
                inner.watch(real)
                total = tf.reduce_sum(critic(real))
            value = losses.r1_penalty(inner.gradient(total, real))
        gradient = outer.gradient(value, critic.from_rgb.kernel)
        index = [v is critic.from_rgb.kernel for v in critic.trainable_variables]
        found = r1.function(*r1.arguments)[index.index(True)]
        self.assertAllClose(found, gradient, 1e-4, 1e-5)
        self.assertGreater(float(np.abs(both.function(*both.arguments)[-1]).max()), 0.0)
        self.assertEqual(both.forward, {"CIPS": 3, "discriminator": 2})

    def test_networks_of_any_width_and_dtype(self):
        for build in (network_speed.build_cips, network_speed.build_inr_gan):
            for dtype in network_speed.DTYPES:
                generator = build(8, dtype, size=8)
                self.assertEqual(generator.compute_dtype, dtype)
            again = build(8, size=8)
            for a, b in zip(again.variables, build(8, size=8).variables, strict=True):
                self.assertAllEqual(a, b)

    def test_table(self):
        row = {"dtype": "bfloat16", "pass": "forward", "width": 8, "images": 2}
        row |= {"points": 16, "plain_gflops": 10.0, "gflops": 5.0, "share": 0.5}
        table = network_speed.table([{**row, "share_min": 0.4, "share_max": 0.6}])
        cells = [list(column.cells)[0] for column in table.columns]
        self.assertEqual(cells[:4], ["bfloat16", "forward", "8", "2 x 16"])
        self.assertEqual(cells[-1], "0.50 (0.40 to 0.60)")
