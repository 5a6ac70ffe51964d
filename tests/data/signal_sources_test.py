import numpy as np
import pytest
import scipy.io.wavfile

from inr_keras.config import Data
from inr_keras.data import instruments
from inr_keras.data import pipeline
from inr_keras.data import sources
from inr_keras.rendering import sounds
from tests import testing


class SignalSourcesTest(testing.TestCase):
    def test_made_sounds(self):
        data = Data(kind="sound", source="sounds", channels=1, count=6)
        source = sources.open_source(data, 512)
        self.assertEqual(source.shape, (512, 1))
        self.assertEqual(source.bytes, 6 * 512 * 2)
        expected = [instruments.make_sound(n, 512, 8000) for n in range(6)]
        self.assertAllEqual(source.images, np.stack(expected))
        self.assertEqual(source.images.dtype, np.int16)

    def test_folder_of_sounds(self):
        folder = self.temporary_folder()
        wave = np.linspace(-0.5, 0.5, 100)
        sounds.save_sound(folder / "a.wav", wave, 8000)
        sounds.save_sound(folder / "b.wav", wave, 4000)
        (folder / "c.wav").write_bytes(b"RIFF")
        # Levels of 16 bits, written as floats.
        scipy.io.wavfile.write(folder / "d.wav", 8000, (wave * 3000).astype("float32"))
        data = Data(kind="sound", source=str(folder), channels=1)
        source = sources.open_source(data, 128)
        [sound] = source.images[..., 0]
        self.assertAllClose(sound[:100] / 32767.0, wave, atol=1e-4)
        self.assertAllEqual(sound[100:], np.zeros(28))
        self.assertEqual(sorted(source.skipped), ["b.wav", "c.wav", "d.wav"])
        self.assertIn("samples up to 1500", source.skip_report())
        self.assertIn("4000 samples a second, not 8000", source.skip_report())

    @pytest.mark.slow
    def test_solids_and_panoramas_of_openmoji(self):
        data = Data(kind="solid", groups=("flags",), channels=1)
        source = sources.open_source(data, 8)
        self.assertEqual(source.shape, (8, 8, 8, 1))
        self.assertGreater(len(source.images), 3)
        data = Data(kind="panorama", groups=("faces",), count=5)
        source = sources.open_source(data, 16)
        self.assertEqual(source.images.shape, (5, 16, 16, 3))
        self.assertIn("OpenMoji", source.attribution)

    def test_folder_of_solids_and_errors(self):
        folder = self.temporary_folder()
        for kind, ending in (("solid", ".npy"), ("sound", ".wav")):
            data = Data(kind=kind, source=str(folder), channels=1)
            with self.assertRaisesRegex(ValueError, f"config.data.source.*{ending}"):
                sources.open_source(data, 8)
        np.save(folder / "a.npy", np.ones((8, 8, 8), bool))
        data = Data(kind="solid", source=str(folder), channels=1)
        source = sources.open_source(data, 8)
        self.assertAllEqual(source.images, np.full((1, 8, 8, 8, 1), 255))

    def test_batches(self):
        from configs import sounds as config_file

        config = config_file.get_config()
        config.resolution, config.patch_size, config.data.count = 1024, 256, 4
        batch = next(iter(pipeline.training_dataset(config)))
        self.assertEqual(batch.shape, (16, 1024, 1))
        self.assertEqual(batch.dtype, "int16")
