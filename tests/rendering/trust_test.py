import numpy as np
from PIL import Image

from inr_keras import rendering
from inr_keras.rendering import surfaces
from inr_keras.rendering import trust
from tests import testing
from tests.rendering.generators import small_generator


class TrustTest(testing.TestCase):
    def examine(self, name, *size, box=rendering.FRAME, **kwargs):
        generator = small_generator(**kwargs)  # Of 8 x 8 images.
        surface = surfaces.surface(name, generator, *size, box=box)
        return rendering.examine(surface, generator)

    def test_the_trained_image_is_interpolation(self):
        for alignment in ("corner", "center"):
            for size in (8, 4, 1):
                found = self.examine("plane", size, alignment=alignment)
                self.assertEqual(found.shares(), [1.0, 0.0, 0.0])
                self.assertEqual(found.warning(), "")
                self.assertEqual(found.distance.max(), 0)
            found = self.examine("plane", alignment=alignment)
            self.assertAllClose(found.density, np.ones((8, 8)))

    def test_denser_points_are_super_resolution(self):
        found = self.examine("plane", 8, 32, alignment="center")
        self.assertAllClose(found.density, np.full((8, 32), 4.0))
        self.assertEqual(found.shares(), [0.0, 1.0, 0.0])
        self.assertEqual(found.warning(), "up to 4 times the trained density")

    def test_points_beyond_are_extrapolation(self):
        box = (-1.0, -1.0, 3.0, 1.0)
        found = self.examine("plane", 8, 16, box=box, alignment="center")
        self.assertEqual(found.shares(), [0.5, 0.0, 0.5])
        self.assertEqual(found.kind[3].tolist(), [0] * 8 + [2] * 8)
        beyond = np.maximum(-1 + (np.arange(16) + 0.5) / 4 - 1, 0)
        self.assertAllClose(found.distance[3], beyond)
        self.assertEqual(
            found.warning(),
            "50.0% of the points lie beyond the trained frame, the furthest by "
            "1.88 (the frame's half side is 1)",
        )

    def test_other_surfaces(self):
        # Within the frame all around, and finite where the surface folds.
        for name in ("cylinder", "sphere", "cube"):
            for axes in (2, 3):
                found = self.examine(name, 16, coord_dim=axes)
                self.assertEqual(found.shares()[trust.EXTRAPOLATION], 0, name)
                self.assertFinite(found.density, name)
        found = self.examine("cylinder", 16, 16, coord_dim=3)
        expected = 2 / 7 / min(2 * np.pi / 16, 2 / 15)
        self.assertAllClose(found.density.max(), expected, rtol=0.01)
        wide = self.examine("cylinder", 8, box=(-2.0, -1.0, 2.0, 1.0))
        self.assertGreater(wide.distance[:, 0].min(), 0.7)

    def test_large_images_are_looked_at_here_and_there(self):
        found = self.examine("plane", 1000, 8)
        self.assertEqual(found.kind.shape, (512, 8))
        self.assertAllClose(found.density.max(), 999 / 7, rtol=1e-3)

    def test_map(self):
        generator = small_generator(alignment="center")
        for size, box in (
            ((16, 24), (-2, -1, 1, 1)),
            ((4, 200), (-1, -1, 1, 1)),
        ):
            surface = surfaces.surface("plane", generator, *size, box)
            found = rendering.examine(surface, generator)
            path = self.temporary_folder() / "trust.PNG"
            rendering.save_trust_map(path, found, surface)
            with Image.open(path) as image:
                pixels = np.asarray(image.convert("RGB"))
            pixels = pixels.reshape(-1, 3).astype(int)
            for colour in trust._COLOURS:  # In the legend.
                distance = np.abs(pixels - np.array(colour) * 255).max(-1)
                self.assertLessEqual(distance.min(), 1)
