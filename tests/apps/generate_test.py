import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import Image

from inr_keras import export
from inr_keras import rendering
from inr_keras import runs
from inr_keras.models import VideoGenerator
from tests.apps import running
from tests.rendering.generators import small_generator


def generate(*arguments, **kwargs):
    return running.run_app("generate", *arguments, **kwargs)


@pytest.mark.slow
class ImagesTest(running.TestCase):
    @pytest.fixture(autouse=True)
    def _trained(self, trained):
        self.workdir = trained.workdir
        self.folder = self.temporary_folder()
        self.out = self.folder / "sheet.png"

    def expected(self, seeds, size=None, truncation=1.0, box=(-1, -1, 1, 1)):
        generator = runs.load_generator(self.workdir)
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
        self.assertEqual(process.stdout, f"{self.out}  6 images of 24x24\n")
        box = (-1.5, -1.0, 0.5, 1.0)
        self.assertDraws(self.expected([0, 1, 2, 3, 9, 7], 24, 0.7, box))

    def test_maps_and_warnings(self):
        trust, points = self.folder / "trust.png", self.folder / "points.png"
        process = generate(
            f"--model={self.workdir}",
            "--seeds=0-2",
            "--size=24",
            "--region=-1,-1,3,3",
            "--gaze=0,0",
            f"--points_map={points}",
            f"--trust_map={trust}",
            f"--out={self.out}",
        )
        self.assertSucceeded(process)
        [line] = [x for x in process.stderr.splitlines() if "warning:" in x]
        self.assertIn("of the points lie beyond the trained frame", line)
        lines = process.stdout.splitlines()
        self.assertEqual(
            lines[0], f"{trust}  interpolation, super-resolution and extrapolation"
        )
        self.assertIn("144 of 576 points of an image drawn (25.00%)", lines[1])
        self.assertEqual(lines[2], f"{self.out}  3 images of 24x24")
        for path in (trust, points, self.out):
            self.assertTrue(path.read_bytes().startswith(b"\x89PNG"))

    def test_interrupted_it_leaves_nothing(self):
        out = self.folder / "large.tif"
        # In a Python of its own, for once, as all apps are started by users.
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "apps.generate"),
                *(f"--model={self.workdir}", "--seeds=0", "--size=20000"),
                f"--out={out}",
            ],
            cwd=running.ROOT,
            stderr=subprocess.PIPE,
            text=True,
        )
        while not list(self.folder.glob(".writing_*")):
            self.assertIsNone(process.poll())
            time.sleep(0.1)
        process.terminate()
        errors = process.communicate(timeout=60)[1].splitlines()
        self.assertEqual(process.returncode, 143)
        self.assertEqual(errors[-1], "error: terminated")
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_saved_model_at_its_resolution(self):
        generator = runs.load_generator(self.workdir)
        export.export(generator, self.folder / "models", test=False)
        process = generate(f"--model={self.folder / 'models'}", f"--out={self.out}")
        self.assertSucceeded(process)
        self.assertIn("16 images of 32x32", process.stdout)
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

    def test_a_film_of_a_generator_of_videos(self):
        volume = small_generator(coord_dim=3, embedding_size=4, resolution=16)
        model = self.folder / "generator.keras"
        VideoGenerator(volume, 5).save(model)
        process = generate(f"--model={model}", f"--out={self.out}")
        self.assertRefused(process, "--out must end in .mp4, .webp, .gif")
        self.assertFalse(self.out.exists())

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
        self.assertFlagRefused("--size=1000000000", "--size must be", "10000")
        self.assertFlagRefused("--size=64x0", "--size must be", "'64x0'")
        self.assertFlagRefused("--size=big", "--size must be", "'big'")
        self.assertFlagRefused("--supersample=0", "--supersample=0")
        self.assertFlagRefused("--trust_map=a.jpg", "--trust_map must end in")
        self.assertFlagRefused("--truncation=nan", "--truncation must", "nan")
        self.assertFlagRefused("--truncation=11", "--truncation must", "11")

    @pytest.mark.slow
    def test_a_part_of_the_points(self):
        self.assertFlagRefused("--gaze=here", "--gaze must be", "'here'")
        self.assertFlagRefused("--points_share=1.5", "--points_share=1.5")
        self.assertFlagRefused("--fovea=1", "--fovea must be given with")
        for flag in ("--density=a.png", "--supersample=2"):
            process = generate(*self.good, "--gaze=0,0", flag)
            self.assertRefused(process, f"{flag.split('=')[0]}")

    def test_flags(self):
        self.assertRefused(generate("--model=x"), "--out")
        self.assertRefused(generate("--out=x.png"), "--model")
        self.assertRefused(generate("--model=", "--out=x.png"), "--model")
        self.assertFlagRefused("--colour=red", "'colour'")
        self.assertFlagRefused("stray", "'stray'")

    def test_an_aspect_of_a_region(self):
        process = generate(*self.good, "--region=0,0,1,1", "--aspect=3:2")
        self.assertRefused(
            process, "--aspect must not be given with --region", "(3, 2)"
        )

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
