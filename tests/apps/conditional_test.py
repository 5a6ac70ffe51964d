"""From sub-folders to images of a class, as an operator does it."""

import numpy as np
import pytest
from PIL import Image

from inr_keras import rendering
from inr_keras import runs
from tests.apps import running
from tests.rendering.generators import small_generator


@pytest.mark.slow
class ConditionalTest(running.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.temporary_folder()
        self.out = self.folder / "sheet.png"

    def generate(self, model, *arguments):
        return running.run_app(
            "generate", f"--model={model}", f"--out={self.out}", *arguments
        )

    def test_a_run_from_sub_folders_draws_a_class(self):
        rng = np.random.default_rng(0)
        for i in range(4):
            folder = self.folder / "in" / ("owls", "cats")[i % 2]
            folder.mkdir(parents=True, exist_ok=True)
            pixels = rng.integers(0, 256, (32, 32, 3)).astype("uint8")
            Image.fromarray(pixels).save(folder / f"{i}.png")
        arguments = (
            f"--config={running.ONE_STAGE}",
            f"--config.data.source={self.folder / 'in'}",
            "--config.data.labels=true",
        )
        run = self.folder / "run"
        process = running.run_app("train", *arguments, f"--workdir={run}")
        self.assertSucceeded(process)
        process = self.generate(run, "--seeds=4,7", "--class=owls")
        self.assertSucceeded(process)
        generator = runs.load_generator(run)
        self.assertEqual(generator.class_names, ("cats", "owls"))
        renderer = rendering.Renderer(generator)
        latents = rendering.latents_from_seeds([4, 7], generator.latent_dim)
        styles = renderer.styles(latents, labels=[1, 1])
        expected = rendering.sheet(renderer.render(styles)).astype(int)
        with Image.open(self.out) as image:
            pixels = np.asarray(image).astype(int)
        self.assertLessEqual(np.abs(pixels - expected).max(), 1)

    def test_wrong_classes(self):
        model = self.folder / "generator.keras"
        small_generator(class_names=("cats", "owls")).save(model)
        process = self.generate(model, "--class=dogs")
        self.assertRefused(process, "--class must be", "cats, owls", "'dogs'")
        self.assertFalse(self.out.exists())


class NoClassesTest(running.TestCase):
    def test_a_folder_without_sub_folders(self):
        folder = self.temporary_folder()
        Image.new("RGB", (16, 16)).save(folder / "a.png")
        process = running.run_app(
            "train",
            f"--config={running.ONE_STAGE}",
            f"--config.data.source={folder}",
            "--config.data.labels=true",
            f"--workdir={folder / 'run'}",
        )
        self.assertRefused(process, "config.data.source must", "a.png beside")
        self.assertFalse((folder / "run").exists())
