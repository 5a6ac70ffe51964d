"""A run of an earlier version (commit ec352fe) still opens, and goes on."""

import shutil

import numpy as np
import pytest
import tensorflow as tf

from inr_keras import runs
from inr_keras.runs import config_file
from inr_keras.runs import record_files
from inr_keras.training import build
from inr_keras.training import checkpoints
from inr_keras.training.health import best
from tests import testing
from tests.training import small

# Sums of absolute values of the checkpoint, taken by the version that wrote it.
SUMS = {
    "generator": 11537.3512169374,
    "ema_generator": 11535.79237295423,
    "frozen_generator": 11535.791017721243,
    "discriminator": 2331.466903090535,
    "generator_optimizer": 16.394586742110164,
    "discriminator_optimizer": 15.956871979809872,
}
RUN = testing.FIXTURES / "before" / "run"


class EarlierRunTest(testing.TestCase):
    def test_settings_and_records(self):
        config = config_file.load_config(RUN)
        self.assertEqual((config.name, config.evaluation.images), ("tiny", 6))
        metrics = record_files.read(RUN / record_files.METRICS)
        self.assertEqual([r["images_seen"] for r in metrics], [8, 16, 24, 32, 40, 48])
        self.assertEqual(best.read(RUN)["metric"], "swd")

    def test_generator(self):
        generator = runs.load_generator(RUN)
        rgb = generator(np.zeros((1, 8)), np.zeros((1, 3, 2)))
        self.assertEqual(rgb.shape, (1, 3, 3))

    @pytest.mark.slow
    def test_a_checkpoint_is_restored_whole_and_training_goes_on(self):
        folder = self.temporary_folder() / "run"
        shutil.copytree(RUN, folder)
        config = config_file.load_config(folder)
        gan = build.build_gan(config)
        path = checkpoints.restore(gan, folder / "checkpoints")
        self.assertEqual(path.name, "images_0000000032.weights.h5")
        counts = [gan.count(n) for n in ("images_seen", "step", "stage_number")]
        self.assertEqual(counts, [32, 8, 2])
        for name, expected in SUMS.items():
            values = small.values(getattr(gan, name).variables)
            total = sum(np.abs(v).astype("float64").sum() for v in values)
            self.assertAllClose(total, expected, rtol=1e-6)
        gan.set_stage(config.stages[2], config.stages[:2], freeze=True)
        logs = gan.train_step(tf.constant(small.random_images()))
        self.assertTrue(np.isfinite(float(logs["patch"])))
        self.assertEqual(gan.count("images_seen"), 36)
