import os
import shutil
from unittest import mock

import numpy as np
import pytest
from PIL import Image

from inr_keras import rendering
from inr_keras.rendering import image_stream
from inr_keras.rendering import surfaces
from tests import testing
from tests.rendering.generators import small_generator


def smooth(height, width, channels):
    y, x = np.mgrid[:height, :width]
    waves = [np.sin(x / 40 + c) + np.cos(y / 30 - c) for c in range(channels)]
    return rendering.to_uint8(np.stack(waves, -1) / 2)


def strips(image, rows=7):
    for top in range(0, len(image), rows):
        yield image[top : top + rows]


class WriteTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.temporary_folder()

    def write(self, name, image, parts=None):
        path = self.folder / name
        parts = strips(image) if parts is None else parts
        image_stream.write_stream(path, parts, *image.shape)
        return path

    def names(self):
        return sorted(path.name for path in self.folder.iterdir())

    def test_formats(self):
        for channels in (1, 3, 4):
            image = smooth(300, 270, channels)
            for ending, most in {
                ".png": 0,
                ".TIF": 0,
                ".webp": 9,
                ".jpg": 9,
            }.items():
                if channels == 4 and ending in (".jpg", ".webp"):
                    continue
                path = self.write(f"deep/er/a{channels}{ending}", image)
                with Image.open(path) as saved:
                    self.assertEqual(saved.size, (270, 300))
                    pixels = np.asarray(saved).reshape(300, 270, -1)
                pixels = pixels[..., :channels]
                difference = np.abs(pixels.astype(int) - image)
                self.assertLessEqual(difference.max(), most, (ending, channels))

    def test_without_libvips(self):
        image = smooth(30, 40, 3)
        missing = ImportError("No module named 'pyvips'")
        with (
            mock.patch("importlib.util.find_spec", return_value=None),
            mock.patch("importlib.import_module", side_effect=missing),
        ):
            path = self.write("small.png", image)
            with Image.open(path) as saved:
                self.assertAllEqual(np.asarray(saved), image)
            for name in ("small.tif", "small.dzi"):
                with self.assertRaisesRegex(ImportError, "extra: prepare"):
                    self.write(name, image)
                with self.assertRaisesRegex(ImportError, "extra: prepare"):
                    image_stream.check_stream(name, 30, 40, 3)
            with (
                mock.patch.object(image_stream, "_WHOLE", 1000),
                self.assertRaisesRegex(ImportError, "extra: prepare"),
            ):
                self.write("large.png", image)
        self.assertEqual(self.names(), ["small.png"])

    def test_levels_of_a_tiff(self):
        image = smooth(300, 600, 3)
        with Image.open(self.write("a.tif", image)) as saved:
            sizes = []
            for i in range(saved.n_frames):
                saved.seek(i)
                sizes.append(saved.size)
            half = np.asarray(saved.convert("RGB"))
        self.assertEqual(sizes, [(600, 300), (300, 150), (150, 75)][: len(sizes)])
        self.assertGreater(len(sizes), 1)
        every = 600 // half.shape[1]
        cells = image.reshape(300 // every, every, 600 // every, every, 3)
        self.assertAllClose(half, cells.mean((1, 3)), rtol=0, atol=2)

    def test_deep_zoom(self):
        image = smooth(300, 600, 3)
        path = self.write("a.dzi", image)
        self.assertIn('Width="600"', path.read_text())
        self.assertIn('Height="300"', path.read_text())
        with Image.open(self.folder / "a_files/10/1_0.jpg") as tile:
            width, height = tile.size
            pixels = np.asarray(tile).astype(int)
        expected = image[:height, 253 : 253 + width]  # Tiles of 254, overlap 1.
        self.assertLess(np.abs(pixels - expected).mean(), 3)
        # Once more, another one.
        self.write("a.dzi", smooth(40, 30, 3))
        self.assertIn('Width="30"', path.read_text())
        self.assertEqual(self.names(), ["a.dzi", "a_files"])
        self.assertFalse((self.folder / "a_files/10").exists())

    def test_deep_zoom_leaves_other_folders_alone(self):
        other = self.folder / "a_files" / "mine.txt"
        other.parent.mkdir()
        image_stream.check_stream(self.folder / "a.dzi", 60, 50, 3)
        other.write_text("mine")
        with self.assertRaisesRegex(ValueError, "`path` must leave a_files free"):
            image_stream.check_stream(self.folder / "a.dzi", 60, 50, 3)
        (self.folder / "a.dzi").touch()  # Its own.
        image_stream.check_stream(self.folder / "a.dzi", 60, 50, 3)

    def test_deep_zoom_with_brackets(self):
        image = smooth(60, 50, 3)
        self.write("f[1].dzi", image)
        self.assertEqual(self.names(), ["f[1].dzi", "f[1]_files"])
        self.assertTrue((self.folder / "f[1]_files/6/0_0.jpg").is_file())

    def test_what_ends_the_drawing_leaves_the_old_files_alone(self):
        image = smooth(60, 50, 3)
        for name in ("a.png", "a.tif", "a.jpg", "a.webp", "a.dzi"):
            self.write(name, image)
        before = {
            path: path.read_bytes() for path in self.folder.rglob("*") if path.is_file()
        }

        def interrupted():
            yield image[:30]
            raise KeyboardInterrupt

        for name in ("a.png", "a.tif", "a.jpg", "a.webp", "a.dzi", "new.png"):
            with self.subTest(name), self.assertRaises(KeyboardInterrupt):
                self.write(name, image, interrupted())
        after = {
            path: path.read_bytes() for path in self.folder.rglob("*") if path.is_file()
        }
        self.assertEqual(after, before)

    def test_a_target_that_cannot_be_written(self):
        self.folder.joinpath("file").write_text("mine")
        for name in ("file/a.png", "file/a.dzi"):
            with self.subTest(name), self.assertRaises(OSError):
                self.write(name, smooth(9, 9, 3))

        def fail(pyvips, reading, target, *rest):
            os.read(reading, 100)
            return ["No space left on device"]

        # More than a pipe holds: drawing ends when its reader does.
        with mock.patch.object(image_stream, "_save", fail):
            with self.assertRaisesRegex(OSError, "No space left .*a.png"):
                self.write("a.png", smooth(400, 400, 3))
        self.assertEqual(self.names(), ["file"])

    def test_limits(self):
        check = image_stream.check_stream
        for name in ("a.PNG", "a.jpeg", "a.webp", "a.tif", "a.tiff", "a.dzi"):
            check(self.folder / name, 10, 10, 3)
        for name, size, message in (
            ("a.txt", (1, 1, 3), "end in .png, .* Received: '.*a.txt'"),
            ("a.jpg", (1, 1, 4), "transparency. Received"),
            ("a.jpg", (9, 65536, 3), "65536x9 pixels, and .jpg holds 65535"),
            ("a.webp", (16384, 9, 3), ".webp holds 16383"),
            ("a.tif", (10**7 + 1, 1, 3), "be a format that holds"),
        ):
            with (
                self.subTest(name),
                self.assertRaisesRegex(ValueError, f"`path` must .*{message}"),
            ):
                check(self.folder / name, *size)
        usage = shutil.disk_usage(self.folder)._replace(free=10**6)
        with mock.patch.object(shutil, "disk_usage", return_value=usage):
            check(self.folder / "a.png", 500, 600, 3)
            check(self.folder / "a.jpg", 5000, 6000, 3)
            for name, size in (("new/a.png", 600), ("a.tif", 500)):
                with self.assertRaisesRegex(
                    ValueError, "must have room .* MB, and 1.0 MB are free"
                ):
                    check(self.folder / name, size, 600, 3)


class SheetTest(testing.TestCase):
    @pytest.mark.slow
    def test_is_the_sheet_of_the_images(self):
        generator = small_generator()
        renderer = rendering.Renderer(generator, 50)
        latents = rendering.latents_from_seeds(range(5), 6)
        styles = renderer.styles(latents)
        surface = surfaces.surface("plane", generator, 6, 9)
        for dense in (1, 3):
            images = renderer.draw(styles, surface, dense)
            expected = rendering.sheet(images, columns=3).astype(int)
            shares = []
            path = self.temporary_folder() / "a.png"
            rendering.save_sheet(
                path, renderer, styles, surface, 3, dense, shares.append
            )
            with Image.open(path) as saved:
                pixels = np.asarray(saved).astype(int)
            self.assertEqual(pixels.shape, expected.shape)
            self.assertLessEqual(np.abs(pixels - expected).max(), 1)
            self.assertEqual(shares, sorted(shares))
            self.assertEqual(shares[-1], 1.0)
