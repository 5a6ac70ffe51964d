import numpy as np
import pytest
import scipy.io.wavfile

from tests.apps import running
from tests.rendering.generators import small_generator


@pytest.mark.slow
class ManySignalsTest(running.TestCase):
    def test_sounds_of_a_generator(self):
        folder = self.temporary_folder()
        model, out = folder / "sounds.keras", folder / "a.wav"
        small_generator(
            coord_dim=1,
            channels=1,
            resolution=64,
            alignment="center",
            sample_rate=640,
        ).save(model)
        flags = [f"--model={model}", f"--out={out}"]
        process = running.run_app("generate", *flags, "--seeds=0-2", "--size=128")
        self.assertEqual(process.returncode, 0, process.stderr)
        self.assertIn("3 sounds of 128 samples, 1280 a second", process.stdout)
        rate, samples = scipy.io.wavfile.read(out)
        self.assertEqual((rate, len(samples)), (1280, 3 * 128 + 2 * 128))
        self.assertGreater(np.abs(samples).max(), 0)
        for flag, message in (
            ("--surface=cylinder", "surface"),
            ("--region=-2,-1,1,1", "--region must not be given for a .* of sounds"),
            ("--size=2", "--size must be one number from 4"),
        ):
            process = running.run_app("generate", *flags, flag)
            self.assertEqual(process.returncode, 2)
            self.assertRegex(process.stderr, message)
            self.assertNotIn("Traceback", process.stderr)
