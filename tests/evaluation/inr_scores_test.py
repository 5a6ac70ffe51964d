import numpy as np
import tensorflow as tf

from inr_keras import rendering
from inr_keras.evaluation import inr_scores
from inr_keras.models import INRGenerator
from tests import testing
from tests.rendering.generators import small_generator


class SeamTest(testing.TestCase):
    def test_by_hand(self):
        image = np.zeros((1, 6, 6, 1), "uint8")
        image[:, :, 3:] = 10  # A step at the line x = 3 alone.
        image[:, :, 4:] = 14
        terms = inr_scores.seam_terms(image, 3)
        # Across x = 3: 10; beside it: 0 and 4. Across y = 3 nothing.
        self.assertAllClose(terms, [[10.0, 2.0]])
        self.assertAllClose(inr_scores.seam_ratio(terms), [5.0])

    def test_tiles_show_and_smooth_images_do_not(self):
        rng = np.random.default_rng(0)
        noise = rng.integers(0, 256, (40, 32, 32, 3)).astype("uint8")
        tiles = rng.integers(0, 200, (40, 4, 4, 3))
        tiles = tiles.repeat(8, axis=1).repeat(8, axis=2)
        tiles = (tiles + noise // 16).astype("uint8")
        ratios = {
            name: inr_scores.seam_ratio(
                inr_scores.seam_terms(images, size).mean(axis=0)
            )
            for name, images, size in (
                ("noise", noise, 8),
                ("tiles", tiles, 8),
                ("off the lines", tiles, 11),
            )
        }
        self.assertAllClose(ratios["noise"], 1.0, 0.05)
        self.assertGreater(ratios["tiles"], 5.0)
        self.assertLess(ratios["off the lines"], 1.1)


class Linear(INRGenerator):
    """A generator whose colours are linear in the coordinates."""

    def __init__(self, frequency=0.0):
        super().__init__(2, 2, 3, 8, "corner", ())
        self.frequency = frequency

    def synthesis(self, styles, coords):
        value = 0.3 * tf.reduce_sum(coords, axis=-1, keepdims=True)
        value += 0.5 * tf.sin(self.frequency * coords[..., :1])
        return value + 0.0 * styles[:, None, :1] + tf.zeros((3,))


class ScaleTest(testing.TestCase):
    def test_a_linear_image_is_consistent_and_a_wavy_one_is_not(self):
        styles = tf.zeros((2, 2))
        errors = [
            inr_scores.scale_errors(rendering.Renderer(Linear(frequency)), styles)
            for frequency in (0.0, 6.0, 20.0)
        ]
        self.assertEqual(errors[0].shape, (2,))
        self.assertLess(errors[0].max(), 1e-6)
        self.assertGreater(errors[1].min(), 1.0)
        self.assertGreater(errors[2].min(), 10 * errors[1].max())


class PathTest(testing.TestCase):
    def test_length_of_a_linear_path(self):
        renderer = rendering.Renderer(small_generator())
        latents = rendering.latents_from_seeds(range(6), 6)
        styles = renderer.styles(latents).numpy()
        a, b = inr_scores.path_points(styles, 0)
        # For features that are the styles it is the squared distance.
        found = inr_scores.path_lengths(a.numpy(), b.numpy())
        expected = np.square(styles[1::2] - styles[::2]).sum(axis=1)
        self.assertAllClose(found, expected, 0.02)
        for k in range(3):  # On the path, and not at one of its ends.
            share = (a[k] - styles[2 * k]) / (styles[2 * k + 1] - styles[2 * k])
            self.assertAllClose(share, np.full(5, share[0]), 1e-3)
            self.assertTrue(0 < share[0] < 1)

    def test_levels(self):
        found = inr_scores.float_levels([-3.0, -1.0, 0.001, 1.0])
        self.assertAllClose(found, [0.0, 0.0, 127.6275, 255.0])
