import keras
import numpy as np
import pytest

from inr_keras import coordinates
from inr_keras import export
from inr_keras import rendering
from inr_keras.models import StyleGAN2Generator
from tests import testing


def small(**changes):
    sizes = {"latent_dim": 8, "style_dim": 8, "mapping_layers": 1, "resolution": 16}
    return StyleGAN2Generator(**{**sizes, "channel_max": 8, **changes})


def grid(side=16):
    return np.reshape(coordinates.grid(side, side, 1, "center"), (1, side * side, 2))


class StyleGAN2GeneratorTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        keras.utils.set_random_seed(0)

    def test_layers_and_weights(self):
        generator = small()
        # 4x4 has one convolution, 8x8 and 16x16 have two.
        self.assertEqual(generator.num_layers, 5)
        names = [layer.name for layer in generator.convolutions]
        self.assertEqual(names[:3], ["conv_4_0", "conv_8_0", "conv_8_1"])
        convolution = 9 * 8 * 8 + 8 + 8 * 8 + 8  # Kernel, bias, style's kernel, bias.
        to_rgb = 8 * 3 + 3 + 8 * 8 + 8
        mapping = sum(int(np.prod(w.shape)) for w in generator.mapping.weights)
        expected = 4 * 4 * 8 + 5 * convolution + 3 * to_rgb + mapping
        self.assertEqual(generator.count_params(), expected)

    def test_each_layer_has_a_style(self):
        generator = small()
        latents = rendering.latents_from_seeds([0, 1], 8)
        styles = generator.mapping(latents)
        one = generator.synthesis(styles, grid())
        self.assertEqual(one.shape, (2, 256, 3))
        layers = np.repeat(np.array(styles)[:, None], 5, axis=1)
        self.assertAllClose(generator.synthesis(layers, grid()), one)
        layers[:, 4] += 1.0
        other = generator.synthesis(layers, grid())
        self.assertGreater(np.abs(np.array(other) - one).max(), 1e-3)

    def test_latents_decide_the_image(self):
        generator = small()
        latents = rendering.latents_from_seeds([0, 1], 8)
        images = np.array(generator(latents, grid()))
        self.assertAllEqual(images, generator(latents, grid()))
        self.assertGreater(np.abs(images[0] - images[1]).max(), 1e-3)

    @pytest.mark.slow
    def test_reload_and_half_precision(self):
        generator = small()
        latents = rendering.latents_from_seeds([0, 1], 8)
        path = self.temporary_folder() / "conv.keras"
        generator.save(path)
        again = keras.models.load_model(path)
        self.assertAllEqual(again(latents, grid()), generator(latents, grid()))
        half = small(dtype="mixed_bfloat16")(latents, grid())
        self.assertEqual(half.dtype, "float32")

    def test_it_draws_the_training_grid_alone(self):
        generator = small()
        renderer = rendering.Renderer(generator, points=10)
        styles = renderer.styles(rendering.latents_from_seeds([0, 1, 2], 8))
        images = renderer.render(styles)
        expected = np.reshape(generator.synthesis(styles, grid()), (3, 16, 16, 3))
        self.assertAllClose(images, expected, 1e-5, 1e-5)
        for arguments in ((32,), (16, 16, (-1, -1, 1, 0.5))):
            with self.assertRaisesRegex(ValueError, "the training frame at 16x16"):
                renderer.render(styles, *arguments)
        with self.assertRaisesRegex(ValueError, "`coords` must be the full.*: 4"):
            generator.synthesis(styles, np.zeros((1, 4, 2)))
        with self.assertRaisesRegex(ValueError, "`generator` must draw any point"):
            export.export(generator, self.temporary_folder())

    def test_errors(self):
        for resolution in (4, 24):
            with self.assertRaisesRegex(ValueError, f"power of two.*{resolution}"):
                small(resolution=resolution)
