"""Films and sheets of mixed styles from the command line."""

import numpy as np
import pytest
from PIL import Image
from PIL import ImageSequence

from inr_keras import rendering
from tests.apps import running
from tests.rendering.generators import small_generator


def animate(*arguments):
    return running.run_app("animate", *arguments)


@pytest.mark.slow
class AnimateTest(running.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.temporary_folder()
        self.generator = small_generator()
        self.model = self.folder / "generator.keras"
        self.generator.save(self.model)
        self.renderer = rendering.Renderer(self.generator)

    def styles(self, *seeds):
        latents = rendering.latents_from_seeds(seeds, self.generator.latent_dim)
        return self.renderer.styles(latents).numpy()

    def test_through_seeds_and_files(self):
        styles = self.styles(3, 4)
        style = self.folder / "style.npz"
        rendering.save_styles(style, self.generator, styles[1:, None].repeat(5, axis=1))
        out = self.folder / "walk.gif"
        process = animate(
            f"--model={self.model}",
            "--kind=w",
            "--seeds=3",
            f"--styles={style}",
            "--length=4",
            "--fps=10",
            "--size=16",
            f"--out={out}",
        )
        self.assertSucceeded(process)
        self.assertEqual(process.stdout, f"{out}  4 images\n")
        half = styles.mean(axis=0)
        keys = np.stack([styles[0], half, styles[1], half])
        expected = rendering.to_uint8(self.renderer.render(keys, 16))
        with Image.open(out) as file:
            read = [
                np.asarray(image.convert("RGB"))
                for image in ImageSequence.Iterator(file)
            ]
        difference = np.stack(read).astype(int) - expected
        self.assertLess(np.abs(difference).mean(), 4)

    def test_a_sheet_of_mixed_styles(self):
        out = self.folder / "mixed.png"
        process = animate(
            f"--model={self.model}",
            "--kind=mix",
            "--seeds=1-2",
            "--columns=5-7",
            "--crossover=2",
            f"--out={out}",
        )
        self.assertSucceeded(process)
        self.assertIn("2 x 3 images, layers from 2 of 5", process.stdout)
        with Image.open(out) as image:
            self.assertEqual(image.size, (32, 24))


class FlagsTest(running.TestCase):
    """What is wrong without a look at the model."""

    def test_wrong_values(self):
        folder = self.temporary_folder()
        for flags, *texts in (
            (["--kind=fly"], "--kind=fly"),
            (["--point=1"], "--point must be two numbers", "'1'"),
            (["--length=0"], "--length must be from 1", "0"),
            (["--frames=0"], "--length must be from 1", "0"),  # Its old name.
            (["--size=0"], "--size must be", "0"),
            (["--octaves=2"], "--octaves must be given with --kind=zoom", "kind=z"),
            (["--kind=mix", "--fps=2"], "--fps must be given with --kind=z, w"),
            (["--kind=mix", "--columns="], "--columns must be numbers", "''"),
            (["--seeds="], "--seeds or --styles must name an image"),
            (
                ["--kind=zoom", "--styles=a.npz", "--class=cats"],
                *("--class must be given with --seeds", "'cats'"),
            ),
            (["--styles=a.npz"], "--styles must not be given for the kinds z"),
        ):
            out = folder / "a.webp"
            process = animate("--model=nothing", f"--out={out}", *flags)
            self.assertRefused(process, *texts)
        self.assertEqual(list(folder.iterdir()), [])
