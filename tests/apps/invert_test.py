"""An image found from the command line, and drawn again."""

import json

import numpy as np
import pytest
from PIL import Image

from inr_keras import rendering
from tests.apps import running
from tests.rendering.generators import small_generator


def invert(*arguments):
    return running.run_app("invert", *arguments)


@pytest.mark.slow
class InvertTest(running.TestCase):
    def test_what_is_found_can_be_drawn(self):
        folder = self.temporary_folder()
        generator = small_generator()
        model = folder / "generator.keras"
        generator.save(model)
        rng = np.random.default_rng(0)
        pixels = rng.integers(0, 256, (8, 8, 3)).astype("uint8")
        Image.fromarray(pixels).save(folder / "in.png")
        mask = np.full((8, 8), 255, "uint8")
        mask[4:] = 0
        Image.fromarray(mask).save(folder / "mask.png")
        out = folder / "out"
        process = invert(
            f"--model={model}",
            f"--image={folder / 'in.png'}",
            f"--mask={folder / 'mask.png'}",
            "--space=wplus",
            "--steps=4",
            "--points=64",
            f"--out={out}",
        )
        self.assertSucceeded(process)
        self.assertRegex(process.stdout, r"style\.npz  \d+\.\d\d dB after \d steps\n")
        names = {path.name for path in out.iterdir()}
        self.assertEqual(names, {"style.npz", "comparison.png"})
        styles = rendering.load_styles(out / "style.npz", generator)
        self.assertEqual(styles.shape, (1, 5, 5))
        with np.load(out / "style.npz", allow_pickle=False) as arrays:
            settings = json.loads(str(arrays["about"]))["settings"]
        self.assertEqual((settings["steps"], settings["seed"]), (4, 0))

        sheet = folder / "sheet.png"
        process = running.run_app(
            "generate",
            f"--model={model}",
            f"--style={out / 'style.npz'}",
            "--size=12",
            f"--out={sheet}",
        )
        self.assertSucceeded(process)
        image = rendering.Renderer(generator).render(styles, 12)[0]
        with Image.open(sheet) as drawn:
            pixels = np.asarray(drawn).astype(int)
        difference = pixels - rendering.to_uint8(image)
        self.assertLessEqual(np.abs(difference).max(), 1)


class FlagsTest(running.TestCase):
    """What is wrong without a look at the model."""

    def test_wrong_values(self):
        folder = self.temporary_folder()
        image = folder / "in.png"
        image.write_text("words")
        (folder / "file").write_text("mine")
        for flag, *texts in (
            ("--space=x", "--space=x", "z|w|wplus"),
            ("--loss=pixel:0", "--loss must be names", "'pixel:0'"),
            ("--image=none.png", "--image must be an existing", "none.png"),
            ("--steps=0", "--steps must be from 1", "0"),
            ("--patience=-1", "--patience must be from 0", "-1"),
            ("--features_side=64", "--features_side must be given with --features"),
            ("--goal=nan", "--goal must be a number", "nan"),
            (f"--out={folder / 'file' / 'a'}", "--out must be", "is a file"),
        ):
            process = invert(
                "--model=nothing",
                f"--image={image}",
                f"--out={folder / 'out'}",
                flag,
            )
            self.assertRefused(process, *texts)
        process = invert(
            *("--model=nothing", f"--image={image}", f"--out={folder / 'out'}"),
            *("--space=z", "--prior=0.1"),
        )
        self.assertRefused(process, "--prior must be given with --space=w, wplus")
        self.assertFalse((folder / "out").exists())

    def test_a_style_has_no_seeds(self):
        process = running.run_app(
            "generate", "--model=x", "--style=y", "--seeds=1", "--out=z.png"
        )
        self.assertRefused(process, "--style must not be given with --seeds")
