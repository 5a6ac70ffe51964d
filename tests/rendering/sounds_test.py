import numpy as np
import scipy.io.wavfile
from PIL import Image

from inr_keras.rendering import sounds
from tests import testing

RATE = 8000


def sine(frequency, rate=RATE, seconds=0.5):
    return np.sin(2 * np.pi * frequency * np.arange(int(rate * seconds)) / rate)


class SoundsTest(testing.TestCase):
    def test_files_come_back(self):
        samples = np.stack([0.5 * sine(300), np.linspace(-2, 2, RATE // 2)], axis=1)
        path = self.temporary_folder() / "two.wav"
        sounds.save_sound(path, samples, RATE)
        rate, read = scipy.io.wavfile.read(path)
        self.assertEqual((rate, read.dtype), (RATE, np.dtype("int16")))
        # Half a level of 32767, and clipped.
        error = read / 32767 - np.clip(samples, -1, 1)
        self.assertLess(np.abs(error).max(), 0.5001 / 32767)
        self.assertEqual([p.name for p in path.parent.iterdir()], ["two.wav"])

    def test_other_endings(self):
        with self.assertRaisesRegex(ValueError, "`path` must end in .wav"):
            sounds.save_sound("sound.mp3", sine(300), RATE)

    def test_a_tone_is_one_line_of_a_spectrogram(self):
        levels = sounds.spectrogram(0.5 * sine(1000), RATE)
        frequencies = np.linspace(0, RATE / 2, len(levels))
        middle = levels[:, levels.shape[1] // 2]
        self.assertAllClose(frequencies[middle.argmax()], 1000, atol=RATE / 180)
        # Half of the amplitude is 6 dB less.
        self.assertAllClose(middle.max(), -6.02, atol=0.3)
        self.assertLess(middle[frequencies > 1300].max(), -60)

    def test_high_tones_are_above_in_a_picture(self):
        low = sounds.spectrogram_image(sine(500), RATE, 64, 32)
        high = sounds.spectrogram_image(sine(3500), RATE, 64, 32)
        self.assertEqual(low.shape, (64, 32, 3))
        self.assertAllClose(low[:, 16].sum(axis=-1).argmax(), 55, atol=1)
        self.assertAllClose(high[:, 16].sum(axis=-1).argmax(), 7, atol=1)

    def test_frequencies_beyond_half_the_rate_are_black(self):
        image = sounds.spectrogram_image(sine(500), RATE, 64, 32, top=RATE)
        self.assertEqual(image[:30].max(), 4)  # The map's darkest colour.
        self.assertAllClose(image[:, 16].sum(axis=-1).argmax(), 59, atol=1)

    def test_a_sound_shorter_than_half_a_window(self):
        image = sounds.spectrogram_image(np.full(4, 0.5), RATE, 8, 8)
        self.assertEqual(image.shape, (8, 8, 3))
        self.assertGreater(image.max(), 4)

    def test_a_picture_of_several(self):
        path = self.temporary_folder() / "sounds.png"
        made = [("a", sine(500), RATE), ("b", np.zeros(100), RATE)]
        sounds.save_sound_picture(path, made)
        with Image.open(path) as image:
            self.assertGreater(image.width, image.height)
            self.assertGreater(np.asarray(image.convert("L")).std(), 20)
