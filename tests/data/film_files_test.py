import sys

import numpy as np
import pytest
from PIL import Image

from inr_keras.data import film_files
from inr_keras.data.complaints import UnreadableImageError
from tests import testing


def squares(length=4, size=(24, 16)):
    """A square that moves to the right, opaque."""
    made = []
    for i in range(length):
        image = np.full((size[1], size[0], 4), (20, 40, 60, 255), "uint8")
        image[4:12, 4 * i : 4 * i + 8] = (230, 200, 30, 255)
        made.append(image)
    return np.stack(made)


class FilmFilesTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.temporary_folder()

    def save(self, name, images, **settings):
        first, *rest = [Image.fromarray(image) for image in images]
        path = self.folder / name
        first.save(path, save_all=True, append_images=rest, **settings)
        return path

    def test_animations_come_back(self):
        images = squares()
        for name in ("film.gif", "film.png", "film.webp"):
            lossless = {"lossless": True} if name.endswith("webp") else {}
            path = self.save(name, images, duration=80, **lossless)
            read, rate = film_files.read_film(path)
            self.assertEqual(rate, 12.5)
            self.assertAllEqual(read, images[..., :3])

    def test_movies_come_back(self):
        ffmpeg = pytest.importorskip("imageio_ffmpeg")
        path = self.folder / "film.mp4"
        images = squares(size=(32, 16))[..., :3]
        writer = ffmpeg.write_frames(str(path), (32, 16), fps=12, quality=10)
        writer.send(None)
        for image in images:
            writer.send(np.ascontiguousarray(image))
        writer.close()
        read, rate = film_files.read_film(path)
        self.assertEqual(rate, 12)
        self.assertEqual(read.shape, images.shape)
        self.assertLess(np.abs(read.astype(int) - images).mean(), 8)
        [first], _ = film_files.read_film(path, length=1, channels=1)
        self.assertEqual(first.shape, (16, 32, 1))

    def test_channels_length_and_size(self):
        images = squares()
        images[..., 3] = 0
        path = self.save("film.png", images, duration=50)
        read, rate = film_files.read_film(path, 3, length=2, size=(12, 8))
        self.assertEqual((read.shape, rate), ((2, 8, 12, 3), 20.0))
        self.assertTrue((read == 255).all())  # White behind.
        read, _ = film_files.read_film(path, 4)
        self.assertFalse(read[..., 3].any())

    def test_one_image_is_a_film(self):
        path = self.folder / "one.png"
        Image.fromarray(squares(1)[0]).save(path)
        read, rate = film_files.read_film(path)
        self.assertEqual((read.shape, rate), ((1, 16, 24, 3), 10.0))

    def test_unequal_times(self):
        path = self.save("film.gif", squares(2), duration=[50, 150])
        self.assertEqual(film_files.read_film(path)[1], 10.0)

    def test_what_cannot_be_read(self):
        for name, data, why in (
            ("empty.gif", b"", "empty file"),
            ("wrong.gif", b"no film" * 9, "not an image"),
            ("empty.mp4", b"", "empty file"),
            ("wrong.mp4", b"no film" * 9, "not a film"),
        ):
            path = self.folder / name
            path.write_bytes(data)
            with self.assertRaisesRegex(UnreadableImageError, why):
                film_files.read_film(path)

    def test_movies_without_the_package(self):
        path = self.folder / "film.mp4"
        path.write_bytes(b"a film")
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(sys.modules, "imageio_ffmpeg", None)
            with self.assertRaisesRegex(UnreadableImageError, "pip install imageio"):
                film_files.read_film(path)

    def test_more_than_memory_should_hold(self):
        path = self.save("film.gif", squares())
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(film_files, "MAX_POINTS", 24 * 16 * 3)
            with self.assertRaisesRegex(UnreadableImageError, "too large"):
                film_files.read_film(path)
            self.assertEqual(len(film_files.read_film(path, length=3)[0]), 3)
