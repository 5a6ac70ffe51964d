import numpy as np

from inr_keras.evaluation import sliced_wasserstein
from inr_keras.evaluation import tfgan
from tests import testing


class SlicedWassersteinTest(testing.TestCase):
    def test_against_tfgan(self):
        rng = np.random.default_rng(0)
        real, fake = rng.integers(0, 256, (2, 6, 64, 64, 3)).astype("uint8")
        fake[:, :40] = 255
        sets = {
            "larger": (real, fake),
            "smallest": (real[:, :8, :8], fake[:, 36:44, :8]),
        }
        for name, pair in sets.items():
            with self.subTest(name):
                found = sliced_wasserstein.distance(*pair, 3, 2)
                expected = sliced_wasserstein.distance(*pair, 3, 2, tfgan)
                self.assertAllClose(found, expected, 1e-6)
                other = sliced_wasserstein.distance(*pair, 4, 2)
                self.assertGreater(abs(other - found), 1e-5)

    def test_noise_is_less_than_rounding(self):
        images = np.arange(48, dtype="uint8").reshape(1, 4, 4, 3)
        found = sliced_wasserstein.unrounded(images, np.random.default_rng(3))
        self.assertLess(np.abs(found * 255.0 - images).max(), 0.501)

    def test_flat_grounds_give_a_number(self):
        # The deviation of a patch is 0 there.
        rng = np.random.default_rng(0)
        images = np.full((2, 8, 32, 32, 3), 255, "uint8")
        images[:, :, 8:16, 8:16] = rng.integers(0, 256, (2, 8, 8, 8, 3))
        self.assertFinite(sliced_wasserstein.distance(*images))
