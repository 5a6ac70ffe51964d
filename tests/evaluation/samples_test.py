import numpy as np
import pytest

from inr_keras import rendering
from inr_keras.evaluation import samples
from tests import testing
from tests.rendering.generators import small_generator


class SamplesTest(testing.TestCase):
    @pytest.mark.slow
    def test_are_the_images_of_their_seeds(self):
        generator = small_generator(resolution=8)
        drawn = samples.Samples(generator, 7, 100, 0.7, batch=3)
        batches = list(drawn.batches())
        self.assertEqual([first for first, _ in batches], [0, 3, 6])
        found = np.concatenate([images for _, images in batches])
        self.assertEqual((found.shape, found.dtype), ((7, 8, 8, 3), np.uint8))
        renderer = rendering.Renderer(generator)
        latents = rendering.latents_from_seeds([104], 6)
        image = renderer.render(renderer.styles(latents, 0.7))
        expected = rendering.to_uint8(image).astype(int)
        self.assertLessEqual(np.abs(expected[0] - found[4]).max(), 1)
        self.assertGreater(found.std(), 1.0)
        some = drawn.images([4, 1]).astype(int)
        self.assertLessEqual(np.abs(some - found[[4, 1]]).max(), 1)

    def test_grey_images_get_three_channels(self):
        generator = small_generator(resolution=8, channels=1)
        images = samples.Samples(generator, 2, 0).images([0, 1])
        self.assertEqual(images.shape, (2, 8, 8, 3))
        self.assertAllEqual(images[..., 0], images[..., 2])

    def test_transparent_images_lie_on_white(self):
        pixels = np.array([[9, 99, 200, 255], [9, 99, 200, 0], [0, 0, 0, 51]])
        found = samples.to_rgb(pixels[None, None].astype("uint8"))
        expected = [[9, 99, 200], [255, 255, 255], [204, 204, 204]]
        self.assertAllEqual(found[0, 0], expected)
        self.assertEqual(found.dtype, np.uint8)
        floats = samples.to_rgb(np.array([[[[0.0, 0.0, 0.0, 127.5]]]]))
        self.assertAllClose(floats[0, 0, 0], [127.5] * 3)

    @pytest.mark.slow
    def test_shapes(self):
        generator = small_generator(resolution=8)
        extents = np.array([[8, 4], [8, 8], [2, 8]])
        plain = samples.Samples(generator, 5, 0).images(range(5))
        drawn = samples.Samples(generator, 5, 0, extents=extents)
        found = drawn.images([3, 4, 2])
        self.assertTrue(np.all(found[0, :, :2] == 255))
        self.assertAllEqual(found[0, :, 2:6], plain[3, :, 2:6])
        self.assertAllEqual(found[1], plain[4])
        self.assertAllEqual(found[2, 3:5], plain[2, 3:5])
        self.assertTrue(np.all(found[2, 5:] == 255))

    def test_classes(self):
        generator = small_generator(resolution=8, class_names=("a", "b", "c"))
        renderer = rendering.Renderer(generator)
        for labels, classes, of_fourth in (
            (None, "in turn", 0),
            (np.array([1, 2], "int32"), "as the reals", 2),
        ):
            drawn = samples.Samples(generator, 5, 10, labels=labels)
            self.assertEqual(drawn.classes, classes)
            latents = rendering.latents_from_seeds([13], 6)
            expected = renderer.styles(latents, labels=[of_fourth])
            self.assertAllClose(drawn.styles([3]), expected)
            ends = drawn.path_styles([1, 3])  # Both of one class.
            latents = rendering.latents_from_seeds([12, 13, 16, 17], 6)
            ours = drawn._labels[np.array([1, 1, 3, 3]) % len(drawn._labels)]
            expected = renderer.styles(latents, labels=ours)
            self.assertAllClose(ends, expected)

    def test_blocks(self):
        array = np.arange(11)
        batches = [(i, array[i : i + 4]) for i in range(0, 11, 4)]
        for size in (2, 5, 11, 20):
            blocks = list(samples.in_blocks(batches, size))
            self.assertAllEqual(np.concatenate(blocks), array)
            self.assertTrue(all(len(b) == size for b in blocks[:-1]))
        self.assertEqual(list(samples.in_blocks([], 3)), [])
