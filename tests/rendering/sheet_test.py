from unittest import mock

import numpy as np
from PIL import Image

from inr_keras import rendering
from tests import testing


def random_images(count=5, height=2, width=3, channels=3):
    rng = np.random.default_rng(0)
    shape = (count, height, width, channels)
    return rng.integers(0, 255, shape).astype("uint8")  # 255: the margin.


class LetterboxedTest(testing.TestCase):
    def test_white_outside_of_the_rectangle(self):
        extents = np.array([[8, 8], [2, 8], [8, 6]])
        for alignment in ("corner", "center"):
            images = random_images(3, 8, 8)
            found = rendering.letterboxed(images, extents, 8, alignment)
            expected = np.full_like(images, 255)
            expected[0] = images[0]
            expected[1, 3:5] = images[1, 3:5]
            expected[2, :, 1:7] = images[2, :, 1:7]
            self.assertAllEqual(found, expected)
            self.assertEqual(found.dtype, np.uint8)
        floats = images.astype("float32") / 127.5 - 1.0
        found = rendering.letterboxed(floats, extents, 8, "center")
        self.assertAllClose(found, expected / 127.5 - 1.0)
        self.assertEqual(found.dtype, np.float32)

    def test_at_other_sizes(self):
        images = random_images(2, 32, 32)
        extents = np.array([[2, 8], [8, 4]])
        found = rendering.letterboxed(images, extents, 8, "center")
        self.assertAllEqual(found[0, 12:20], images[0, 12:20])
        self.assertTrue(np.all(found[0, :12] == 255))
        self.assertAllEqual(found[1, :, 8:24], images[1, :, 8:24])
        self.assertTrue(np.all(found[1, :, 24:] == 255))
        self.assertIs(rendering.letterboxed(images, None, 8, "center"), images)


class ToUint8Test(testing.TestCase):
    def test_rounds_to_the_nearest_and_clips(self):
        levels = np.arange(256)
        images = levels / 127.5 - 1.0
        self.assertAllEqual(rendering.to_uint8(images), levels)
        for shift in (-0.49, 0.49):
            shifted = (levels + shift) / 127.5 - 1.0
            self.assertAllEqual(rendering.to_uint8(shifted), levels)
        extremes = np.array([-np.inf, -1.5, -1.0, 1.0, 1.5, np.inf])
        self.assertAllEqual(rendering.to_uint8(extremes), [0, 0, 0, 255, 255, 255])
        self.assertEqual(rendering.to_uint8(images).dtype, np.uint8)


class SheetTest(testing.TestCase):
    def test_layout(self):
        images = random_images()
        sheet = rendering.sheet(images, columns=3)
        blank = np.full((2, 3, 3), 255, "uint8")
        expected = np.concatenate(
            [
                np.concatenate(images[:3], axis=1),
                np.concatenate([*images[3:], blank], axis=1),
            ]
        )
        self.assertAllEqual(sheet, expected)

    def test_margin_lies_between_images_alone(self):
        images = random_images(4)
        sheet = rendering.sheet(images, columns=2, margin=1)
        self.assertEqual(sheet.shape, (5, 7, 3))
        self.assertAllEqual(sheet[:2, :3], images[0])
        self.assertAllEqual(sheet[:2, 4:], images[1])
        self.assertAllEqual(sheet[3:, :3], images[2])
        self.assertAllEqual(sheet[3:, 4:], images[3])
        self.assertTrue(np.all(sheet[2] == 255) and np.all(sheet[:, 3] == 255))

    def test_zoom_repeats_pixels_and_not_the_margin(self):
        images = random_images(2)
        sheet = rendering.sheet(images, columns=2, margin=1, zoom=3)
        self.assertEqual(sheet.shape, (6, 19, 3))
        block = np.ones((3, 3, 1), "uint8")
        self.assertAllEqual(sheet[:, :9], np.kron(images[0], block))
        self.assertAllEqual(sheet[:, 10:], np.kron(images[1], block))

    def test_takes_floats(self):
        images = np.random.default_rng(0).uniform(-1.5, 1.5, (2, 4, 4, 3))
        self.assertAllEqual(
            rendering.sheet(images, columns=1),
            rendering.to_uint8(images).reshape(8, 4, 3),
        )

    def test_grey_images(self):
        images = random_images(2, channels=1)
        self.assertAllEqual(rendering.sheet(images, 1), images.reshape(4, 3, 1))

    def test_columns_are_about_three_to_two_and_fill_the_sheet(self):
        for count, columns in {1: 1, 6: 3, 12: 4, 16: 4, 24: 6, 48: 8}.items():
            self.assertEqual(rendering.sheet_columns(count), columns, count)
        for count in range(1, 200):
            columns = rendering.sheet_columns(count)
            self.assertTrue(1 <= columns <= count, count)
            rows = -(-count // columns)
            self.assertLess((rows - 1) * columns, count)  # No empty row.
        sheet = rendering.sheet(random_images(6))
        self.assertEqual(sheet.shape, (4, 9, 3))

    def test_a_column_holds_one_class(self):
        for count, classes, columns in (
            (48, 3, 9),
            (48, 2, 8),
            (48, 20, 20),
            (4, 9, 4),
        ):
            found = rendering.sheet_columns(count, classes)
            self.assertEqual(found, columns, (count, classes))


class SaveImageTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.temporary_folder()

    def test_round_trip(self):
        for name in ("a.png", "B.PNG", "deep/er/c.png"):
            for channels in (1, 3):
                image = random_images(1, 8, 9, channels)[0]
                path = self.folder / name
                rendering.save_image(path, image)
                with Image.open(path) as saved:
                    pixels = np.asarray(saved).reshape(image.shape)
                self.assertAllEqual(pixels, image)
        smooth = np.full((8, 9, 3), 90, "uint8")
        for name in ("a.jpg", "a.jpeg", "a.webp"):
            rendering.save_image(self.folder / name, smooth)
            with Image.open(self.folder / name) as saved:
                difference = np.asarray(saved).astype(int) - smooth
            self.assertLess(np.abs(difference).max(), 8, name)

    def test_a_failed_write_leaves_the_old_file_alone(self):
        path = self.folder / "a.png"
        rendering.save_image(path, random_images(1, 8, 8)[0])
        before = path.read_bytes()
        save = Image.Image.save

        def fail_half_way(image, path, *args, **kwargs):
            save(image, path, *args, **kwargs)
            with open(path, "r+b") as file:
                file.truncate(20)
            raise OSError(28, "No space left on device")

        with mock.patch.object(Image.Image, "save", fail_half_way):
            with self.assertRaisesRegex(OSError, "No space left"):
                rendering.save_image(path, random_images(1, 8, 8)[0] // 2)
        self.assertEqual(path.read_bytes(), before)
        self.assertEqual(list(self.folder.iterdir()), [path])

    def test_endings(self):
        for name in ("a.png", "a.JPG", "a.b.jpeg", "a.webp"):
            rendering.check_image_path(self.folder / name)
        for name in ("a", "a.gif", "a.npy", ".png", "a.png.txt", ""):
            with self.subTest(name):
                with self.assertRaisesRegex(
                    ValueError, "`path` must end in .png, .* Received: '"
                ):
                    rendering.check_image_path(name)
