import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from inr_keras.config import CIPS
from inr_keras.config import Crops
from inr_keras.config import Data
from inr_keras.config import Loss
from inr_keras.config import Stage
from inr_keras.metrics import FrechetDistance
from inr_keras.training import build
from inr_keras.training.step.gan import INRGAN
from tests import testing
from tests.training import small


class SavedGANTest(testing.TestCase):
    def trained(self, **changes):
        gan = small.small_gan(**changes)
        gan.set_stage(Stage(1, 1.0, 1.0), [Stage(2)], freeze=True)
        self.train(gan)
        return gan

    def train(self, gan):
        gan.fit(small.random_images(), batch_size=4, epochs=2, verbose=0)

    def loaded(self, gan):
        path = self.temporary_folder() / "gan.keras"
        gan.save(path)
        self.assertEqual([p.name for p in path.parent.iterdir()], ["gan.keras"])
        return keras.saving.load_model(path)

    def state(self, gan):
        parts = ("generator", "discriminator", "ema_generator", "frozen_generator")
        variables = [v for name in parts for v in getattr(gan, name).variables]
        variables += [gan.step, gan.images_seen, gan.stage_number]
        for optimizer in [*gan.optimizers(), *gan.row_adams]:
            variables += optimizer.variables
        return small.values(variables)

    def assertEqualState(self, gan, other, atol=0.0):
        for a, b in zip(self.state(gan), self.state(other), strict=True):
            np.testing.assert_allclose(a, b, rtol=atol, atol=atol)

    @pytest.mark.slow
    def test_a_loaded_gan_goes_on(self):
        self.run_eagerly()
        gan = self.trained()
        other = self.loaded(gan)
        self.assertIsInstance(other, INRGAN)
        self.assertEqual(other.count("images_seen"), 8)
        self.assertEqual(other.stage, gan.stage)
        self.assertEqual(other.earlier_stages, gan.earlier_stages)
        self.assertEqualState(gan, other)
        self.train(gan)
        self.train(other)
        self.assertEqual(other.count("step"), 4)
        self.assertEqualState(gan, other)

    @pytest.mark.slow
    def test_all_that_a_gan_may_have(self):
        self.run_eagerly()
        config = small.small_config(
            style_mixing=0.5,
            augment=("color",),
            stages=(Stage(2, dense_weight=1.0), Stage(1)),
        )
        config.loss.dense_discriminator = "second"
        config.generator = CIPS(**{**vars(config.generator), "sparse_embedding": True})
        config.optimizer.beta_1 = 0.0
        config.optimizer.mapping_rate = 0.5
        gan = build.build_gan(config)
        gan.density = np.ones((32, 32), "float32")
        gan.set_stage(config.stages[0])
        gan.held_out_metrics = [keras.metrics.MeanSquaredError()]
        with self.assertRaisesRegex(ValueError, "`compile` must be called once"):
            gan.compile("adam", "adam", sparse_embedding=True)
        self.train(gan)
        other = self.loaded(gan)
        self.assertEqual(len(other.row_adams), len(gan.row_adams))
        self.assertEqual(other.get_compile_config(), gan.get_compile_config())
        keys = gan.get_config().keys() - {"density"}
        for key in keys:
            self.assertEqual(other.get_config()[key], gan.get_config()[key], key)
        self.assertAllEqual(other.density, gan.density)
        self.assertEqualState(gan, other)
        self.train(gan)
        self.train(other)
        # Gradients of rows are added up in any order.
        self.assertEqualState(gan, other, atol=1e-3)

    @pytest.mark.slow
    def test_callbacks_that_save(self):
        self.run_eagerly()
        folder = self.temporary_folder()
        gan = small.small_gan()
        checkpoint = keras.callbacks.ModelCheckpoint(
            folder / "best.keras",
            monitor="val_d_loss",
            mode="min",
            save_best_only=True,
        )
        gan.fit(
            small.random_images(),
            batch_size=4,
            verbose=0,
            validation_data=small.random_images(seed=1),
            callbacks=[checkpoint],
        )
        other = keras.saving.load_model(folder / "best.keras")
        self.assertEqualState(gan, other)

    def test_a_save_that_fails_leaves_nothing(self):
        gan = small.small_gan()
        path = self.temporary_folder() / "gan.keras"
        gan.get_config = lambda: 1 / 0
        with self.assertRaises(ZeroDivisionError):
            gan.save(path)
        self.assertEqual(list(path.parent.iterdir()), [])
        with self.assertRaisesRegex(ValueError, "extension.*gan.zip"):
            gan.save(path.with_suffix(".zip"))

    def test_before_compile(self):
        gan = small.small_gan()
        plain = INRGAN.from_config(gan.get_config())
        other = self.loaded(plain)
        self.assertFalse(other.compiled)
        for a, b in zip(plain.variables, other.variables, strict=True):
            self.assertAllEqual(a, b)

    @pytest.mark.slow
    def test_loaded_where_the_gan_alone_is_imported(self):
        gan = small.small_gan()
        gan.compile("adam", "adam", metrics=[FrechetDistance("pixels")])
        path = self.temporary_folder() / "gan.keras"
        gan.save(path)
        code = "import sys, keras; from inr_keras import INRGAN; "
        code += "print(keras.saving.load_model(sys.argv[1]).held_out_metrics[0].name)"
        program = [sys.executable, "-c", code, path]
        output = subprocess.run(program, check=True, capture_output=True).stdout
        self.assertEqual(output.decode().split(), ["frechet_distance"])

    def test_predicts_images_of_classes(self):
        data = Data(labels=True, groups=("animals", "flags", "people"))
        gan = small.small_gan(data=data)
        inputs = {"latents": np.ones((2, 8), "float32"), "labels": np.array([0, 2])}
        images = gan.predict(inputs, verbose=0)
        self.assertAllClose(gan(**inputs), images, atol=1e-5)
        pair = inputs["latents"], inputs["labels"]
        self.assertAllClose(gan.predict(list(pair), verbose=0), images, atol=1e-5)

    @pytest.mark.slow
    def test_export(self):
        gan = small.small_gan()
        folder = self.temporary_folder() / "exported"
        gan.export(folder, verbose=False)
        latents = np.random.default_rng(0).normal(size=(2, 8)).astype("float32")
        exported = tf.saved_model.load(folder)
        images = exported.serve({"latents": latents})
        self.assertAllClose(images, gan.predict(latents, verbose=0), atol=1e-4)

    def test_arguments_without_effect_beside_others(self):
        gan = small.small_gan()
        for name, arguments in (
            ("density", {"keeps_aspect": True, "density": np.ones((32, 32))}),
            ("crops.margin", {"keeps_aspect": True, "crops": Crops("pixel", margin=4)}),
            ("replay_every", {"replay_every": 2, "crops": Crops("pixel")}),
            (
                "loss.dense_interval",
                {"discriminator_steps": 2, "loss": Loss(dense_interval=2)},
            ),
        ):
            with self.assertRaisesRegex(ValueError, f"`{name}` must be (None|0|1) wi"):
                INRGAN(
                    gan.generator,
                    gan.discriminator,
                    gan.resolution,
                    gan.patch_size,
                    alignment=gan.alignment,
                    **arguments,
                )

    def test_summary_names_the_generators(self):
        lines = []
        small.small_gan().summary(print_fn=lines.append)
        text = "\n".join(lines)
        for name in ("generator", "averaged_generator", "frozen_generator"):
            self.assertRegex(text, rf"\b{name}\b")
        self.assertIn("Optimizer params", text)
