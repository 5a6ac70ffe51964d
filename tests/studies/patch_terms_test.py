from unittest import mock

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from inr_keras import config as config_lib
from inr_keras.data import pipeline
from inr_keras.runs import config_file
from inr_keras.studies import patch_terms
from inr_keras.training import build
from inr_keras.training import checkpoints
from tests import testing
from tests.training import small


class CheckTest(testing.TestCase):
    def test_what_cannot_be_measured(self):
        config = small.small_config()
        patch_terms.check(config)
        for changes, rule in (
            ({"data.labels": True}, "config.data.labels must be False.*True"),
            ({"data.aspect": "keep"}, "config.data.aspect must be crop.*'keep'"),
            ({"stages": config.stages[:1]}, "config.stages must be two or more"),
        ):
            with self.assertRaisesRegex(ValueError, rule):
                patch_terms.check(config_lib.changed(config, changes))


@pytest.mark.slow
class PatchTermsTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.run_folder = self.temporary_folder()
        images = self.run_folder / "images"
        images.mkdir()
        for i, image in enumerate(small.random_images()):
            Image.fromarray(image).save(images / f"{i}.png")
        self.config = small.small_config()
        self.config.data.source, self.config.data.groups = str(images), ()
        levels = config_lib.changed(self.config, {"data.stored_levels": True})
        config_file.write_config(levels, self.run_folder)
        self.gan = build.gan_at_stage(self.config)
        # The generator of the stage before is another one.
        for variable in self.gan.frozen_generator.trainable_variables:
            variable.assign(0.8 * variable)
        checkpoints.save(self.gan, self.run_folder / "checkpoints", 1)

    def test_terms_of_a_batch(self):
        found = patch_terms.measure(self.run_folder, batches=1)
        self.assertEqual((found["weight"], found["kind"]), (1.0, "mse"))

        # The same by the training step's own losses, and by hand.
        gan, variables = self.gan, self.gan.generator.trainable_variables
        [images] = pipeline.training_dataset(self.config).take(1)
        draws = gan.draw(4)
        norms = {}
        for name in ("g_loss", "patch"):
            with tf.GradientTape() as tape:
                patches = gan.stage_losses.patches(images, draws)
                terms, _ = gan.stage_losses.generator_loss(patches, draws, 0)
            gradients = tape.gradient(terms[name], variables)
            squares = [
                np.sum(np.square(tf.convert_to_tensor(g)))
                for g in gradients
                if g is not None
            ]
            norms[name] = np.sqrt(np.sum(squares))
        self.assertAllClose(
            found["shares"]["mse"], norms["patch"] / norms["g_loss"], 1e-3
        )
        self.assertGreater(found["shares"]["mse"], 0.0)

        prior = gan.stage_losses.patch_prior
        rendered = np.array(patches[0].rendered)
        coarse = np.array(prior.coarse_patches(patches[0].offsets, draws))
        means = rendered.reshape(4, 4, 2, 4, 2, 3).mean((2, 4))
        squares = np.square(means - coarse)
        self.assertAllClose(found["values"]["mse"], squares.mean(), 1e-3)
        norm = np.sqrt(squares.sum((1, 2, 3))).mean()
        self.assertAllClose(found["values"]["l2"], norm, 1e-3)


class SectionTest(testing.TestCase):
    def test_shares_are_weighted(self):
        found = {
            "weight": 20.0,
            "kind": "mse",
            "values": {"mse": 0.05, "l2": 3.5},
            "shares": {"mse": 0.03, "l2": 0.4},
        }
        with mock.patch.object(patch_terms, "measure", lambda run: found):
            text = patch_terms.section([({"title": "one", "seed": 3}, "run")])
        row = "| one | 3 | 0.05 | 3.5 | 60.00% | 0.03% | 0.40% |"
        self.assertIn(row, text.splitlines())
