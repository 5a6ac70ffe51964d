import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf

from inr_keras.config import Loss
from inr_keras.config import Stage
from inr_keras.training import build
from inr_keras.training.patches.draws import layer_styles
from inr_keras.training.step.adversarial_loss import AdversarialLoss
from inr_keras.training.step.adversarial_loss import PatchPair
from inr_keras.training.step.gan import INRGAN
from tests import testing
from tests.training import small


class LinearDiscriminator(keras.layers.Layer):
    """D(x) = sum(w x): its R1 penalty is |w|^2 whatever the images."""

    def build(self, shape):
        self.kernel = self.add_weight(shape=shape[1:], initializer="normal")

    def call(self, images):
        return tf.reduce_sum(images * self.kernel, (1, 2, 3))[:, None]


class GANTest(testing.TestCase):
    def test_summary_of_all_layers(self):
        lines = []
        gan = small.small_gan()
        gan.summary(expand_nested=True, print_fn=lines.append)
        gan.discriminator.summary(print_fn=lines.append)
        text = "\n".join(lines)
        self.assertIn("mapping (MappingNetwork)", text)
        self.assertIn("logits (EqualizedDense)", text)

    @pytest.mark.slow
    def test_two_steps_change_both_networks_and_nothing_else(self):
        gan = small.small_gan()
        gan.set_stage(Stage(2, 1.0, 1.0), [Stage(4)], freeze=True)
        before = {
            name: small.values(getattr(gan, name).weights)
            for name in ("generator", "discriminator", "ema_generator")
        }
        frozen = small.values(gan.frozen_generator.weights)
        for seed in range(2):
            gan.train_step(tf.constant(small.random_images(seed=seed)))
        for name, old in before.items():
            network = getattr(gan, name)
            for weight, value in zip(network.weights, old):
                moved = np.any(np.array(weight) != value)
                self.assertTrue(moved, f"{name}: {weight.path} did not move")
        for a, b in zip(frozen, small.values(gan.frozen_generator.weights)):
            np.testing.assert_array_equal(a, b)
        self.assertEqual(int(gan.step), 2)
        self.assertEqual(int(gan.images_seen), 8)

    def test_the_discriminator_step_leaves_the_generator_alone(self):
        gan = small.small_gan()
        generator = small.values(gan.generator.weights)
        patches = gan.stage_losses.patches(small.random_images(), gan.draw(4))
        _, gradients = gan.stage_losses.discriminator_gradients(patches, gan.step)
        gan.update_discriminators(gradients)
        for a, b in zip(generator, small.values(gan.generator.weights)):
            np.testing.assert_array_equal(a, b)

    def test_r1_of_a_linear_discriminator(self):
        discriminator, settings = LinearDiscriminator(), small.small_config().loss
        real = tf.random.stateless_normal((4, 8, 8, 3), (1, 2))
        discriminator(real)
        loss = AdversarialLoss(discriminator, settings)
        (penalty, _), gradients = loss.lazy_penalty(
            real, PatchPair(real, real), settings.r1_weight, tf.constant(0)
        )
        kernel = np.array(discriminator.kernel)
        self.assertAllClose(penalty, np.sum(kernel**2))
        # d/dw of (gamma / 2) k |w|^2.
        weight = settings.r1_weight * settings.r1_interval
        self.assertAllClose(gradients[0], weight * kernel)

    @pytest.mark.slow
    def test_r1_comes_every_interval(self):
        gan = small.small_gan()
        interval = gan.loss_settings.r1_interval
        self.assertEqual(interval, 2)
        seen = []
        for _ in range(4):
            for metric in gan.metrics:
                metric.reset_state()
            gan.train_step(tf.constant(small.random_images()))
            seen.append(float(gan.trackers["r1"].result()) > 0)
        self.assertEqual(seen, [True, False, True, False])

    def test_real_and_fake_patches_cover_the_same_region(self):
        gan = small.small_gan()
        for i, stage in enumerate(small.STAGES):
            gan.set_stage(stage, small.STAGES[:i])
            for step in range(3):
                gan.step.assign(step)
                [own] = gan.stage_losses.patches(small.coordinate_images(), gan.draw(4))
                coords = np.broadcast_to(gan.frame.coords(own.offsets), (4, 64, 2))
                coords = coords.reshape(4, 8, 8, 2)
                self.assertAllClose(own.pair.real[..., :2], coords, atol=1.01 / 255)

    def test_crops_begin_on_the_previous_grid(self):
        gan = small.small_gan()
        gan.set_stage(Stage(1, 1.0, 1.0), [Stage(2)])
        offsets = np.concatenate([self.offsets(gan, s) for s in range(9)])
        self.assertTrue(np.all(offsets % 2 == 0))
        self.assertGreater(len(np.unique(offsets)), 3)
        gan.crops.starts = "grid"
        gan.set_stage(Stage(1, 1.0, 1.0), [Stage(2)])
        offsets = np.concatenate([self.offsets(gan, s) for s in range(9)])
        self.assertTrue(np.any(offsets % 2 == 1))

    def offsets(self, gan, step):
        gan.step.assign(step)
        return np.array(gan.frame.offsets(gan.draw(4)))

    @pytest.mark.slow
    def test_patch_loss_pulls_towards_the_frozen_generator(self):
        gan = small.small_gan(augment=("color", "translation", "cutout"))
        gan.set_stage(Stage(1, 1.0, 1.0), [Stage(2)], freeze=True)
        logs = gan.train_step(tf.constant(small.random_images()))
        self.assertGreater(float(logs["patch"]), 0)
        gan.set_stage(Stage(1, 1.0, 0.0), [Stage(2)])
        logs = gan.train_step(tf.constant(small.random_images()))
        self.assertNotIn("patch", logs)

    def test_style_mixing_takes_two_styles(self):
        gan = small.small_gan(style_mixing=1.0)
        draws = gan.draw(4)
        styles = np.array(layer_styles(gan.generator, draws))
        first = np.array(gan.generator.mapping(draws.latents[0]))
        second = np.array(gan.generator.mapping(draws.latents[1]))
        for i, crossover in enumerate(np.array(draws.crossover)):
            self.assertTrue(1 <= crossover < gan.generator.num_layers)
            for layer in range(gan.generator.num_layers):
                expected = first if layer < crossover else second
                self.assertAllClose(styles[i, layer], expected[i])
        gan.train_step(tf.constant(small.random_images()))

    @pytest.mark.slow
    def test_every_new_field_changes_the_step(self):
        plain = self.logs_of()
        loss = small.small_config().loss
        discriminator = small.small_config().discriminator
        replace = dataclasses.replace
        for changes, names in (
            (small.REPLAY, {"g_loss"}),
            ({"discriminator": replace(discriminator, position=True)}, {"g_loss"}),
            ({"loss": replace(loss, adversarial="relativistic")}, {"d_loss"}),
            ({"loss": replace(loss, r2_weight=5.0)}, {"g_loss"}),
            ({"loss": replace(loss, clip_fakes=True)}, {"g_loss"}),
            ({"loss": replace(loss, patch_pool=2)}, {"patch"}),
            ({"loss": replace(loss, patch_margin=0.05)}, {"patch"}),
        ):
            logs = self.logs_of(**changes)
            for name in names:
                self.assertNotAlmostEqual(logs[name], plain[name], msg=changes)

    def logs_of(self, **changes):
        gan = small.small_gan(**changes)
        gan.set_stage(Stage(1, 1.0, 1.0), [Stage(2)], freeze=True)
        for seed in range(2):
            images = tf.constant(small.random_images(seed=seed))
            logs = gan.train_step(images)
        return {name: float(value) for name, value in logs.items()}

    @pytest.mark.slow
    def test_half_precision_stays_near_float32(self):
        plain = self.logs_of()
        half = self.logs_of(dtype="mixed_bfloat16")
        for name in ("d_loss", "g_loss", "patch"):
            # bfloat16 keeps 8 bits: 0.4 % a rounding, a few of them a step.
            self.assertAllClose(half[name], plain[name], 0.03, 0.01)

    def test_what_stays_float32_under_bfloat16(self):
        gan = small.small_gan(dtype="mixed_bfloat16")
        self.assertEqual(gan.generator.first.compute_dtype, "bfloat16")
        self.assertEqual(gan.discriminator.conv.compute_dtype, "bfloat16")
        of_optimizers = [v for o in gan.optimizers() for v in o.variables]
        variables = [*gan.ema_generator.weights, *gan.weights, *of_optimizers]
        kinds = {v.dtype for v in variables if "int" not in v.dtype}
        self.assertEqual(kinds, {"float32"})
        draws = gan.draw(4)
        losses = gan.stage_losses
        patches = losses.patches(tf.constant(small.random_images()), draws)
        pair = patches[0].pair
        adversarial = losses.framed_losses[0].adversarial
        with tf.GradientTape() as tape:
            tape.watch(pair.real)
            logits = adversarial.logits(pair.real, pair)
        terms, [gradients] = losses.discriminator_gradients(patches, tf.constant(0))
        g_terms, loss = losses.generator_loss(patches, draws, tf.constant(0))
        r1, _ = terms.pop("r1")
        results = [pair.fake, logits, tape.gradient(logits, pair.real), r1, loss]
        results += [*gradients, *terms.values(), *g_terms.values()]
        self.assertEqual({tensor.dtype for tensor in results}, {tf.float32})

    @pytest.mark.slow
    def test_seed_decides_all(self):
        def losses(seed):
            gan = small.small_gan(seed=seed)
            logs = gan.train_step(tf.constant(small.random_images()))
            return float(logs["d_loss"]), float(logs["g_loss"])

        self.assertEqual(losses(1), losses(1))
        self.assertNotEqual(losses(1), losses(2))

    def test_call_draws_the_averaged_generator(self):
        gan = small.small_gan()
        latents = np.zeros((2, 8), "float32")
        self.assertEqual(gan(latents).shape, (2, 32, 32, 3))

    def test_errors(self):
        gan = small.small_gan()
        with self.assertRaisesRegex(ValueError, "patch_size.*must divide"):
            INRGAN(gan.generator, gan.discriminator, 32, 12, "center")
        with self.assertRaisesRegex(ValueError, r"\(batch, 32, 32, 3\).*40, 40"):
            gan.train_step(tf.zeros((4, 40, 40, 3), tf.uint8))
        with self.assertRaisesRegex(ValueError, "`stage.stride` must be positive.*0"):
            gan.set_stage(Stage(0))
        for changes, rule in (
            ({"resolution": 64}, "`resolution` must be the generator's, 32.*64"),
            ({"alignment": "corner"}, "`alignment` must be the generator's.*corner"),
            ({"alignment": "foo"}, "`alignment` must be.*foo"),
            ({"reduction": "foo"}, "`reduction` must be one of .*box.*foo"),
            (
                {"augment_policies": "color"},
                "`augment_policies` must be a sequence.*'color'",
            ),
            ({"loss": Loss(r1_weight=-1.0)}, "`loss.r1_weight` must be zero.*-1"),
        ):
            sizes = {"resolution": 32, "patch_size": 8, "alignment": "center"}
            changes = {**sizes, **changes}
            with self.assertRaisesRegex(ValueError, rule):
                INRGAN(gan.generator, gan.discriminator, **changes)
        with self.assertRaisesRegex(ValueError, "incompatible.*found shape"):
            gan.discriminator(tf.zeros((4, 32, 32, 3)))

    @pytest.mark.slow
    def test_fit_takes_what_keras_has(self):
        self.run_eagerly(True)
        images = small.random_images(count=10)
        folder = self.temporary_folder()
        for number, image in enumerate(images):
            keras.utils.save_img(folder / f"{number}.png", image, scale=False)
        folder_data = keras.utils.image_dataset_from_directory(
            folder, labels=None, image_size=(32, 32), batch_size=4, verbose=False
        )
        rest = tf.data.Dataset.from_tensor_slices(images).batch(4)
        for data, batch_size in ((images, 4), (rest, None), (folder_data, None)):
            gan = small.small_gan()
            history = gan.fit(data, batch_size=batch_size, verbose=0)
            self.assertEqual(gan.count("images_seen"), 8)
            self.assertTrue(np.isfinite(history.history["d_loss"][0]))

    @pytest.mark.slow
    def test_xla_trains(self):
        gan = small.small_gan(jit_compile=True)
        dataset = small.repeated(small.random_images())
        history = gan.fit(dataset, steps_per_epoch=2, verbose=0)
        self.assertTrue(np.isfinite(history.history["d_loss"][0]))


class HyperTest(testing.TestCase):
    @pytest.mark.slow
    def test_hypernetworks_train_by_stages(self):
        for kind in ("hyper", "siren"):
            config = small.hyper_config(kind, weight_clip=2.0)
            config.style_mixing = 0.5
            gan = build.build_gan(config)
            before = small.values(gan.generator.trainable_variables)
            for index in (0, 1):
                gan.set_stage(config.stages[index], config.stages[:index], freeze=True)
                logs = gan.train_step(tf.constant(small.random_images()))
            for name, value in logs.items():
                self.assertFinite(value, name)
            self.assertGreater(float(logs["patch"]), 0.0)
            after = small.values(gan.generator.trainable_variables)
            for a, b, v in zip(before, after, gan.generator.trainable_variables):
                self.assertGreater(np.abs(a - b).max(), 0, v.path)
