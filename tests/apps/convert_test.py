import numpy as np
import pytest

from inr_keras import export
from inr_keras import runs
from tests import testing
from tests.apps import running
from tests.models import reference


def convert(*arguments, **kwargs):
    return running.run_app("convert", *arguments, **kwargs)


class ConvertTest(running.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.temporary_folder()
        self.checkpoint = self.folder / "cips.npz"
        self.arrays = testing.load_fixture("cips_generator")
        self.state = reference.parameters(self.arrays)
        np.savez(self.checkpoint, **self.state)
        self.out = self.folder / "out" / "cips.keras"

    def convert(self, **flags):
        flags = {
            "kind": "cips",
            "checkpoint": self.checkpoint,
            "out": self.out,
            **flags,
        }
        return convert(*(f"--{name}={value}" for name, value in flags.items()))

    @pytest.mark.slow
    def test_a_converted_generator_is_drawn_and_exported(self):
        process = self.convert()
        self.assertSucceeded(process)
        self.assertIn(f"{self.out}  CIPSGenerator of 16x16", process.stdout)
        path = self.folder / "sheet.png"
        self.assertSucceeded(
            running.run_app(
                "generate",
                f"--model={self.out}",
                "--seeds=0-3",
                "--size=24",
                f"--out={path}",
            )
        )
        self.assertTrue(path.exists())
        generator = runs.load_generator(self.out)
        version = export.export(generator, self.folder / "models", test=False)
        self.assertAllClose(
            runs.load_generator(version).mapping(self.arrays["z"]),
            self.arrays["w"],
            1e-4,
            1e-4,
        )

    @pytest.mark.slow
    def test_inr_gan(self):
        arrays = testing.load_fixture("inr_gan_generator_bilinear")
        np.savez(self.checkpoint, **reference.parameters(arrays))
        process = self.convert(kind="inr_gan", bilinear=True)
        self.assertSucceeded(process)
        self.assertIn("INRGANGenerator of 64x64", process.stdout)
        generator = runs.load_generator(self.out)
        self.assertEqual(generator.upsampling, "bilinear")

    @pytest.mark.slow
    def test_wrong_input(self):
        other = self.folder / "other.npz"
        np.savez(other, weight=np.zeros(3))
        for flags, texts in (
            ({"kind": "gan"}, ["--kind=gan"]),
            ({"checkpoint": other}, ["kind cips", "missing: lff.", "weight"]),
            ({"checkpoint": self.folder}, ["--checkpoint must be a file"]),
            ({"bilinear": True}, ["--bilinear must come with", "cips"]),
            ({"out": self.folder / "x.h5"}, ["--out must end in .keras"]),
        ):
            with self.subTest(str(flags)):
                self.assertRefused(self.convert(**flags), *texts)
        self.assertFalse(self.out.exists())
