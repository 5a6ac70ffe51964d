from unittest import mock

import numpy as np
import pytest
import scipy.io.wavfile
import tensorflow as tf
from PIL import Image

from inr_keras.models import INR
from inr_keras.rendering import film
from inr_keras.rendering import signal_drawing
from tests import testing


class Formula:
    """Function of coordinates that stands for an INR."""

    def __init__(self, axes, channels, function, **signal):
        self.coord_dim = axes
        self.channels = channels
        self.call = function
        self.signal = signal


def tone(rate=1000, samples=100):
    return Formula(
        1,
        1,
        lambda coords: tf.sin(20.0 * coords),
        kind="sound",
        size=[samples],
        extent=[1.0],
        rate=rate,
        gain=0.5,
    )


def moving():
    """A film that is as bright as its time and as red as x is great."""
    return Formula(
        3,
        3,
        lambda c: tf.stack([c[:, 0], c[:, 2], c[:, 2]], axis=-1),
        kind="film",
        size=[8, 4, 3],
        extent=[1.0, 0.5, 1.0],
        rate=10.0,
    )


def ball(offset=(0.0, 0.0, 0.0), unit=1.0):
    return Formula(
        3,
        1,
        lambda c: 0.7 - tf.norm(c, axis=-1, keepdims=True),
        kind="shape",
        extent=[1.0] * 3,
        offset=offset,
        unit=unit,
    )


class SignalDrawingTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.temporary_folder()

    def test_values_in_parts(self):
        inr = INR(2, 3, width=8, depth=2)
        coords = np.random.default_rng(0).uniform(-1, 1, (3, 50, 2)).astype("float32")
        with mock.patch.object(signal_drawing, "_POINTS", 40):
            self.assertAllClose(signal_drawing.values(inr, coords), inr(coords))

    def test_a_sound_at_any_rate(self):
        for rate, count in ((None, 100), (2000, 200), (500, 50)):
            found = signal_drawing.sound(tone(), rate)
            times = (2 * np.arange(count) + 1) / count - 1
            self.assertAllClose(found[:, 0], 0.5 * np.sin(20 * times), atol=1e-6)

    def test_a_sound_file(self):
        path = self.folder / "tone.wav"
        text = signal_drawing.write_signal(tone(), path, rate=2000)
        self.assertEqual(text, "200 samples, 2000 a second")
        rate, samples = scipy.io.wavfile.read(path)
        self.assertEqual((rate, samples.shape), (2000, (200,)))

    def test_images_of_a_film_at_any_time_and_size(self):
        images = list(signal_drawing.film_images(moving(), 5, 6))
        self.assertEqual(np.shape(images), (5, 3, 6, 3))
        for number, image in enumerate(images):
            time = (2 * number + 1) / 5 - 1
            self.assertAllEqual(image[..., 1], np.rint((time + 1) * 127.5))
            x = (2 * np.arange(6) + 1) / 6 - 1
            self.assertAllEqual(image[1, :, 0], np.rint((x + 1) * 127.5))

    def test_films_are_written(self):
        path = self.folder / "film.webp"
        signal_drawing.write_animation(moving(), path, 7, 20.0, 16)
        with Image.open(path) as image:
            self.assertEqual((image.n_frames, image.size), (7, (16, 8)))
        signal_drawing.write_signal(moving(), path)
        with Image.open(path) as image:
            self.assertEqual((image.n_frames, image.size), (3, (8, 4)))
        fast = moving()
        fast.signal["rate"] = 60.0  # More than a .gif can have.
        text = signal_drawing.write_signal(fast, self.folder / "film.gif")
        self.assertEqual(text, "3 images, 50 a second")
        with self.assertRaisesRegex(ValueError, "`height` must leave at most"):
            signal_drawing.write_signal(moving(), path, 10**6)
        with self.assertRaisesRegex(ValueError, "`height` must leave at most"):
            signal_drawing.write_animation(ball(), path, 1, 20.0, 10**6)
        with (
            mock.patch.object(film, "_MAX_POINTS", 64),
            self.assertRaisesRegex(ValueError, "`height` must .* 8x4 times 3"),
        ):
            signal_drawing.write_signal(moving(), self.folder / "film.png")
        signal_drawing.write_signal(moving(), self.folder / "film.png")
        with Image.open(self.folder / "film.png") as image:
            self.assertEqual(image.size, (24, 4))

    def test_a_mesh_in_units_of_the_file(self):
        pytest.importorskip("skimage")
        mesh = signal_drawing.shape_mesh(ball((10.0, 20.0, 30.0), 5.0), 32)
        middle = (mesh.vertices.min(axis=0) + mesh.vertices.max(axis=0)) / 2
        self.assertAllClose(middle, (10, 20, 30), atol=0.05)
        distance = np.linalg.norm(mesh.vertices - (10, 20, 30), axis=1)
        self.assertAllClose(distance, np.full(len(distance), 3.5), atol=0.05)

    @pytest.mark.slow
    def test_files_of_a_shape(self):
        trimesh = pytest.importorskip("trimesh")
        text = signal_drawing.write_signal(ball(), self.folder / "b.stl", 24)
        mesh = trimesh.load_mesh(self.folder / "b.stl")
        self.assertEqual(text, f"{len(mesh.faces)} triangles")
        self.assertAllClose(mesh.volume, 4 / 3 * np.pi * 0.7**3, rtol=0.02)
        signal_drawing.write_signal(ball(), self.folder / "b.png", 16)
        with Image.open(self.folder / "b.png") as image:
            self.assertEqual(image.size, (4 * 256, 256))

    def test_size_of_a_picture(self):
        signal = {"size": [600, 300], "extent": [1.0, 0.5]}
        size = signal_drawing.picture_size
        self.assertEqual(size(signal), (300, 600))
        self.assertEqual(size(signal, 100), (50, 100))
        self.assertEqual(size(signal, 7, 9), (7, 9))
        self.assertEqual(size(signal, box=(-0.1, -0.2, 0.1, 0.2)), (120, 60))

    def test_a_generator_without_latents(self):
        signal = {"kind": "picture", "size": [4, 4], "extent": [1.0, 1.0]}
        inr = INR(2, 3, width=8, depth=2, signal=signal)
        one = signal_drawing.OneSignal(inr)
        coords = np.random.default_rng(0).uniform(-1, 1, (1, 9, 2)).astype("float32")
        drawn = one.synthesis(one.mapping(np.zeros((2, 0), "float32")), coords)
        self.assertAllClose(drawn, np.repeat(inr(coords), 2, axis=0))

    def test_endings(self):
        for kind, path in (
            *(("picture", "a.wav"), ("sound", "a.obj"), ("film", "a.wav")),
            ("shape", "a.gif"),
        ):
            with self.assertRaisesRegex(ValueError, "`path` must end in"):
                signal_drawing.check_out(kind, path)
        for kind, path in (
            ("sound", "a.png"),
            ("film", "a.webp"),
            ("picture", "a.tif"),
        ):
            signal_drawing.check_out(kind, path)
