import sys
from unittest import mock

import numpy as np
import pytest
from PIL import Image
from PIL import ImageSequence

from inr_keras.quiet_imports import UnfitEnvironment
from inr_keras.rendering import film
from tests import testing


def bars(count=5, channels=3):
    """A bar that moves to the right."""
    for i in range(count):
        image = np.full((15, 21, channels), 20, "uint8")
        image[:, 4 * i : 4 * i + 4] = 230
        if channels == 4:
            image[..., 3] = 255
        yield image


class FilmTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.temporary_folder()

    def test_images_out_of_channels(self):
        videos = np.arange(2 * 4 * 5 * 6).reshape(2, 4, 5, 6)
        images = film.split_videos(videos, 3)
        self.assertEqual(images.shape, (3, 2, 4, 5, 2))
        for i in range(3):
            self.assertAllEqual(images[i], videos[..., 2 * i : 2 * i + 2])

    def test_a_round_takes_a_second(self):
        self.assertEqual([film.round_rate(n) for n in (2, 8, 90)], [2, 8, 50])

    def test_videos_that_memory_holds(self):
        film.check_points(16384, 16384, 1)
        with self.assertRaisesRegex(
            ValueError, "`height` .* at most 268435456 .* 16384x8193 times 2"
        ):
            film.check_points(8193, 16384, 2)
        with self.assertRaisesRegex(ValueError, "1024x1024x1024 times 1"):
            film.check_points(1024, 1024, depth=1024)

    def test_images_come_back(self):
        for name in ("a.webp", "a.gif"):
            for channels in (1, 3, 4):
                path = self.folder / name
                film.write_film(path, bars(5, channels), 12.5)
                with Image.open(path) as file:
                    self.assertEqual(file.n_frames, 5)
                    self.assertEqual(file.info["loop"], 0)
                    read = []
                    for image in ImageSequence.Iterator(file):
                        read.append(np.asarray(image.convert("L")))
                        self.assertEqual(image.info["duration"], 80)
                expected = np.stack([image[..., 0] for image in bars(5, channels)])
                difference = np.stack(read).astype(int) - expected
                self.assertLess(np.abs(difference).mean(), 6, name)

    def test_webp_keeps_opacity_and_gif_lies_on_white(self):
        image = np.full((16, 16, 4), 0, "uint8")
        image[:8, :, 3] = 255
        for name, mode in (("a.webp", "RGBA"), ("a.gif", "RGB")):
            film.write_film(self.folder / name, [image, image], 5.0)
            with Image.open(self.folder / name) as file:
                pixels = np.asarray(file.convert(mode))
            self.assertAllEqual(pixels[:8, :, :3], np.zeros((8, 16, 3)))
            if mode == "RGBA":
                self.assertAllEqual(pixels[..., 3], image[..., 3])
            else:
                self.assertAllEqual(pixels[8:], np.full((8, 16, 3), 255))

    def test_many_colours_and_one(self):
        rng = np.random.default_rng(0)
        images = [
            rng.integers(0, 256, (32, 32, 3)).astype("uint8"),
            np.full((32, 32, 3), 77, "uint8"),
        ]
        film.write_film(self.folder / "a.gif", images, 10)
        with Image.open(self.folder / "a.gif") as image:
            first = np.asarray(image.convert("RGB")).astype(int)
            image.seek(1)
            second = np.asarray(image.convert("RGB"))
        self.assertLess(np.abs(first - images[0]).mean(), 16)
        self.assertAllEqual(second, images[1])

    def test_a_rate_that_is_no_whole_number_does_not_drift(self):
        for name, unit in (("a.webp", 1), ("a.gif", 10)):
            film.write_film(self.folder / name, bars(5), 30)
            with Image.open(self.folder / name) as file:
                total = 0
                for image in ImageSequence.Iterator(file):
                    image.load()
                    total += image.info["duration"]
            self.assertLessEqual(abs(total - 5000 / 30), unit)

    def test_one_image_at_a_time_and_nothing_of_a_failure(self):
        alive = []

        def images():
            for image in bars(4):
                alive.append(len(list(self.folder.iterdir())))
                yield image
            raise KeyboardInterrupt

        for name in ("a.webp", "a.gif"):
            with self.assertRaises(KeyboardInterrupt):
                film.write_film(self.folder / name, images(), 5)
        self.assertEqual(alive, [1] * 8)  # Of the file that is being written.
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_mp4(self):
        ffmpeg = pytest.importorskip("imageio_ffmpeg")
        path = self.folder / "a.mp4"
        film.write_film(path, bars(5), 10)
        reader = ffmpeg.read_frames(str(path))
        about = next(reader)
        self.assertEqual(about["size"], (22, 16))  # Even.
        self.assertEqual(about["fps"], 10)
        read = [np.frombuffer(image, "uint8").reshape(16, 22, 3) for image in reader]
        difference = np.stack(read)[:, :15, :21].astype(int) - [*bars(5)]
        self.assertLess(np.abs(difference).mean(), 6)

    def test_a_film_whose_end_found_no_room_is_an_error(self):
        pytest.importorskip("imageio_ffmpeg")
        whole = self.folder / "whole.mp4"
        film.write_film(whole, bars(), 5)
        real = film._ffmpeg()

        def cut(path, *args, **kwargs):
            """Like ffmpeg on a full disk, which tells only by its exit status."""
            with open(path, "wb") as file:
                file.write(whole.read_bytes()[:400])
                while True:
                    yield

        full = mock.Mock(wraps=real, write_frames=cut)
        with mock.patch.object(film, "_ffmpeg", lambda: full):
            with self.assertRaisesRegex(OSError, "0 of 5 images.*room"):
                film.write_film(self.folder / "a.mp4", bars(), 5)
        self.assertEqual([path.name for path in self.folder.iterdir()], ["whole.mp4"])

    def test_what_cannot_be_written(self):
        for path, rate, rule in (
            ("a.png", 5, "`path` must end in .mp4, .webp, .gif. .*'a.png'"),
            ("a.gif", 60, "`rate` must be at most 50 for a .gif. .*: 60"),
            ("a.webp", 0, "`rate` must be from 0.1 to 240. Received: 0"),
        ):
            with self.assertRaisesRegex(ValueError, rule):
                film.check_film_path(path, rate)
        with mock.patch.dict(sys.modules, {"imageio_ffmpeg": None}):
            command = "pip install imageio-ffmpeg .extra: video"
            with self.assertRaisesRegex(UnfitEnvironment, command):
                film.check_film_path("a.mp4", 5)
