"""Runs on grey and transparent images and on videos, from data to files."""

import dataclasses

import numpy as np
import pytest
from PIL import Image

from inr_keras import runs
from inr_keras.training import trainer
from tests import testing
from tests.training import small


@pytest.mark.slow
@pytest.mark.usefixtures("eagerly")
class ChannelsTest(testing.TestCase):
    def train(self, stages=1, **data):
        folder = self.temporary_folder()
        rng = np.random.default_rng(0)
        for i in range(3):
            pixels = rng.integers(0, 256, (32, 32, 4)).astype("uint8")
            (folder / "in").mkdir(exist_ok=True)
            Image.fromarray(pixels).save(folder / "in" / f"{i}.png")
        config = small.small_config(sample_count=2)
        config.stages = tuple(
            dataclasses.replace(stage, kimg=0.004)
            for stage in config.stages[1 : 1 + stages]
        )
        config.stages[0].patch_weight = 0.0
        config.data = dataclasses.replace(
            config.data, source=str(folder / "in"), groups=(), **data
        )
        results = trainer.train(config, folder / "run")
        for path, _ in results:
            self.assertTrue(path.is_file(), path)
        return runs.load_generator(folder / "run"), dict(results)

    def test_grey(self):
        generator, results = self.train(channels=1)
        self.assertEqual(generator.channels, 1)
        path = next(p for p in results if p.name == "final_32.png")
        self.assertEqual(Image.open(path).mode, "L")

    def test_transparent(self):
        generator, results = self.train(channels=4)
        self.assertEqual(generator.channels, 4)
        path = next(p for p in results if p.name == "final_32.png")
        self.assertEqual(Image.open(path).mode, "RGBA")

    def test_video(self):
        generator, results = self.train(stages=2, video_length=3, flip=False)
        self.assertEqual((generator.video_length, generator.channels), (3, 9))
        path = next(p for p in results if p.name == "final_32.webp")
        with Image.open(path) as image:
            self.assertEqual(image.n_frames, 3)
