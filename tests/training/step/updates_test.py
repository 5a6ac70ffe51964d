import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from inr_keras.config import Stage
from tests import testing
from tests.training import small


class DenseIntervalTest(testing.TestCase):
    def gan(self, interval, second=True):
        loss = dataclasses.replace(
            small.small_config().loss,
            dense_interval=interval,
            dense_discriminator="second" if second else "same",
        )
        stage = Stage(2, 1.0, dense_weight=0.25)
        gan = small.small_gan(loss=loss, stages=(stage,))
        gan.set_stage(stage)
        return gan

    @pytest.mark.slow
    def test_dense_patches_are_judged_in_every_third_step(self):
        gan = self.gan(3)
        step = tf.function(gan.train_step)
        moved, logs = [], []
        for seed in range(4):
            before = small.values(gan.dense_discriminator.trainable_variables)
            values = step(tf.constant(small.random_images(seed=seed)))
            after = small.values(gan.dense_discriminator.trainable_variables)
            moved.append(any(np.any(a != b) for a, b in zip(before, after)))
            logs.append({name: float(v) for name, v in values.items()})
        self.assertEqual(moved, [True, False, False, True])
        self.assertEqual(int(gan.dense_optimizer.iterations), 2)
        self.assertEqual(int(gan.generator_optimizer.iterations), 4)
        # Means are over the steps that have a value.
        self.assertEqual(float(gan.trackers["dense_g_loss"].count), 2.0)
        self.assertEqual(float(gan.trackers["g_loss"].count), 4.0)
        self.assertGreater(logs[-1]["dense_d_loss"], 0.0)

    @pytest.mark.slow
    def test_a_due_step_weighs_as_much_as_all_of_the_interval(self):
        images = tf.constant(small.random_images())
        gradients = {}
        for interval in (1, 3):
            gan = self.gan(interval, second=False)
            losses, draws = gan.stage_losses, gan.draw(4)
            _, gradients[interval] = losses.generator_gradients(images, draws, 0)
        between = gan.losses_between
        self.assertEqual(list(between.generator_terms), ["g_loss"])
        _, without = between.generator_gradients(images, draws, 0)
        for one, three, none in zip(gradients[1], gradients[3], without):
            one, three, none = map(tf.convert_to_tensor, (one, three, none))
            self.assertAllClose(three - none, 3.0 * (one - none), 1e-3, 1e-5)


class SimultaneousTest(testing.TestCase):
    def after_a_step(self, d_rate, **changes):
        """Trains one step; returns the weights of generator and discriminator."""
        optimizer = dataclasses.replace(
            small.small_config().optimizer, discriminator_learning_rate=d_rate
        )
        gan = small.small_gan(optimizer=optimizer, **changes)
        gan.set_stage(Stage(2, 1.0, 1.0), [Stage(4)], freeze=True)
        gan.train_step(tf.constant(small.random_images()))
        return [small.values(n.weights) for n in (gan.generator, gan.discriminator)]

    @pytest.mark.slow
    def test_each_network_is_updated_by_the_other_before_the_step(self):
        # The second form renders fakes for each network.
        for changes in ({}, {"accumulate": 2}):
            with self.subTest(**changes):
                one, d_one = self.after_a_step(0.1, **changes)
                both, d_both = self.after_a_step(0.1, simultaneous=True, **changes)
                # By a discriminator that has hardly moved.
                alone, _ = self.after_a_step(1e-9, **changes)
                for a, b in zip(both, alone, strict=True):
                    self.assertAllClose(a, b, 1e-5, 1e-6)
                for a, b in zip(d_one, d_both, strict=True):
                    self.assertAllClose(a, b, 1e-5, 1e-6)
                self.assertTrue(
                    any(np.abs(a - b).max() > 1e-4 for a, b in zip(one, both))
                )
