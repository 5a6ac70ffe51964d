import numpy as np
import pytest
import scipy.io.wavfile
from PIL import Image

from inr_keras.rendering import animation
from inr_keras.rendering import signal_files
from tests import testing
from tests.rendering.generators import small_generator


def small(axes, **kwargs):
    settings = {"channels": 1, "resolution": 8, "alignment": "center"}
    return small_generator(coord_dim=axes, **settings, **kwargs)


class SignalFilesTest(testing.TestCase):
    @pytest.mark.slow
    def test_sounds(self):
        folder = self.temporary_folder()
        generator = small(1, sample_rate=400)
        signal_files.write_signals(generator, folder / "a.wav", [0, 1], 16)
        rate, samples = scipy.io.wavfile.read(folder / "a.wav")
        # Twice the samples, twice the rate; a tenth of a second between.
        self.assertEqual((rate, len(samples)), (800, 16 + 80 + 16))
        self.assertAllEqual(samples[16:96], np.zeros(80))
        self.assertGreater(np.abs(samples[:16]).max(), 0)
        signal_files.write_signals(generator, folder / "a.png", [0, 1])
        self.assertEqual(Image.open(folder / "a.png").size, (384, 192))
        with self.assertRaisesRegex(ValueError, "`path` must end in .wav"):
            signal_files.write_signals(generator, folder / "a.obj", [0])
        request = animation.Request(str(folder / "a.gif"), "zoom", seeds=(0,))
        with self.assertRaisesRegex(ValueError, "`kind` must be one of z, w, trunc"):
            animation.Animation(generator, request)
        request = animation.Request(str(folder / "a.gif"), "w", seeds=(0, 1), length=3)
        animation.Animation(generator, request).write()
        self.assertEqual(Image.open(folder / "a.gif").n_frames, 3)

    @pytest.mark.slow
    def test_the_class_of_a_seed(self):
        folder = self.temporary_folder()
        generator = small(1, sample_rate=400, class_names=("a", "b"))
        for name, seeds in (("one", [3]), ("several", [2, 3])):
            signal_files.write_signals(generator, folder / f"{name}.wav", seeds, 16)
        _, one = scipy.io.wavfile.read(folder / "one.wav")
        _, several = scipy.io.wavfile.read(folder / "several.wav")
        self.assertAllClose(several[-len(one) :], one, atol=1)

    @pytest.mark.slow
    def test_solids_turn(self):
        folder = self.temporary_folder()
        request = animation.Request(
            str(folder / "a.gif"), "turn", seeds=(0, 1), length=4
        )
        animation.Animation(small(3), request).write()
        film = Image.open(folder / "a.gif")
        self.assertEqual((film.size, film.n_frames), ((256, 128), 4))
        request = animation.Request(str(folder / "a.gif"), "turn", seeds=(0,))
        with self.assertRaisesRegex(ValueError, "`kind` must be.*'turn'"):
            animation.Animation(small_generator(), request)

    def test_too_many_samples(self):
        for axes, name, size in ((1, "a.wav", 2**20), (3, "a.obj", 512)):
            out = self.temporary_folder() / name
            with self.assertRaisesRegex(ValueError, "`size` must leave at most"):
                signal_files.write_signals(small(axes), out, range(257), size)
            self.assertFalse(out.exists())

    def test_side_by_side(self):
        ball = np.full((2, 6, 6, 6, 1), -1.0)
        ball[:, 2:4, 2:4, 2:4] = 1.0
        one = signal_files.side_by_side(ball[:1])
        two = signal_files.side_by_side(ball)
        self.assertEqual(len(two.faces), 2 * len(one.faces))
        self.assertAllClose(two.vertices.max(0) - one.vertices.max(0), [2, 0, 0])
        self.assertEqual(two.faces.max(), len(two.vertices) - 1)
        with self.assertRaisesRegex(ValueError, "`seeds` must"):
            signal_files.side_by_side(-np.ones((1, 4, 4, 4, 1)))
