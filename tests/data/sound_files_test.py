import struct

import numpy as np
import scipy.io.wavfile

from inr_keras.data import sound_files
from tests import testing

TONE = np.sin(np.arange(500) / 7.0)


def wav_of_24_bits(levels, rate=8000):
    """Bytes of a WAV file, by the format's definition."""
    data = b"".join(struct.pack("<i", int(level))[:3] for level in levels)
    head = struct.pack("<HHIIHH", 1, 1, rate, 3 * rate, 3, 24)
    body = b"WAVEfmt " + struct.pack("<I", 16) + head
    body += b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


class SoundFilesTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.path = self.temporary_folder() / "sound.wav"

    def read(self, samples):
        scipy.io.wavfile.write(self.path, 8000, samples)
        return sound_files.read_sound(self.path)

    def test_all_depths(self):
        for samples, step in (
            (np.rint(TONE * 127 + 128).astype("uint8"), 2**-7),
            (np.rint(TONE * 32767).astype("int16"), 2**-15),
            (np.rint(TONE * (2**31 - 1)).astype("int32"), 2**-22),
            (TONE.astype("float32"), 2**-22),
            (TONE, 2**-22),
        ):
            read, rate = self.read(samples)
            self.assertEqual((read.shape, rate, read.dtype), ((500, 1), 8000, "f4"))
            # Rounded to a level, and 1 is one level less than the top.
            self.assertLess(np.abs(read[:, 0] - TONE).max(), 1.6 * step)

    def test_24_bits(self):
        self.path.write_bytes(wav_of_24_bits(np.rint(TONE * (2**23 - 1))))
        read, _ = sound_files.read_sound(self.path)
        self.assertLess(np.abs(read[:, 0] - TONE).max(), 2**-22)

    def test_stereo(self):
        both = np.stack([TONE, -0.5 * TONE], axis=1).astype("float32")
        self.assertAllClose(self.read(both)[0], both)

    def test_what_cannot_be_read(self):
        scipy.io.wavfile.write(self.path, 8000, TONE.astype("float32"))
        whole = self.path.read_bytes()
        for data, why in (
            (b"", "empty file"),
            (b"no sound at all" * 9, "not understood"),
            (whole[:30], "."),
            (whole.replace(struct.pack("<f", TONE[9]), b"\0\0\xc0\x7f"), "not finite"),
        ):
            self.path.write_bytes(data)
            with self.assertRaisesRegex(sound_files.UnreadableSoundError, why):
                sound_files.read_sound(self.path)
        with self.assertRaisesRegex(sound_files.UnreadableSoundError, "no samples"):
            self.read(np.zeros(0, "int16"))
        with self.assertRaisesRegex(sound_files.UnreadableSoundError, "9 channels"):
            self.read(np.zeros((50, 9), "int16"))
