import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from inr_keras.config import Stage
from inr_keras.training import build
from inr_keras.training import checkpoints
from tests import testing
from tests.training import small
from tests.training.checkpoints_test import state

STAGE = Stage(1, 0.1, random_stride=True, dense_weight=0.5)


def slides_gan(**changes):
    """A GAN with all options of the slides at once."""
    config = small.small_config(discriminator_steps=2, **changes)
    config = dataclasses.replace(
        config,
        stages=(STAGE,),
        loss=dataclasses.replace(
            config.loss,
            adversarial="wgan",
            r1_weight=0.0,
            dense_discriminator="second",
        ),
        data=dataclasses.replace(config.data, density="center"),
        optimizer=dataclasses.replace(
            config.optimizer, mapping_rate=0.5, final_rate=0.1, epsilon=1e-2
        ),
    )
    config.validate()
    gan = build.build_gan(config)
    gan.set_stage(STAGE)
    return gan


class StepsTest(testing.TestCase):
    @pytest.mark.slow
    def test_the_generator_moves_in_every_second_step_alone(self):
        gan = small.small_gan(discriminator_steps=2)
        gan.set_stage(Stage(2, 1.0, 1.0), [Stage(4)], freeze=True)
        networks = gan.generator, gan.discriminator
        moved = []
        step = tf.function(gan.train_step)
        for seed in range(4):
            before = [small.values(n.trainable_variables) for n in networks]
            step(tf.constant(small.random_images(seed=seed)))
            after = [small.values(n.trainable_variables) for n in networks]
            moved.append(
                tuple(
                    any(np.any(x != y) for x, y in zip(a, b))
                    for a, b in zip(before, after)
                )
            )
        self.assertEqual(moved, [(False, True), (True, True)] * 2)
        self.assertEqual(gan.count("images_seen"), 16)
        self.assertEqual(int(gan.generator_optimizer.iterations), 2)
        self.assertEqual(int(gan.discriminator_optimizer.iterations), 4)
        # Means are over the steps that have a value.
        self.assertEqual(float(gan.trackers["g_loss"].count), 2.0)
        self.assertEqual(float(gan.trackers["patch"].count), 2.0)
        self.assertEqual(float(gan.trackers["d_loss"].count), 4.0)
        self.assertGreater(float(gan.trackers["g_loss"].result()), 0.0)

    @pytest.mark.slow
    def test_fresh_latents_are_the_generators_own(self):
        logs = {}
        for fresh in (False, True):
            gan = small.small_gan(fresh_latents=fresh)
            gan.set_stage(Stage(2, 1.0, 1.0), [Stage(4)], freeze=True)
            images = tf.constant(small.random_images())
            logs[fresh] = {k: float(v) for k, v in gan.train_step(images).items()}
        # The discriminator's step is the same, the generator's sees other fakes.
        for name in ("d_loss", "real_logits", "fake_logits", "r1", "d_grad"):
            self.assertAllClose(logs[True][name], logs[False][name], 1e-5)
        for name in ("g_loss", "patch", "g_grad"):
            self.assertGreater(abs(logs[True][name] - logs[False][name]), 1e-6)
        draws, own = gan.draw(4), gan.draw(4, fresh=True)
        for name in ("crops", "augmentation"):
            one, other = getattr(draws, name), getattr(own, name)
            self.assertGreater(np.abs(one - other).min(), 0.0)
        self.assertGreater(np.abs(draws.latents[0] - own.latents[0]).min(), 0.0)

    @pytest.mark.slow
    def test_averages_of_sparse_tables_keep_their_half_life(self):
        config = small.small_config()
        gan = small.small_gan(
            discriminator_steps=2,
            generator=dataclasses.replace(config.generator, sparse_embedding=True),
            ema_half_life_kimg=0.004,  # A step of 4 images.
        )
        gan.set_stage(Stage(1))

        def distance():
            gan.settled_average()
            average = np.array(gan.ema_generator.embedding.table)
            return average - np.array(gan.generator.embedding.table)

        distances = []
        for seed in range(4):
            gan.train_step(tf.constant(small.random_images(seed=seed)))
            distances.append(distance())
            if seed == 1:  # The table stays from here on.
                gan.generator_optimizer.learning_rate.assign(0.0)
        self.assertEqual(np.max(np.abs(distances[0])), 0.0)
        self.assertGreater(np.max(np.abs(distances[1])), 1e-4)
        self.assertAllClose(distances[3], distances[1] / 4, 1e-3, 1e-6)

    @pytest.mark.slow
    def test_all_options_resume_exactly(self):
        images = [tf.constant(small.random_images(seed=i)) for i in (0, 1)]
        whole, half = slides_gan(), slides_gan()
        for model in (whole, half):
            model.train_step(images[0])
        folder = self.temporary_folder()
        checkpoints.save(half, folder, keep=1)
        rest = slides_gan()
        self.assertIsNotNone(checkpoints.restore(rest, folder))
        for model in (whole, rest):
            model.train_step(images[1])
            self.assertEqual(int(model.generator_optimizer.iterations), 1)
            self.assertEqual(int(model.dense_optimizer.iterations), 2)
        a = [*state(whole), *small.values(whole.dense_optimizer.variables)]
        b = [*state(rest), *small.values(rest.dense_optimizer.variables)]
        for x, y in zip(a, b, strict=True):
            np.testing.assert_array_equal(x, y)

    @pytest.mark.slow
    def test_micro_batches_equal_the_whole_batch(self):
        config = small.small_config()
        # A deviation would see a micro-batch alone, and the norm of a table's
        # sparse gradient is another than that of the dense one.
        changes = {
            "discriminator": dataclasses.replace(config.discriminator, stddev_group=1),
            "generator": dataclasses.replace(config.generator, embedding_channels=0),
        }
        results = []
        for parts in (1, 2):
            gan = slides_gan(accumulate=parts, **changes)
            gan.step.assign(1)  # The generator is due.
            gan.train_step(tf.constant(small.random_images()))
            logs = {k: float(m.result()) for k, m in gan.trackers.items()}
            results.append((logs, gan.get_weights()))
        (logs, weights), (part_logs, part_weights) = results
        for name, value in logs.items():
            self.assertAllClose(part_logs[name], value, 1e-4, 1e-4)
        for name in ("gp", "dense_g_loss", "dense_d_loss", "g_loss"):
            self.assertNotEqual(logs[name], 0.0)
        for a, b in zip(weights, part_weights, strict=True):
            self.assertAllClose(b, a, 1e-4, 1e-4)
