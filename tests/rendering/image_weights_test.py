import numpy as np
import pytest

from inr_keras.models import INRGANGenerator
from inr_keras.models import INRHyperNetwork
from inr_keras.models import VideoGenerator
from inr_keras.rendering.image_weights import FrozenINR
from tests import testing
from tests.rendering.generators import small_generator

COMMON = {"latent_dim": 6, "style_dim": 5, "mapping_layers": 1}


def inr_gan(**kwargs):
    return INRGANGenerator(
        resolution=8,
        input_resolution=4,
        width=8,
        fine_blocks=1,
        rank=2,
        **COMMON,
        **kwargs,
    )


def hypernetwork(**kwargs):
    settings = {"width": 6, "layers": 3, "resolution": 8, **COMMON, **kwargs}
    generator = INRHyperNetwork(**settings)
    for head in generator.heads:
        if head is not None:  # Numbers that differ from style to style.
            head.bias.assign(np.full(head.bias.shape, 0.3))
    return generator


class FrozenINRTest(testing.TestCase):
    def styles(self, *shape):
        rng = np.random.default_rng(1)
        return rng.normal(size=shape).astype("float32")

    def assertDraws(self, generator, frozen, styles):
        coords = np.random.default_rng(2).uniform(-1, 1, (1, 20, 2))
        coords = coords.astype("float32")
        expected = generator.synthesis(styles, coords)
        drawn = frozen.generator.synthesis(np.zeros((1, 5), "float32"), coords)
        self.assertGreater(np.std(expected), 1e-3)
        self.assertAllClose(drawn, expected, rtol=1e-3, atol=1e-4)

    @pytest.mark.slow
    def test_draws_the_image_of_a_style_without_it(self):
        volume = small_generator(coord_dim=3, embedding_size=4, resolution=8)
        generators = [
            small_generator(),
            small_generator(rgb="residual", width=[8, 6]),
            inr_gan(),
            inr_gan(basis="predicted", modulation="sigmoid"),
            VideoGenerator(volume, 2),
        ]
        for parametrization in (
            "mfilm",
            "factorized_se",
        ):
            generators.append(hypernetwork(parametrization=parametrization))
        generators.append(
            hypernetwork(basis="siren", coords_layer="linear", weight_clip=0.5)
        )
        generators.append(hypernetwork(head_layers=2, head_width=6))
        for generator in generators:
            styles = self.styles(1, 5)
            if hasattr(generator, "volume") or generator.num_layers % 2:
                styles = self.styles(1, generator.num_layers, 5)
            before = [np.array(w) for w in generator.get_weights()]
            frozen = FrozenINR(generator)
            frozen.assign(frozen.weights(styles))
            self.assertDraws(generator, frozen, styles)
            for a, b in zip(before, generator.get_weights()):
                self.assertAllEqual(a, b)

    def test_half_way_is_neither_the_mean_image_nor_the_mean_style(self):
        generator = small_generator()
        frozen = FrozenINR(generator)
        a, b = self.styles(2, 5)[:, None]
        weights = [0.5 * (x + y) for x, y in zip(frozen.weights(a), frozen.weights(b))]
        frozen.assign(weights)
        coords = np.zeros((1, 1, 2), "float32")
        drawn = frozen.generator.synthesis(a, coords)

        def draw(styles):
            return generator.synthesis(styles, coords)

        for other in (draw((a + b) / 2.0), (draw(a) + draw(b)) / 2.0):
            self.assertGreater(np.abs(drawn - other).max(), 1e-3)
        # By hand: the first layer's kernel is the mean of the two kernels.
        layer = frozen.generator.first
        kernel = layer.kernel.numpy() / np.sqrt(layer.kernel.shape[0])
        self.assertAllClose(kernel, weights[0])

    def test_what_has_no_weights_to_tell(self):
        class Exported:
            pass

        with self.assertRaisesRegex(ValueError, "`generator` must .* a Exported"):
            FrozenINR(Exported())
