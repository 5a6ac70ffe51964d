import numpy as np

from inr_keras.studies import capacity
from tests import testing
from tests.rendering.generators import small_generator


class CapacityTest(testing.TestCase):
    def test_styles_and_synthesis_are_fitted_and_the_mapping_is_not(self):
        generator = small_generator()
        rng = np.random.default_rng(0)
        colours = rng.integers(0, 256, (6, 1, 1, 3))
        images = np.broadcast_to(colours, (6, 8, 8, 3)).astype("uint8")
        mapping = [np.array(v) for v in generator.mapping.trainable_variables]
        fit = capacity.reconstruct(generator, images, steps=200)
        self.assertEqual(fit.images.shape, images.shape)
        self.assertEqual(fit.params.shape, (6, generator.style_dim))
        self.assertLess(fit.mae, 0.3 * fit.history[0][2])
        for before, after in zip(mapping, generator.mapping.trainable_variables):
            self.assertAllEqual(before, after)
