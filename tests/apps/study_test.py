import numpy as np
import pytest

from inr_keras import rendering
from tests.apps import running


def study(*arguments, **kwargs):
    return running.run_app("study", *arguments, **kwargs)


@pytest.mark.slow
class StudyTest(running.TestCase):
    def test_writes_a_page_into_a_folder(self):
        folder = self.temporary_folder()
        for i in range(2):
            image = np.full((8, 8, 3), 100 * i, "uint8")
            rendering.save_image(folder / f"images/{i}.png", image)
        process = study(
            "--suite=parametrizations",
            f"--data={folder / 'images'}",
            "--images=2",
            "--resolution=8",
            "--steps=1",
            f"--workdir={folder / 'fits'}",
            f"--out={folder / 'docs'}",
        )
        self.assertSucceeded(process)
        page = folder / "docs" / "parametrizations.md"
        self.assertEqual(process.stdout.splitlines()[0], str(page))
        text = page.read_text()
        self.assertIn("# parametrizations: 2 images at 8x8", text)
        self.assertIn("--steps=1", text)

    def test_no_such_folder(self):
        process = study("--suite=fourier", "--data=nothing", "--out=x.md")
        self.assertRefused(process, "--data must be", "'nothing'")


class FlagsTest(running.TestCase):
    def test_flags(self):
        self.assertRefused(study("--suite=fourier"), "--out")
        self.assertRefused(study("--out=x.md"), "--suite")
        self.assertRefused(study("--suite=no", "--out=x.md"), "--suite")
        self.assertRefused(
            study("--suite=fourier", "--out=x.txt"), "--out must", "x.txt"
        )
        self.assertRefused(
            study("--suite=fourier", "--out=x.md", "--steps=0"), "--steps"
        )
        self.assertRefused(
            study("--suite=fourier", "--out=x.md", "--images=0"), "--images"
        )
        for suite, flag in (
            ("fourier", "--model=x"),
            ("geometry", "--steps=9"),
            ("overfitting", "--samples=99"),
            ("prior", "--data=openmoji"),
            ("upsampling", "--config=configs/tiny.py"),
        ):
            process = study(f"--suite={suite}", "--out=x.md", flag)
            name = flag.partition("=")[0]
            self.assertRefused(process, f"{name} must be given with --suite=", suite)
        self.assertRefused(
            study("--suite=upsampling", "--out=x.md", "--features=no"),
            "--features must be pixels",
            "'no'",
        )

    @pytest.mark.slow
    def test_flags_of_generators(self):
        out = "--out=x.md"
        self.assertRefused(
            study("--suite=geometry", out), "--model must be given", "None"
        )
        self.assertRefused(
            study("--suite=geometry", out, "--detector=x"),
            "--detector must be module:function",
            "'x'",
        )
