import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from inr_keras.config import Stage
from inr_keras.training import build
from inr_keras.training.step import joint_pass
from inr_keras.training.step import micro_batches
from tests import testing
from tests.training import small


class MicroBatchesTest(testing.TestCase):
    def test_split_keeps_order_and_gaps(self):
        values = tf.reshape(tf.range(24), (6, 4))
        parts, gap = micro_batches.split((values, None), 3)
        self.assertIsNone(gap)
        self.assertAllEqual(parts[1], values[2:4])

    def test_mean_of_gradients_is_the_gradient_of_the_mean(self):
        x = tf.random.stateless_normal((6, 3), (1, 2))
        kernel = tf.Variable(tf.random.stateless_normal((3, 2), (3, 4)))

        def gradient(x):
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(tf.sin(x @ kernel))
            return {"loss": loss}, [tape.gradient(loss, kernel)]

        @tf.function
        def accumulated():
            return micro_batches.mean(gradient, (x,), 3)

        logs, gradients = gradient(x)
        parts_logs, parts_gradients = accumulated()
        self.assertAllClose(parts_logs["loss"], logs["loss"], 1e-6, 1e-6)
        self.assertAllClose(parts_gradients[0], gradients[0], 1e-6, 1e-6)


@pytest.mark.slow
class AccumulationTest(testing.TestCase):
    """Two steps of micro-batches equal two of the whole batch."""

    def weights(self, accumulate, compiled, **changes):
        config = small.small_config(accumulate=accumulate, **changes)
        # Keras's Adam takes the squares of a sparse gradient's repeated rows
        # one by one: an embedding table moves otherwise than by the dense
        # gradient that accumulation gives it.
        config.generator.embedding_channels = 0
        # A deviation across the batch would see a micro-batch alone.
        config.discriminator.stddev_group = 1
        # Adam's first steps are signs of gradients: with its usual epsilon a
        # rounding error in a gradient near zero moves a weight fully.
        config.optimizer = dataclasses.replace(config.optimizer, epsilon=1e-2)
        config.validate()
        gan = build.build_gan(config)
        stages = config.resolved().stages
        gan.set_stage(stages[-1], stages[:-1], freeze=True)
        step = tf.function(gan.train_step) if compiled else gan.train_step
        for seed in range(3):  # R1 is due in the first and the third.
            logs = step(tf.constant(small.random_images(seed=seed)))
        weights = [
            *gan.generator.get_weights(),
            *gan.discriminator.get_weights(),
            *gan.ema_generator.get_weights(),
        ]
        return weights, {k: float(v) for k, v in logs.items()}

    def assertEqualTraining(self, parts=2, compiled=False, **changes):
        whole, whole_logs = self.weights(1, False, **changes)
        parts, parts_logs = self.weights(parts, compiled, **changes)
        self.assertEqual(sorted(whole_logs), sorted(parts_logs))
        for name, value in whole_logs.items():
            self.assertAllClose(parts_logs[name], value, 1e-5, 1e-5)
        for a, b in zip(whole, parts, strict=True):
            self.assertAllClose(b, a, 1e-5, 1e-5)

    def test_image_based(self):
        self.assertEqualTraining(4, compiled=True, method="image")

    def test_last_stage_with_all_that_composes(self):
        self.assertEqualTraining(
            style_mixing=0.5,
            augment=("color", "translation"),
            replay_every=2,
            stages=(Stage(2, 1.0), Stage(1, 1.0, 1.0)),
        )

    def test_both_penalties_and_the_relativistic_loss(self):
        loss = dataclasses.replace(
            small.small_config().loss, adversarial="relativistic", r2_weight=2.0
        )
        self.assertEqualTraining(loss=loss, stages=(Stage(2, 1.0),))

    def test_one_part_at_a_time(self):
        # The deviation differs between a batch and its parts: this is the
        # rule that the documentation states.
        config = small.small_config(batch_size=8, accumulate=2)
        gan = build.build_gan(config)
        groups = []
        original = gan.discriminator.stddev.call

        def spy(inputs):
            groups.append(inputs.shape[0])
            return original(inputs)

        gan.discriminator.stddev.call = spy
        gan.train_step(tf.constant(small.random_images(8)))
        # 4 samples, or the groups of 4 real and of 4 fake ones in one pass.
        self.assertEqual(set(groups), {4, 8})
        self.assertEqual(joint_pass.groups_apart(gan.discriminator, 4), 1)
        self.assertTrue(np.isfinite(gan.count("images_seen")))
        self.assertEqual(gan.count("images_seen"), 8)
