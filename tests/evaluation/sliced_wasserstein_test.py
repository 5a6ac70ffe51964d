import numpy as np
import tensorflow as tf

from inr_keras.evaluation import sliced_wasserstein
from inr_keras.evaluation import tfgan
from tests import testing


class SlicedWassersteinTest(testing.TestCase):
    def test_against_tfgan(self):
        rng = np.random.default_rng(0)
        real, fake = rng.integers(0, 256, (2, 12, 32, 32, 3)).astype("uint8")
        found = sliced_wasserstein.distance(real, fake, seed=3, projections=2)
        noise = np.random.default_rng(3)
        pair = [
            tf.constant(sliced_wasserstein.unrounded(images, noise))
            for images in (real, fake)
        ]
        self.assertLess(np.abs(pair[0] * 255.0 - real).max(), 0.501)
        np.random.seed(3)
        tf.random.set_seed(3)
        levels = tfgan.load().eval.sliced_wasserstein_distance(
            *pair, resolution_min=16, random_sampling_count=2
        )
        self.assertEqual(len(levels), 2)
        expected = np.mean([float(level[1]) for level in levels])
        self.assertAllClose(found, expected, 1e-6)

    def test_flat_grounds_give_a_number(self):
        # TF-GAN divides by the deviation of a patch, here 0.
        rng = np.random.default_rng(0)
        images = np.full((2, 8, 32, 32, 3), 255, "uint8")
        images[:, :, 8:16, 8:16] = rng.integers(0, 256, (2, 8, 8, 8, 3))
        self.assertFinite(sliced_wasserstein.distance(*images))
