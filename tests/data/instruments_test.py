from unittest import mock

import numpy as np

from inr_keras.data import instruments
from tests import testing

RATE = 8000


class InstrumentsTest(testing.TestCase):
    def test_sounds(self):
        for seed in range(12):
            sound = instruments.make_sound(seed, 4096, RATE)
            self.assertEqual(sound.shape, (4096, 1))
            self.assertEqual(sound.dtype, np.int16)
            peak = np.abs(sound.astype(int)).max() / 32767
            self.assertGreater(peak, 0.9 * 0.6 - 1e-3)
            self.assertLess(peak, 0.9 + 1e-3)
            # Silent at both ends.
            self.assertLess(np.abs(sound[0].astype(int)), 200)
            self.assertLess(np.abs(sound[-8:].astype(int)).max(), 400)
            self.assertAllEqual(sound, instruments.make_sound(seed, 4096, RATE))

    def test_a_whistle_has_a_tone_of_the_scale(self):
        time = np.arange(8192) / RATE
        # Twice the note, as long as it does not glide.
        lowest = mock.Mock(uniform=lambda low, high: low)
        wave = instruments._whistle(time, 440.0, lowest)
        spectrum = np.abs(np.fft.rfft(wave * np.hanning(len(wave))))
        loudest = spectrum.argmax() * RATE / len(wave)
        self.assertAllClose(loudest, 880.0, atol=1.0)

    def test_high_harmonics_of_a_string_fade_first(self):
        time = np.arange(4096) / RATE
        wave = instruments._string(time, 250.0, np.random.default_rng(0))
        early, late = (
            np.abs(np.fft.rfft(w * np.hanning(1024)))
            for w in (wave[:1024], wave[-1024:])
        )
        first, fourth = 32, 128  # Bins of 250 and 1000 Hz.
        self.assertGreater(late[first] / early[first], 3 * late[fourth] / early[fourth])
