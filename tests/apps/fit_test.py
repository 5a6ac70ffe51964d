"""Fits of signals from the command line, and what is drawn of them."""

import json

import numpy as np
import pytest
import scipy.io.wavfile
from PIL import Image

from inr_keras.rendering import sounds
from tests.apps import running


@pytest.mark.slow
class FitTest(running.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.temporary_folder()

    def fit(self, name, *arguments):
        return running.run_app(
            "fit",
            f"--signal={self.folder / name}",
            f"--out={self.folder / 'inr.keras'}",
            *("--steps=60", "--points=256", "--width=16", "--depth=2"),
            *arguments,
        )

    def draw(self, app, out, *arguments):
        model = self.folder / "inr.keras"
        return running.run_app(
            app, f"--model={model}", f"--out={self.folder / out}", *arguments
        )

    def test_a_picture(self):
        x = np.linspace(0, 255, 24).astype("uint8")
        Image.fromarray(np.tile(x, (16, 1))).save(self.folder / "p.png")
        process = self.fit("p.png", f"--comparison={self.folder / 'both.png'}")
        self.assertSucceeded(process)
        report = json.loads((self.folder / "inr.json").read_text())
        self.assertIn(f"PSNR {report['psnr']:.2f} dB", process.stdout)
        self.assertGreater(report["psnr"], 20)  # The best constant: 10.5.
        self.assertEqual((report["steps"], report["width"]), (60, 16))
        with Image.open(self.folder / "both.png") as image:
            self.assertEqual(image.size, (24 + 4 + 24, 16))
        self.assertSucceeded(self.draw("generate", "large.png", "--size=48"))
        with Image.open(self.folder / "large.png") as image:
            self.assertEqual(image.size, (48, 32))
            drawn = np.asarray(image.convert("L")).mean(axis=0)
        self.assertLess(np.abs(drawn - np.linspace(0, 255, 48)).mean(), 20)
        self.assertRefused(
            self.draw("generate", "seeds.png", "--seeds=3"), "--seeds", "one picture"
        )
        self.assertRefused(self.draw("animate", "film.gif"), "--model", "one picture")
        process = running.run_app(
            "export",
            f"--model={self.folder / 'inr.keras'}",
            f"--out={self.folder / 'exported'}",
        )
        self.assertRefused(process, "--model", "a INR")

    def test_a_sound(self):
        tone = np.sin(np.arange(400) * 0.1)
        sounds.save_sound(self.folder / "s.wav", tone, 8000)
        self.assertSucceeded(self.fit("s.wav"))
        report = json.loads((self.folder / "inr.json").read_text())
        self.assertGreater(report["snr"], 3)  # Silence: 0.
        self.assertSucceeded(self.draw("generate", "twice.wav", "--rate=2"))
        rate, samples = scipy.io.wavfile.read(self.folder / "twice.wav")
        self.assertEqual((rate, len(samples)), (16000, 800))
        self.assertRefused(
            self.draw("generate", "a.wav", "--rate=0"), "--rate", "factor up to 100"
        )
        self.assertRefused(
            self.draw("generate", "a.wav", "--size=9"), "--size", "one sound"
        )

    def test_bad_input(self):
        sounds.save_sound(self.folder / "silent.wav", np.zeros(100), 8000)
        (self.folder / "empty.png").touch()
        for name, arguments, flag, why in (
            ("none.png", (), "--signal", "existing file"),
            ("empty.png", (), "--signal", "empty file"),
            ("silent.wav", (), "--signal", "silent"),
            ("silent.wav", ("--out=inr.h5",), "--out", "must end in .keras"),
            ("silent.wav", ("--points=0",), "--points", "from 1"),
        ):
            self.assertRefused(self.fit(name, *arguments), flag, why)
        self.assertFalse((self.folder / "inr.keras").exists())
