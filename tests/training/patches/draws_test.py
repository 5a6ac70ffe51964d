import numpy as np

from inr_keras.training.patches import frame as frame_lib
from inr_keras.training.patches.draws import draw
from tests import testing


def small_draw(seed=0, step=3, batch=64, **changes):
    settings = {
        "frame": frame_lib.Frame(16, 4, "corner"),
        "views": [frame_lib.View(1, 2, tuple(range(batch)))],
        "latent_dim": 3,
        "layers": 5,
    }
    return draw(seed, step, batch, **{**settings, **changes})


class DrawTest(testing.TestCase):
    def test_shapes_and_ranges(self):
        draws = small_draw(noise=True)
        offsets = np.array(draws.offsets)
        self.assertEqual(offsets.shape, (64, 2))
        self.assertEqual(set(np.unique(offsets)), {0, 2, 4, 6, 8, 10, 12})
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
        offsets = np.array(draws.offsets)[:, 0] / 14
        uniform = np.array(draws.augmentation)[:, 0]
        self.assertLess(abs(np.corrcoef(offsets, uniform)[0, 1]), 0.5)

    def test_crossovers(self):
        draws = small_draw(batch=2000, style_mixing=0.5)
        crossover = np.array(draws.crossover)
        self.assertEqual(len(draws.latents), 2)
        self.assertEqual(set(np.unique(crossover)), {1, 2, 3, 4, 5})
        # 5, the number of layers, leaves the first style alone.
        self.assertAllClose(np.mean(crossover == 5), 0.5, atol=0.05)
