import numpy as np
import tensorflow as tf
from PIL import Image

from inr_keras import coordinates
from inr_keras.rendering import target_image
from inr_keras.rendering.target_image import TargetImage
from tests import testing


def image(height, width, channels=3, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (height, width, channels)).astype("uint8")


class TargetImageTest(testing.TestCase):
    def sample(self, target, side, corners=None):
        corners = target.cells(side) if corners is None else corners
        n = target.points_of_cell(side)
        uniform = tf.random.uniform((len(corners), n, n, 4))
        return corners, *target.sample(corners, side, uniform)

    def test_an_image_of_the_trained_size_is_its_grid(self):
        pixels = image(8, 8)
        for alignment in ("corner", "center"):
            target = TargetImage(pixels, 8, alignment)
            self.assertEqual(target.dense, 1)
            self.assertAllClose(target.pixels, pixels / 127.5 - 1.0)
            corners, coords, colours = self.sample(target, 1)
            self.assertEqual(len(corners), 64)
            grid = coordinates.grid(8, 8, 1, alignment)
            self.assertAllClose(coords[:, 0], tf.gather_nd(grid, corners), atol=1e-6)
            self.assertAllClose(colours, tf.gather_nd(target.pixels, corners))

    def test_a_wide_image_lies_in_the_middle(self):
        target = TargetImage(image(4, 8), 8, "corner")
        grid = coordinates.grid(8, 8, 1, "corner")[2:6]
        _, coords, _ = self.sample(target, 1)
        self.assertAllClose(coords[:, 0], tf.reshape(grid, (-1, 2)), atol=1e-6)

    def test_a_panorama_fills_the_frame(self):
        target = TargetImage(image(16, 32), 8, "center", wraps=True)
        self.assertEqual(target.box, (-1.0, -1.0, 1.0, 1.0))
        self.assertEqual((target.height, target.width), (8, 16))
        half = (-1.0, -1.0, 0.0, 1.0)
        part = TargetImage(image(16, 16), 8, "center", box=half, wraps=True)
        self.assertEqual((part.height, part.width), (8, 8))
        with self.assertRaisesRegex(ValueError, "`box` must have the shape"):
            TargetImage(image(16, 16), 8, "center", box=target.box, wraps=True)
        with self.assertRaisesRegex(ValueError, "`pixels` must be twice as .* 15x16"):
            TargetImage(image(16, 15), 8, "center", wraps=True)

    def test_a_large_image_is_reduced_by_areas(self):
        pixels = image(24, 48)
        target = TargetImage(pixels, 8, "center")
        expected = pixels.reshape(4, 6, 8, 6, 3).mean(axis=(1, 3))
        self.assertAllClose(target.pixels, expected / 127.5 - 1.0, atol=1e-4)

    def test_a_pixel_of_a_small_image_is_a_mean_of_points(self):
        for alignment in ("corner", "center"):
            target = TargetImage(image(4, 4), 16, alignment)
            self.assertEqual(target.dense, 4)
            corners, coords, colours = self.sample(target, 1)
            self.assertEqual(coords.shape, (16, 16, 2))
            grid = np.asarray(coordinates.grid(16, 16, 1, alignment))
            for corner, points in zip(corners, coords.numpy()):
                y, x = 4 * corner
                cell = grid[y : y + 4, x : x + 4].reshape(-1, 2)
                self.assertAllClose(points, cell, atol=1e-6)
            self.assertAllClose(colours, tf.gather_nd(target.pixels, corners))

    def test_large_cells_take_a_pixel_of_each_stratum(self):
        target = TargetImage(image(16, 16), 16, "center")
        values = np.asarray(coordinates.grid(16, 16, 1, "center"))
        target.pixels = values  # Colours that are coordinates.
        for side in (2, 4, 8, 16):
            corners, coords, colours = self.sample(target, side)
            self.assertEqual(len(corners), (16 // side) ** 2)
            self.assertAllClose(tf.reduce_mean(coords, 1), colours, atol=1e-5)
            position = (np.asarray(coords) + 1.0) * 8.0 - 0.5
            position = position - corners[:, None, ::-1]
            n = target.points_of_cell(side)
            stratum = np.floor((position + 1e-3) * n / side).astype(int)
            expected = np.stack(np.meshgrid(np.arange(n), np.arange(n)), -1)
            self.assertAllEqual(
                stratum,
                np.broadcast_to(expected.reshape(-1, 2), stratum.shape),
            )

    def test_a_region(self):
        box = (-0.5, 0.0, 0.5, 1.0)
        target = TargetImage(image(4, 4), 8, "center", box=box)
        self.assertEqual(target.dense, 1)
        _, coords, _ = self.sample(target, 1)
        expected = coordinates.region(box, 4, 4, "center")
        self.assertAllClose(coords[:, 0], tf.reshape(expected, (-1, 2)))
        with self.assertRaisesRegex(ValueError, "`box` must have the shape"):
            TargetImage(image(4, 5), 8, "center", box=box)
        for box in ((1, 1, -1, -1), (0, 0, 1, 0)):
            with self.assertRaisesRegex(ValueError, "`box` must be four numbers"):
                TargetImage(image(4, 4), 8, "center", box=box)

    def test_masked_pixels_are_of_no_cell(self):
        mask = np.ones((8, 8), bool)
        mask[:, 5:] = False
        mask[1, 0] = False
        target = TargetImage(image(8, 8), 8, "corner", mask)
        self.assertAllEqual(target.cells(1), np.argwhere(mask))
        self.assertAllEqual(
            target.cells(2),
            [[0, 2], [2, 0], [2, 2], [4, 0], [4, 2], [6, 0], [6, 2]],
        )
        self.assertAllEqual(target.cells(4), [[4, 0]])
        self.assertEqual(len(target.cells(8)), 0)
        self.assertEqual(len(target.cells(16)), 0)

    def test_a_pixel_half_masked_is_not_given(self):
        mask = np.ones((16, 16), bool)
        mask[0, 3] = False
        target = TargetImage(image(16, 16), 8, "corner", mask)
        self.assertAllEqual(np.argwhere(~target.mask), [[0, 1]])
        mask[::2] = False
        with self.assertRaisesRegex(ValueError, "`mask` must leave some"):
            TargetImage(image(16, 16), 8, "corner", mask)


class FilesTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.path = self.temporary_folder() / "a.png"

    def test_channels(self):
        pixels = image(9, 12, 4)
        Image.fromarray(pixels).save(self.path)
        read = target_image.read_pixels
        self.assertAllEqual(read(self.path, 4), pixels)
        self.assertEqual(read(self.path, 1).shape, (9, 12, 1))
        share = pixels[..., 3:] / 255.0
        on_white = pixels[..., :3] * share + 255.0 * (1.0 - share)
        self.assertAllClose(read(self.path, 3), on_white, atol=1.0)

    def test_no_image(self):
        self.path.write_text("words")
        with self.assertRaisesRegex(
            ValueError, "^`path` must be an image .*not an image.*a.png"
        ):
            target_image.read_pixels(self.path, 3)

    def test_masks(self):
        pixels = np.zeros((9, 12), "uint8")
        Image.fromarray(pixels).save(self.path)
        with self.assertRaisesRegex(ValueError, "`mask` must be white"):
            target_image.read_mask(self.path, 9, 12)
        with self.assertRaisesRegex(ValueError, "10x9. Received: 12x9"):
            target_image.read_mask(self.path, 9, 10)
        pixels[2:, 3:] = 255
        Image.fromarray(pixels).save(self.path)
        mask = target_image.read_mask(self.path, 9, 12)
        self.assertAllEqual(mask, pixels == 255)

    def test_the_middle_square(self):
        pixels = image(9, 12)
        square = target_image.middle_square(pixels)
        self.assertAllEqual(square, pixels[:, 1:10])
