import numpy as np
import tensorflow as tf
from PIL import Image

from inr_keras import coordinates
from inr_keras.data import signals
from inr_keras.rendering import film
from inr_keras.rendering import sounds
from tests import testing


class SignalsTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.temporary_folder()

    def picture(self, array, name="p.png"):
        Image.fromarray(array).save(self.folder / name)
        return signals.open_signal(self.folder / name)

    def points(self, signal):
        points = signal.tensors()(tf.range(len(signal)))
        return [tensor.numpy() for tensor in points]

    def test_a_square_picture_has_the_coordinates_of_the_frame(self):
        pixels = np.random.default_rng(0).integers(0, 256, (12, 12, 3), "uint8")
        coords, values = self.points(self.picture(pixels))
        grid = coordinates.grid(12, 12, 1, "center")
        self.assertAllClose(coords, np.reshape(grid, (-1, 2)))
        self.assertAllClose(values, pixels.reshape(-1, 3) / 127.5 - 1)

    def test_the_shorter_side_is_in_proportion(self):
        signal = self.picture(np.zeros((10, 20), "uint8"))
        self.assertEqual(signal.signal["extent"], [1.0, 0.5])
        self.assertEqual((signal.channels, tuple(signal.signal["size"])), (1, (20, 10)))
        coords, _ = self.points(signal)
        self.assertAllClose(coords[0], (-0.95, -0.45))
        self.assertAllClose(coords[1] - coords[0], (0.1, 0.0))

    def test_sounds(self):
        samples = np.sin(np.arange(1000) * 0.3) * 0.25
        sounds.save_sound(self.folder / "s.wav", samples, 8000)
        signal = signals.open_signal(self.folder / "s.wav")
        coords, values = self.points(signal)
        self.assertAllClose(signal.signal["gain"] * values[:, 0], samples, atol=4e-5)
        self.assertAllClose(coords[[0, -1], 0], (-0.999, 0.999))
        # 0.3 radians a sample, 500 samples a unit.
        self.assertAllClose(signal.scale, (150.0,), rtol=0.02)
        self.assertEqual(signal.file_bits, 8 * 2044)

    def test_films(self):
        images = np.zeros((5, 8, 16, 3), "uint8")
        images[3] = 255
        film.write_film(self.folder / "f.gif", images, 10)
        signal = signals.open_signal(self.folder / "f.gif")
        self.assertEqual((signal.kind, signal.signal["rate"]), ("film", 10))
        coords, values = self.points(signal)
        bright = values[:, 0] > 0
        self.assertAllClose(coords[bright, 2], np.full(128, 0.4))
        self.assertAllClose(np.abs(coords).max(axis=0), (15 / 16, 7 / 16, 0.8))

    def test_frequencies_of_each_axis(self):
        x = np.arange(64)
        wave = np.sin(2 * np.pi * x / 8)[None] * np.ones((64, 1))
        signal = self.picture(np.rint(wave * 100 + 128).astype("uint8"))
        # 8 waves over two units along x; nothing changes along y.
        self.assertAllClose(signal.scale, (8 * np.pi, 3.0), rtol=0.05)

    def test_one_colour_is_a_signal(self):
        signal = self.picture(np.full((9, 9, 3), 40, "uint8"))
        self.assertEqual(signal.scale, (3.0, 3.0))

    def test_what_is_refused(self):
        (self.folder / "empty.png").touch()
        (self.folder / "broken.gif").write_bytes(b"GIF89a" + bytes(30))
        (self.folder / "what.xyz").write_bytes(b"?")
        sounds.save_sound(self.folder / "silent.wav", np.zeros(100), 8000)
        for name, why in (
            ("none.png", "must be an existing file"),
            ("empty.png", "empty file"),
            ("broken.gif", "can be read"),
            ("what.xyz", "must end in .*wav"),
            ("silent.wav", "silent"),
        ):
            with self.assertRaisesRegex(ValueError, why) as caught:
                signals.open_signal(self.folder / name)
            self.assertRegex(str(caught.exception), "^`path` must .*Received: ")
