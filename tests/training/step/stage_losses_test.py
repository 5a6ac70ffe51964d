import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from inr_keras import config as config_lib
from inr_keras import losses
from inr_keras.config import Stage
from inr_keras.training import build
from inr_keras.training.patches.augmentation import diff_augment
from inr_keras.training.patches.draws import layer_styles
from inr_keras.training.step.stage_losses import TERMS
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


class TermsTest(testing.TestCase):
    @pytest.mark.slow
    def test_every_term_of_a_step_has_a_meaning_and_a_mean(self):
        gan = small_gan(style_mixing=0.5)
        logs = gan.train_step(tf.constant(small.random_images()))
        self.assertLessEqual(set(logs), set(TERMS))
        self.assertEqual(set(gan.trackers), set(TERMS))
        self.assertLessEqual(set(gan.stage_losses.generator_terms), set(logs))

    def test_the_generators_loss_is_the_weighted_sum(self):
        stage = Stage(2, 2.0, patch_weight=3.0, patch_decay=0.5, dense_weight=0.25)
        gan = small_gan(stage=STAGE)
        gan.set_stage(stage, [STAGE], freeze=True)
        draws = gan.draw(4)
        patches = gan.stage_losses.patches(small.random_images(), draws)
        seen = 16 + 1000  # Half of the stage, after STAGE's 16 images.
        terms, loss = gan.stage_losses.generator_loss(patches, draws, seen)
        expected = (
            terms["g_loss"] + 2.25 * terms["patch"] + 0.25 * terms["dense_g_loss"]
        )
        self.assertAllClose(loss, expected, 1e-6)

    def test_fakes_that_are_alike(self):
        loss = dataclasses.replace(small.small_config().loss, diversity_weight=2.0)
        data = config_lib.Data(labels=True, groups=("faces", "animals"))
        config = small.small_config(loss=loss, data=data)
        gan = build.build_gan(dataclasses.replace(config, stages=(Stage(1),)))
        labels = tf.constant([0, 1, 0, 0])
        draws = gan.draw(4, labels)
        [patches] = gan.stage_losses.patches(small.random_images(), draws)
        real, fake = patches.colors
        patches = patches._replace(colors=(real, 0.1 * fake))
        terms, loss = gan.stage_losses.generator_loss([patches], draws, 0)
        expected = losses.diversity_loss(*patches.colors, labels)
        self.assertGreater(expected, 0.0)
        self.assertAllClose(terms["diversity"], expected)
        self.assertAllClose(loss, terms["g_loss"] + 2.0 * expected, 1e-6)

    def test_fakes_and_reals_are_augmented_alike(self):
        gan = small_gan(augment=("color",), stage=Stage(1))
        draws = gan.draw(4)
        images = small.random_images()
        [patches] = gan.stage_losses.patches(images, draws)
        pair = patches.pair
        real = gan.frame.real_patches(images, patches.offsets)
        self.assertAllEqual(pair.real, real)
        self.assertAllEqual(pair.fake, patches.rendered)
        adversarial = gan.stage_losses.framed_losses[0].adversarial
        for inputs in (pair.real, pair.fake):
            changed = diff_augment(inputs, draws.augmentation, ("color",))
            expected = gan.discriminator(changed)
            self.assertAllClose(adversarial.logits(inputs, pair), expected)

    def test_patches_come_with_their_context(self):
        discriminator = small.small_config().discriminator
        discriminator = dataclasses.replace(discriminator, context=True)
        gan = small_gan(discriminator=discriminator)
        images = small.random_images()
        draws = gan.draw(4)
        gan.set_stage(Stage(4))
        [patches] = gan.stage_losses.patches(images, draws)
        self.assertEqual(patches.pair.real.shape, (4, 8, 8, 6))
        self.assertAllEqual(patches.pair.real[..., 3:], np.zeros((4, 8, 8, 3)))
        gan.set_stage(Stage(2, 1.0, 1.0), [Stage(4)], freeze=True)
        with tf.GradientTape() as tape:
            [patches] = gan.stage_losses.patches(images, draws)
            context = tf.reduce_sum(patches.pair.fake[..., 3:])
        for gradient in tape.gradient(context, gan.generator.trainable_variables):
            self.assertEqual(np.abs(tf.convert_to_tensor(gradient)).max(), 0.0)
        # All of the image before, real and by the frozen generator.
        whole = gan.frame.surroundings(patches.offsets)[0]
        zeros = tf.zeros((4, 2), tf.int32)
        real = whole.real_patches(images, zeros)
        self.assertAllEqual(patches.pair.real[..., 3:], real)
        styles = layer_styles(gan.frozen_generator, draws)
        fake = whole.fake_patches(gan.frozen_generator, styles, zeros)
        self.assertAllClose(patches.pair.fake[..., 3:], fake)
        # Patch regularization compares the patch alone.
        self.assertEqual(patches.rendered.shape, (4, 8, 8, 3))
        gan.train_step(tf.constant(images))

    def test_no_patch_regularization_without_a_weight_or_a_stage_before(self):
        gan = small_gan(stage=Stage(1, 1.0, 1.0))
        self.assertNotIn("patch", gan.stage_losses.generator_terms)
        gan.set_stage(Stage(1, 1.0), [Stage(2)])
        self.assertNotIn("patch", gan.stage_losses.generator_terms)
        gan.set_stage(Stage(1, 1.0, 1.0), [Stage(2)])
        self.assertIn("patch", gan.stage_losses.generator_terms)


