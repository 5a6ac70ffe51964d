import math

import numpy as np
from PIL import Image

from inr_keras import INR
from inr_keras import fit_picture
from inr_keras import rendering
from tests import testing
from tests.rendering.generators import small_generator


class GenerateTest(testing.TestCase):
    def test_seeds_are_those_of_the_renderer(self):
        generator = small_generator()
        images = generator.generate([3, 1], size=(4, 6), region=(-2, -1, 2, 1))
        renderer = rendering.Renderer(generator)
        latents = rendering.latents_from_seeds([3, 1], generator.latent_dim)
        styles = renderer.styles(latents)
        expected = renderer.render(styles, 4, 6, (-2, -1, 2, 1))
        np.testing.assert_array_equal(images, rendering.to_uint8(expected))
        np.testing.assert_array_equal(
            generator.generate(1, size=(4, 6), region=(-2, -1, 2, 1)), images[1:]
        )
        mean = generator.generate(range(3), truncation=0.0)
        np.testing.assert_array_equal(mean[0], mean[2])

    def test_classes(self):
        generator = small_generator(class_names=("cat", "dog"))
        in_turn = generator.generate(range(2))
        for label in (1, "dog"):
            dogs = generator.generate(range(2), label=label)
            np.testing.assert_array_equal(dogs[1], in_turn[1])
            self.assertFalse(np.array_equal(dogs[0], in_turn[0]))
        for label in ("bird", 2, -1, 0.5):
            with self.assertRaisesRegex(ValueError, r"`label` must be one.*cat, dog"):
                generator.generate(label=label)

    def test_sheet(self):
        generator = small_generator()
        sheet = generator.sheet(range(4), columns=2, size=5)
        images = generator.generate(range(4), size=5)
        np.testing.assert_array_equal(sheet, rendering.sheet(images, 2))

    def test_errors(self):
        generator = small_generator()
        for seeds in (-1, [0.5], [[1]]):
            with self.assertRaisesRegex(ValueError, "`seeds` must be whole numbers"):
                generator.generate(seeds)
        for size in (0, 2.5, (4, -1), (4, 4, 3), "big", (4, "5"), ((1, 2), 3)):
            with self.assertRaisesRegex(ValueError, "`size` must be a positive whole"):
                generator.generate(size=size)
        for region in (
            *("abcd", 3, (0, 0, 1), ((0, 1), 2, 3, 4)),
            *((0, 0, math.inf, 1), (0, 0, 10**400, 1)),
        ):
            with self.assertRaisesRegex(ValueError, "`region` must be four numbers"):
                generator.generate(region=region)
        for truncation in ("x", None, [1.0], math.nan, 10**400):
            with self.assertRaisesRegex(ValueError, "`truncation` must be a finite"):
                generator.generate(truncation=truncation)


class PictureTest(testing.TestCase):
    def test_a_fitted_picture_is_drawn(self):
        path = self.temporary_folder() / "ramp.png"
        ramp = np.linspace(0, 255, 24, dtype="uint8")
        image = np.broadcast_to(ramp[None, :, None], (16, 24, 3))
        Image.fromarray(np.ascontiguousarray(image)).save(path)
        inr = fit_picture(path, steps=100, width=32, depth=2, points=512)
        drawn = rendering.draw_picture(inr)
        self.assertEqual(drawn.shape, image.shape)
        self.assertLess(np.abs(drawn.astype(int) - image).mean(), 10.0)
        self.assertEqual(rendering.draw_picture(inr, 48).shape, (32, 48, 3))
        self.assertEqual(rendering.draw_picture(inr, (8, 9)).shape, (8, 9, 3))

    def test_errors(self):
        with self.assertRaisesRegex(
            ValueError, "`inr` must be of a picture, .*no signal"
        ):
            rendering.draw_picture(INR(width=4))
