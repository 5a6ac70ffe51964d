import numpy as np
from PIL import Image

from inr_keras.data import aspects
from tests import testing
from tests.data import fixtures


class ExtentTest(testing.TestCase):
    def test_by_hand(self):
        for width, height, expected in (
            (64, 64, (64, 64)),
            (300, 300, (64, 64)),
            (128, 64, (32, 64)),
            (64, 128, (64, 32)),
            (10, 15, (64, 42)),  # 42.7, and as many left as right.
            (100, 99, (64, 64)),  # 63.4
            (100, 1, (8, 64)),
            (1, 9000, (64, 8)),
        ):
            self.assertEqual(aspects.extent(width, height, 64), expected)

    def test_all_shapes_in_frames_of_all_sides(self):
        for side in (8, 9, 31, 32, 64):
            for width in range(1, 40):
                for height in (1, 7, 20):
                    found = np.array(aspects.extent(width, height, side))
                    self.assertEqual(found.max(), side)
                    self.assertTrue(np.all((side - found) % 2 == 0))
                    exact = side * min(width, height) / max(width, height)
                    expected = max(exact, side / 8)
                    self.assertLess(abs(found.min() - expected), 2.0)


class FittedTest(testing.TestCase):
    def test_an_image_is_whole_in_the_middle(self):
        image = fixtures.random_image(0, 16)[4:12]
        square, extent = aspects.fitted(Image.fromarray(image), 16)
        self.assertEqual(extent, (8, 16))
        self.assertAllEqual(square[4:12], image)
        self.assertTrue(np.all(square[:4] == 255))
        self.assertTrue(np.all(square[12:] == 255))
        grey, _ = aspects.fitted(Image.fromarray(image[..., 0]), 16)
        self.assertAllEqual(grey[4:12], image[..., 0])

    def test_an_upright_one_is_the_broad_one_turned(self):
        # Noise would be clipped in between, and its axes are taken in turn.
        pixels = fixtures.random_image(1, 40)[:30] // 4 + 90
        image = Image.fromarray(pixels)
        broad, (rows, columns) = aspects.fitted(image, 32)
        turned = image.transpose(Image.Transpose.TRANSPOSE)
        upright, extent = aspects.fitted(turned, 32)
        self.assertEqual(extent, (columns, rows))
        difference = upright.astype(int) - np.swapaxes(broad, 0, 1)
        self.assertLessEqual(np.abs(difference).max(), 1)


class TrimmedTest(testing.TestCase):
    def test_borders_of_one_colour_go(self):
        for ground in (255, 0, 100):
            pixels = np.full((20, 30, 3), ground, "uint8")
            pixels[3:9, 5:6] = [40, 60, 200]
            pixels[0, 29] = ground + (5 if ground < 250 else -5)  # JPEG's.
            found = np.asarray(aspects.trimmed(Image.fromarray(pixels)))
            self.assertAllEqual(found, pixels[3:9, 5:6])
            grey = Image.fromarray(pixels[..., 2])
            self.assertEqual(aspects.trimmed(grey).size, (1, 6))

    def test_images_without_such_borders_stay(self):
        for pixels in (
            fixtures.random_image(0),
            np.full((9, 9, 3), 7, "uint8"),
        ):
            found = aspects.trimmed(Image.fromarray(pixels))
            self.assertAllEqual(np.asarray(found), pixels)
