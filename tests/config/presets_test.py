"""Presets of MS-patch have the settings that docs/presets.md states."""

import ast
import pathlib
import re

import numpy as np
import pytest
import tensorflow as tf

from configs import ms_cips_afhq256
from configs import ms_cips_church256
from configs import ms_cips_ffhq256
from inr_keras import config as config_lib
from inr_keras.config import bounds
from inr_keras.losses import patch_regularization
from inr_keras.training import build
from tests import testing
from tests.training import small

PAGE = pathlib.Path(__file__).parents[2] / "docs" / "presets.md"
PRESETS = (ms_cips_ffhq256, ms_cips_church256, ms_cips_afhq256)


def table(columns):
    """Reads the rows of settings or of datasets, by the number of columns."""
    lines = [line for line in PAGE.read_text().splitlines() if line.startswith("|")]
    rows = [[cell.strip() for cell in line[1:-1].split("|")] for line in lines]
    return [row for row in rows if len(row) == columns and "`" in row[-1] + row[-2]]


class PresetsTest(testing.TestCase):
    def test_the_page_states_their_settings(self):
        rows = table(5)
        fields = {row[3].strip("`"): row[4] for row in rows}
        self.assertEqual(len(fields), len(rows))
        self.assertGreater(len(rows), 30)
        for preset in PRESETS:
            experiment = preset.get_config()
            experiment.validate()
            values = {name: value for name, value, _ in bounds.leaves(experiment)}
            for name, text in fields.items():
                value = values[name]
                stated = text if isinstance(value, str) else ast.literal_eval(text)
                self.assertEqual(value, stated, name)

    def test_settings_that_the_page_omits_have_their_defaults(self):
        fields = {row[3].strip("`") for row in table(5)}
        experiment = ms_cips_ffhq256.get_config()
        defaults = {n: v for n, v, _ in bounds.leaves(type(experiment)())}
        changed = {
            name
            for name, value, _ in bounds.leaves(experiment)
            if value != defaults[name] and name not in fields
        }
        self.assertEqual(
            changed,
            {"name", "data.source", "sample_kimg", "checkpoint_kimg", "log_kimg"},
        )

    def test_stages_have_120_000_iterations(self):
        experiment = ms_cips_ffhq256.get_config()
        for stage in experiment.stages:
            steps = stage.kimg * 1000 / experiment.batch_size
            self.assertEqual(steps, 120_000)

    def test_adam_has_the_numbers_of_the_public_code(self):
        preset = ms_cips_ffhq256.get_config()
        config = small.small_config(optimizer=preset.optimizer, loss=preset.loss)
        gan = build.build_gan(config)
        text = re.sub(r"\s+", " ", PAGE.read_text())
        for optimizer, c in (
            (gan.generator_optimizer, 4 / 5),
            (gan.discriminator_optimizer, 16 / 17),
        ):
            rate = float(optimizer.learning_rate)
            self.assertAllClose(rate, 0.002 * c, 1e-6, 0)
            self.assertAllClose(optimizer.beta_2, 0.99**c, 1e-9, 0)
            self.assertEqual(optimizer.beta_1, 0.0)
            self.assertIn(f"{0.002 * c:.5g}", text)
            self.assertIn(f"= {0.99**c:.5f}", text)

    def test_stages_read_the_stated_shares_of_the_table(self):
        docstring = re.sub(r"\s+", " ", ms_cips_ffhq256.__doc__)
        for points, words in ((64, "23 % of its entries"), (128, "stage 2 98 %")):
            rows = set()
            for k in range(points):  # linspace(-1, 1, N) on 256 entries.
                low, rest = divmod(k * 255, points - 1)
                rows |= {low, low + 1} if rest else {low}
            self.assertIn(words, docstring)
            self.assertEqual(
                round(100 * (len(rows) / 256) ** 2),
                int(words.split(" %")[0].split()[-1]),
            )

    def test_pulls_of_both_distances(self):
        lines = PAGE.read_text().split("## What the weight")[1].splitlines()
        rows = [line[1:-1].split("|") for line in lines if line.startswith("| ")][1:]
        self.assertEqual(len(rows), 5)
        for title, values, loss, pull in rows:
            weight, kind, size = re.match(
                r" ([\d.]+), (.+), patches of (\d+)", title
            ).groups()
            kind = {"mean of squares": "mse", "norm": "l2"}[kind]
            half = int(size) // 2
            self.assertEqual(int(values), half * half * 3)
            # All differences the root of 0.05: the loss and its slope there.
            fake = tf.fill((1, half, half, 3), 0.05**0.5)
            slopes = {}
            for name in ("mse", "l2"):
                with tf.GradientTape() as tape:
                    tape.watch(fake)
                    value = patch_regularization(fake, tf.zeros_like(fake), name)
                slopes[name] = float(tape.gradient(value, fake)[0, 0, 0, 0])
                if name == kind:
                    self.assertAllClose(float(weight) * value, float(loss), 1e-2, 0)
            equal = float(weight) * slopes[kind] / slopes["mse"]
            self.assertAllClose(equal, float(pull), 1e-2, 0)

    def test_docstrings_state_scores_and_days(self):
        rows = table(4)
        self.assertEqual(len(rows), 3)
        for preset, (_, fid, days, name) in zip(PRESETS, rows):
            self.assertEqual(preset.get_config().name, name.strip("`"))
            self.assertIn(f"FID {fid} after {days} days on 2 GPUs", preset.__doc__)

    @pytest.mark.slow
    def test_a_copy_with_small_networks_trains_through_its_stages(self):
        small_sizes = {
            "resolution": 32,
            "patch_size": 8,
            "batch_size": 4,
            "generator.latent_dim": 8,
            "generator.style_dim": 8,
            "generator.mapping_layers": 1,
            "generator.widths": (8, 8, 8, 8, 8, 4, 2),
            "generator.fourier_features": 8,
            "generator.embedding_channels": 4,
            "discriminator.channels": (4, 6, 8, 8),  # 8 to 1 pixels.
        }
        preset = config_lib.changed(ms_cips_ffhq256.get_config(), small_sizes)
        preset.validate()
        gan = build.build_gan(preset)
        images = small.random_images()
        last = len(preset.stages) - 1
        for index, stage in enumerate(preset.stages):
            self.run_eagerly(index < last)  # The last one has all that the others do.
            gan.set_stage(stage, preset.stages[:index], freeze=True)
            before = small.values(gan.generator.trainable_variables)
            gan.fit(small.repeated(images), steps_per_epoch=2, verbose=0)
            after = small.values(gan.generator.trainable_variables)
            moved = [np.abs(a - b).max() for a, b in zip(after, before)]
            self.assertGreater(min(moved), 0.0)
            self.assertTrue(all(np.isfinite(a).all() for a in after))
