import dataclasses

import numpy as np
import tensorflow as tf

from inr_keras.config import Stage
from inr_keras.training import build
from inr_keras.training.patches.draws import layer_styles
from tests import testing
from tests.training import small

STAGE = Stage(4, 0.016, dense_weight=0.5)


def small_gan(dense_discriminator="same", stage=STAGE, **changes):
    loss = dataclasses.replace(
        small.small_config().loss, dense_discriminator=dense_discriminator
    )
    gan = build.build_gan(
        dataclasses.replace(small.small_config(loss=loss, **changes), stages=(stage,))
    )
    gan.set_stage(stage)
    return gan


class DensePatchesTest(testing.TestCase):
    def test_both_look_at_the_same_dense_crop(self):
        # An image whose red and green are the x and y of each pixel.
        ramp = (np.arange(32) * 2 + 1) / 32 - 1
        image = np.zeros((4, 32, 32, 3))
        image[..., 0], image[..., 1] = ramp, ramp[:, None]
        images = np.rint((image + 1) * 127.5).astype("uint8")
        gan = small_gan()
        draws = gan.dense.look(images, gan.draw(4))
        coords, _ = gan.dense._where(draws)
        self.assertAllClose(
            draws.dense_real[..., :2],
            np.reshape(coords, (4, 8, 8, 2)),
            atol=1.01 / 255,
        )
        neighbours = np.diff(np.reshape(coords, (4, 8, 8, 2))[..., 0], axis=2)
        self.assertAllClose(neighbours, np.full((4, 8, 7), 2 / 32))
        fake = gan.dense._fake(draws)
        styles = layer_styles(gan.generator, draws)
        rgb = gan.generator.synthesis(styles, coords, training=True)
        self.assertAllClose(fake, np.reshape(rgb, (4, 8, 8, 3)))

    def test_one_critic_of_both_looks(self):
        gan = small_gan()
        images = small.random_images()
        draws = gan.dense.look(images, gan.draw(4))
        real, fake = gan.real_patches(images, draws), gan.fake_patches(draws)
        due = tf.constant(True)
        logs, total = gan.discriminator_gradients(real, fake, draws)
        mine, coarse = gan.critic.gradients(real, fake, None, due)
        theirs, dense = gan.critic.gradients(
            draws.dense_real, gan.dense._fake(draws), None, due
        )
        self.assertAllClose(logs["d_loss"], mine["d_loss"])
        self.assertAllClose(logs["dense_d_loss"], theirs["d_loss"])
        for t, c, d in zip(total, coarse, dense, strict=True):
            self.assertAllClose(t, c + 0.5 * d, atol=1e-5)
        logs, _ = gan.generator_gradients(real, draws)
        self.assertAllClose(
            logs["dense_g_loss"],
            gan.critic.generator_loss(None, gan.dense._fake(draws), None),
        )

    def test_a_second_critic_judges_them_alone(self):
        gan = small_gan("second")
        before = small.values(gan.dense_discriminator.weights)
        first = small.values(gan.discriminator.weights)
        images = tf.constant(small.random_images())
        draws = gan.dense.look(images, gan.draw(4))
        real, fake = gan.real_patches(images, draws), gan.fake_patches(draws)
        _, gradients = gan.discriminator_gradients(real, fake, draws)
        count = len(gan.discriminator.trainable_variables)
        self.assertEqual(len(gradients), 2 * count)
        _, alone = gan.critic.gradients(real, fake, None, tf.constant(True))
        for a, b in zip(gradients[:count], alone, strict=True):
            self.assertAllClose(a, b, atol=1e-6)
        gan.train_step(images)
        for old, network in (
            (before, gan.dense_discriminator),
            (first, gan.discriminator),
        ):
            for value, weight in zip(old, network.weights):
                self.assertTrue(np.any(np.array(weight) != value), weight.path)
        self.assertEqual(int(gan.dense_optimizer.iterations), 1)
        # A stage without the loss leaves it as it is.
        gan.set_stage(Stage(2), [STAGE])
        kept = small.values(gan.dense_discriminator.weights)
        logs = gan.train_step(images)
        self.assertNotIn("dense_d_loss", logs)
        for a, b in zip(kept, small.values(gan.dense_discriminator.weights)):
            np.testing.assert_array_equal(a, b)

    def test_no_second_critic_where_no_stage_needs_one(self):
        self.assertIsNone(small_gan("same").dense_discriminator)
        gan = small_gan("second", Stage(4, 0.016))
        self.assertIsNone(gan.dense_discriminator)

    def test_a_critic_told_the_place_is_told_that_it_is_dense(self):
        critic = dataclasses.replace(small.small_config().discriminator, position=True)
        gan = small_gan(discriminator=critic)
        draws = gan.dense.look(small.random_images(), gan.draw(4))
        _, place = gan.dense._where(draws)
        self.assertEqual(float(tf.reduce_max(tf.abs(place[..., 2]))), 0.0)
        coarse = gan.place(draws)
        self.assertEqual(float(tf.reduce_min(coarse[..., 2])), 2.0)
        logs = gan.train_step(tf.constant(small.random_images()))
        self.assertTrue(np.isfinite(float(logs["dense_g_loss"])))
