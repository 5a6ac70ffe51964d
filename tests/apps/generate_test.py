import numpy as np
import pytest
from PIL import Image

from inr_keras import rendering
from inr_keras import serving
from tests.apps import running


def generate(*arguments, **kwargs):
    return running.run_app("generate", *arguments, **kwargs)


@pytest.mark.slow
class PicturesTest(running.TestCase):
    @pytest.fixture(autouse=True)
    def _trained(self, trained):
        self.workdir = trained.workdir
        self.folder = self.temporary_folder()
        self.out = self.folder / "sheet.png"

    def expected(self, seeds, size=None, truncation=1.0, box=(-1, -1, 1, 1)):
        generator = serving.load_generator(self.workdir)
        renderer = rendering.Renderer(generator)
        latents = rendering.latents_from_seeds(seeds, generator.latent_dim)
        styles = renderer.styles(latents, truncation)
        images = renderer.render(styles, size, size, box)
        return rendering.sheet(images).astype(int)

    def assertDraws(self, expected):
        self.assertEqual(list(self.folder.glob("*.png")), [self.out])
        with Image.open(self.out) as image:
            pixels = np.asarray(image).astype(int)
        self.assertEqual(pixels.shape, expected.shape)
        self.assertLessEqual(np.abs(pixels - expected).max(), 1)
        self.assertGreater(expected.std(), 1.0)

    def test_region_size_and_truncation_of_a_run(self):
        process = generate(
            f"--model={self.workdir}",
            "--seeds=0-3,9,7",
            "--size=24",
            "--region=-1.5,-1,0.5,1",
            "--truncation=0.7",
            f"--out={self.out}",
        )
        self.assertSucceeded(process)
        self.assertEqual(process.stdout, f"{self.out}  6 pictures of 24x24\n")
        box = (-1.5, -1.0, 0.5, 1.0)
        self.assertDraws(self.expected([0, 1, 2, 3, 9, 7], 24, 0.7, box))

    def test_an_aspect_is_the_middle_of_the_frame(self):
        process = generate(
            f"--model={self.workdir}",
            "--seeds=4",
            "--size=48",
            "--aspect=3:2",
            f"--out={self.out}",
        )
        self.assertSucceeded(process)
        self.assertEqual(process.stdout, f"{self.out}  1 pictures of 48x32\n")
        self.assertDraws(self.expected([4], 48)[8:40])

    def test_saved_model_at_its_resolution(self):
        generator = serving.load_generator(self.workdir)
        serving.export(generator, self.folder / "models")
        process = generate(
            f"--model={self.folder / 'models'}", f"--out={self.out}"
        )
        self.assertSucceeded(process)
        self.assertIn("16 pictures of 32x32", process.stdout)
        self.assertDraws(self.expected(range(16)))

    def test_full_disk_leaves_the_old_file_alone(self):
        self.out.write_text("mine")
        process = generate(
            f"--model={self.workdir / 'generator.keras'}",
            f"--out={self.out}",
            before=running.full_disk(2000),
        )
        self.assertRefused(process, "File too large")
        self.assertEqual(running.files(self.folder), {self.out.name: b"mine"})

    def test_no_model(self):
        model = self.folder / "nothing"
        process = generate(f"--model={model}", f"--out={self.out}")
        self.assertRefused(process, "--model must exist", model)
        self.assertFalse(self.out.exists())


class FlagsTest(running.TestCase):
    """What is wrong without a look at the model."""

    def setUp(self):
        super().setUp()
        self.folder = self.temporary_folder()
        self.good = ("--model=nothing", f"--out={self.folder / 'a.png'}")

    def assertFlagRefused(self, flag, *texts):
        process = generate(*self.good, flag)
        self.assertRefused(process, *texts)
        self.assertEqual(len(process.stderr.splitlines()), 1)
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_wrong_values(self):
        self.assertFlagRefused("--seeds=3-1", "--seeds must be", "'3-1'")
        self.assertFlagRefused("--seeds=", "--seeds must be", "''")
        self.assertFlagRefused("--seeds=0-99999", "at most 10000")
        self.assertFlagRefused("--region=0,0,1", "--region must be", "'0,0,1'")
        self.assertFlagRefused("--region=1,0,1,1", "--region must be")
        self.assertFlagRefused("--aspect=3", "--aspect must be", "'3'")
        self.assertFlagRefused("--size=0", "--size must be", "0")
        self.assertFlagRefused("--size=99999", "--size must be", "99999")
        self.assertFlagRefused("--size=9000", "--size squared", "16 seeds")
        self.assertFlagRefused("--size=big", "--size=big")
        self.assertFlagRefused("--truncation=nan", "--truncation must", "nan")
        self.assertFlagRefused("--truncation=11", "--truncation must", "11")

    def test_flags(self):
        self.assertRefused(generate("--model=x"), "--out")
        self.assertRefused(generate("--out=x.png"), "--model")
        self.assertRefused(generate("--model=", "--out=x.png"), "--model")
        self.assertFlagRefused("--colour=red", "'colour'")
        self.assertFlagRefused("stray", "'stray'")

    def test_an_aspect_of_a_region(self):
        process = generate(*self.good, "--region=0,0,1,1", "--aspect=3:2")
        self.assertRefused(process, "--aspect must not be given", "'3:2'")

    def test_out(self):
        file = self.folder / "file"
        file.write_text("mine")
        for out in (self.folder, file / "a.png"):
            process = generate("--model=x", f"--out={out}")
            self.assertRefused(process, "--out must be", out)
        self.assertEqual(running.files(self.folder), {"file": b"mine"})

    @pytest.mark.slow
    def test_ending(self):
        process = generate("--model=x", f"--out={self.folder / 'a.txt'}")
        self.assertRefused(process, "--out must end in .png", "a.txt")
        self.assertEqual(list(self.folder.iterdir()), [])
