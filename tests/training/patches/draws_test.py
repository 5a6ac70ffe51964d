import numpy as np

from inr_keras.training.patches.draws import draw
from tests import testing


def small_draw(seed=0, step=3, batch=64, **changes):
    settings = {
        "points": 16,
        "latent_dim": 3,
        "layers": 5,
    }
    return draw(seed, step, batch, **{**settings, **changes})


class DrawTest(testing.TestCase):
    def test_shapes_and_ranges(self):
        draws = small_draw(noise=True)
        for uniform in (draws.crops, draws.dense_crops, draws.augmentation):
            self.assertTrue(np.all((np.array(uniform) >= 0) & (np.array(uniform) < 1)))
        self.assertEqual(draws.crops.shape, (64, 2))
        self.assertEqual(draws.dense_crops.shape, (64, 2))
        self.assertEqual(draws.mixture.shape, (64,))
        self.assertEqual(len(set(np.array(draws.grid))), 1)
        (latents,) = draws.latents
        self.assertEqual(latents.shape, (64, 3))
        self.assertIsNone(draws.crossover)
        self.assertEqual(draws.augmentation.shape, (64, 7))
        self.assertEqual(len(draws.noise), 5)
        self.assertEqual(draws.noise[0].shape, (64, 16, 1))
        self.assertIsNone(small_draw().noise)

    def test_follows_from_seed_and_step(self):
        first = np.array(small_draw().latents[0])
        np.testing.assert_array_equal(first, small_draw().latents[0])
        for other in (small_draw(seed=1), small_draw(step=4)):
            self.assertTrue(np.all(first != np.array(other.latents[0])))

    def test_streams_differ(self):
        draws = small_draw(latent_dim=7, noise=True)
        columns = (draws.crops, draws.augmentation, draws.dense_crops)
        columns = [np.array(draws.mixture), *(np.array(c)[:, 0] for c in columns)]
        correlation = np.corrcoef(columns) - np.eye(4)
        self.assertLess(np.abs(correlation).max(), 0.5)

    def test_crossovers(self):
        draws = small_draw(batch=2000, style_mixing=0.5)
        crossover = np.array(draws.crossover)
        self.assertEqual(len(draws.latents), 2)
        self.assertEqual(set(np.unique(crossover)), {1, 2, 3, 4, 5})
        # 5, the number of layers, leaves the first style alone.
        self.assertAllClose(np.mean(crossover == 5), 0.5, atol=0.05)
