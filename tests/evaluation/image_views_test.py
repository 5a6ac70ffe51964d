import numpy as np

from inr_keras.evaluation import image_views
from tests import testing


class ViewsTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        rng = np.random.default_rng(0)
        self.images = rng.integers(0, 256, (6, 32, 32, 3)).astype("uint8")

    def view(self, name, images=None, first=0, seed=0):
        images = self.images if images is None else images
        return image_views.view_of(name, images, first, 8, seed)

    def test_reductions(self):
        self.assertAllEqual(self.view("full"), self.images)
        half = self.view("half")
        expected = self.images[2, 4:6, 8:10].reshape(4, 3).mean(0)
        self.assertAllClose(half[2, 2, 4], np.rint(expected))
        quarter = self.view("quarter")
        self.assertEqual(quarter.shape, (6, 8, 8, 3))
        sides = [image_views.side(name, 32, 8) for name in image_views.VIEWS]
        self.assertEqual(sides, [32, 16, 8, 8])
        expected = self.images[5, 28:, :4].reshape(16, 3).mean(0)
        self.assertAllClose(quarter[5, 7, 0], np.rint(expected))

    def test_patches_are_crops_at_places_of_their_number(self):
        patches = self.view("patch")
        self.assertEqual(patches.shape, (6, 8, 8, 3))
        places = set()
        for image, patch in zip(self.images, patches):
            [found] = [
                (y, x)
                for y in range(25)
                for x in range(25)
                if (image[y : y + 8, x : x + 8] == patch).all()
            ]
            places.add(found)
        self.assertGreater(len(places), 3)
        # As a part of another batch each is the same.
        self.assertAllEqual(self.view("patch", self.images[4:], 4), patches[4:])
        self.assertGreater(
            np.abs(self.view("patch", seed=1).astype(int) - patches).max(), 0
        )

    def test_too_small(self):
        image_views.check("quarter", 32, 8)
        with self.assertRaisesRegex(ValueError, "quarter.*Received.*16"):
            image_views.check("quarter", 16, 8)
        with self.assertRaisesRegex(ValueError, "`patch_size`.*Received: 4"):
            image_views.check("patch", 32, 4)
        with self.assertRaisesRegex(ValueError, "`patch_size`.*Received: 33"):
            image_views.check("patch", 32, 33)