class DensePatchesTest(testing.TestCase):
    def test_both_are_of_the_same_dense_crop(self):
        gan = small_gan()
        draws = gan.draw(4)
        _, dense = gan.stage_losses.patches(small.coordinate_images(), draws)
        frame = gan.stage_losses.framed_losses[1].frame
        coords = frame.coords(dense.offsets)
        self.assertAllClose(
            dense.pair.real[..., :2], np.reshape(coords, (4, 8, 8, 2)), atol=1.01 / 255
        )
        neighbours = np.diff(np.reshape(coords, (4, 8, 8, 2))[..., 0], axis=2)
        self.assertAllClose(neighbours, np.full((4, 8, 7), 2 / 32))
        styles = layer_styles(gan.generator, draws)
        rgb = gan.generator.synthesis(styles, coords, training=True)
        self.assertAllClose(dense.pair.fake, np.reshape(rgb, (4, 8, 8, 3)))

    @pytest.mark.slow
    def test_one_discriminator_of_both_densities(self):
        gan = small_gan()
        draws, step = gan.draw(4), tf.constant(0)
        losses = gan.stage_losses
        patches = losses.patches(small.random_images(), draws)
        terms, [total] = losses.discriminator_gradients(patches, step)
        loss = losses.framed_losses[0].adversarial
        own_terms, own = loss.discriminator_gradients(patches[0].pair, step)
        dense_terms, dense = loss.discriminator_gradients(patches[1].pair, step)
        self.assertAllClose(terms["d_loss"], own_terms["d_loss"])
        self.assertAllClose(terms["dense_d_loss"], dense_terms["d_loss"])
        for t, o, d in zip(total, own, dense, strict=True):
            self.assertAllClose(t, o + 0.5 * d, atol=1e-5)
        terms, _ = losses.generator_loss(patches, draws, 0)
        expected = loss.generator_loss(patches[1].pair)
        self.assertAllClose(terms["dense_g_loss"], expected)

    @pytest.mark.slow
    def test_a_second_discriminator_judges_them_alone(self):
        gan = small_gan("second")
        before = small.values(gan.dense_discriminator.weights)
        first = small.values(gan.discriminator.weights)
        images = tf.constant(small.random_images())
        losses = gan.stage_losses
        patches = losses.patches(images, gan.draw(4))
        _, gradients = losses.discriminator_gradients(patches, tf.constant(0))
        self.assertEqual(len(gradients), 2)
        for i, framed_loss in enumerate(losses.framed_losses):
            _, alone = framed_loss.adversarial.discriminator_gradients(
                patches[i].pair, tf.constant(0)
            )
            for a, b in zip(gradients[i], alone, strict=True):
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

    def test_no_second_discriminator_where_no_stage_needs_one(self):
        self.assertIsNone(small_gan("same").dense_discriminator)
        gan = small_gan("second", Stage(4, 0.016))
        self.assertIsNone(gan.dense_discriminator)

    @pytest.mark.slow
    def test_a_discriminator_with_position_knows_the_density(self):
        discriminator = dataclasses.replace(
            small.small_config().discriminator, position=True
        )
        gan = small_gan(discriminator=discriminator)
        own, dense = small.pairs(gan, small.random_images(), gan.draw(4))
        self.assertEqual(float(tf.reduce_max(tf.abs(dense.place[..., 2]))), 0.0)
        self.assertEqual(float(tf.reduce_min(own.place[..., 2])), 2.0)
        logs = gan.train_step(tf.constant(small.random_images()))
        self.assertTrue(np.isfinite(float(logs["dense_g_loss"])))
