import keras
import numpy as np
import pytest
import tensorflow as tf

from inr_keras import coordinates
from inr_keras import export
from inr_keras import rendering
from inr_keras import runs
from inr_keras.models import INRHyperNetwork
from inr_keras.training.step import ema
from tests import testing

SMALL = {
    "latent_dim": 6,
    "style_dim": 5,
    "mapping_layers": 2,
    "rank": 2,
    "width": 8,
    "layers": 3,
    "resolution": 8,
}


def small(**kwargs):
    return INRHyperNetwork(**{**SMALL, **kwargs})


class INRHyperNetworkTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.latents = rendering.latents_from_seeds(range(2), 6)
        self.coords = tf.reshape(coordinates.grid(4, 4), (1, 16, 2))

    def test_writes_all_external_numbers_of_its_inr(self):
        for name in ("linear", "mfilm", "factorized_se"):
            generator = small(parametrization=name, coords_layer="linear")
            styles = generator.mapping(self.latents)
            params = [
                generator.layer_params(i, styles) for i in range(generator.num_layers)
            ]
            self.assertEqual([p.shape[1] for p in params], generator.inr.external_sizes)
            params = tf.concat(params, axis=-1)
            self.assertAllClose(
                generator(self.latents, self.coords),
                generator.inr(params, self.coords),
            )

    def test_written_numbers_start_like_drawn_ones(self):
        generator = INRHyperNetwork(width=32, layers=2, mapping_layers=2)
        latents = rendering.latents_from_seeds(range(64), 512)
        params = generator.layer_params(1, generator.mapping(latents))
        drawn = generator.inr.dense[1].external_std
        self.assertAllClose(np.std(params), drawn, rtol=0.1)

    def test_a_style_for_each_layer(self):
        generator = small()
        styles = generator.mapping(self.latents)
        rgb = generator.synthesis(styles, self.coords)
        layers = tf.repeat(styles[:, None], generator.num_layers, axis=1)
        self.assertAllClose(generator.synthesis(layers, self.coords), rgb)
        mixed = tf.concat([layers[:, :2], layers[::-1, 2:]], axis=1)
        mixed = generator.synthesis(mixed, self.coords)
        self.assertGreater(np.abs(mixed - rgb).max(), 1e-3)

    def test_clips_written_numbers(self):
        generator = small(weight_clip=0.5)
        free = small()
        ema.copy(free, generator)
        styles = 3.0 * generator.mapping(self.latents)
        for i in range(1, generator.num_layers):
            std = generator.inr.dense[i].external_std
            params = generator.layer_params(i, styles) / std
            expected = np.clip(free.layer_params(i, styles) / std, -0.5, 0.5)
            self.assertAllClose(params, expected)
            self.assertAllClose(np.abs(params).max(), 0.5)

    def test_heads_of_several_layers(self):
        generator = small(head_layers=3, head_width=7)
        styles = generator.mapping(self.latents)
        trunk, head = generator.trunks[1], generator.heads[1]
        x = styles.numpy()
        for layer in trunk.layers:
            x = x @ layer.kernel.numpy() / x.shape[1] ** 0.5 + layer.bias.numpy()
            x = np.where(x > 0, x, 0.2 * x) * 2**0.5
        self.assertEqual([layer.units for layer in trunk.layers], [7, 7])
        x = x @ head.kernel.numpy() / 7**0.5 + head.bias.numpy()
        expected = x * generator.inr.dense[1].external_std
        self.assertAllClose(generator.layer_params(1, styles), expected)
        path = self.temporary_folder() / "generator.keras"
        generator.save(path)
        again = keras.models.load_model(path)
        rgb = generator(self.latents, self.coords)
        self.assertAllEqual(again(self.latents, self.coords), rgb)

    def test_rematerialization_changes_nothing(self):
        generator = small()
        lean = small(remat=True)
        ema.copy(lean, generator)
        gradients = []
        for network in (generator, lean):
            with tf.GradientTape() as tape:
                rgb = network(self.latents, self.coords, training=True)
                loss = tf.reduce_sum(tf.square(rgb))
            variables = network.trainable_variables
            gradients.append([rgb, *tape.gradient(loss, variables)])
        self.assertEqual(len(gradients[0]), 1 + len(lean.weights) - 1)
        for mine, other in zip(*gradients):
            self.assertAllClose(mine, other)

    def test_every_weight_is_trained(self):
        for basis in ("fourier", "siren"):
            generator = small(basis=basis)
            with tf.GradientTape() as tape:
                rgb = generator(self.latents, self.coords, training=True)
                loss = tf.reduce_sum(tf.square(rgb))
            variables = generator.trainable_variables
            for v, g in zip(variables, tape.gradient(loss, variables)):
                self.assertGreater(np.abs(g).max(), 0, v.path)
                self.assertFinite(g, v.path)

    def test_truncation(self):
        generator = small()
        generator.mapping.mean_style.assign(np.ones(5))
        rgb = generator(self.latents, self.coords, truncation=0.0)
        self.assertAllClose(rgb[0], rgb[1])

    def test_reload_and_clone(self):
        generator = small(basis="siren", parametrization="mfilm_scaled")
        rgb = generator(self.latents, self.coords)
        path = self.temporary_folder() / "generator.keras"
        generator.save(path)
        again = keras.models.load_model(path)
        self.assertEqual(again.get_config(), generator.get_config())
        self.assertAllEqual(again(self.latents, self.coords), rgb)
        copy = ema.clone(generator)
        self.assertAllEqual(copy(self.latents, self.coords), rgb)

    @pytest.mark.slow
    def test_renders_and_exports(self):
        generator = small()
        renderer = rendering.Renderer(generator)
        styles = renderer.styles(self.latents)
        images = renderer.render(styles)
        self.assertEqual(images.shape, (2, 8, 8, 3))
        folder = self.temporary_folder() / "models"
        export.export(generator, folder, test=False)
        loaded = runs.load_generator(folder)
        self.assertAllClose(
            loaded.synthesis(styles, self.coords),
            generator.synthesis(styles, self.coords),
        )

    def test_classes(self):
        generator = small(class_names=("cat", "dog"))
        latents = self.latents[:1].repeat(2, axis=0)
        rgb = generator(latents, self.coords, labels=np.array([0, 1]))
        self.assertGreater(np.abs(rgb[0] - rgb[1]).max(), 1e-3)
        path = self.temporary_folder() / "generator.keras"
        generator.save(path)
        again = keras.models.load_model(path)
        self.assertEqual(tuple(again.class_names), ("cat", "dog"))

    def test_one_to_three_axes(self):
        for axes in (1, 2, 3):
            for basis in ("fourier", "siren"):
                generator = small(coord_dim=axes, basis=basis)
                coords = np.linspace(-1, 1, 5 * axes, dtype="float32")
                coords = coords.reshape(1, 5, axes)
                rgb = generator(self.latents, coords)
                self.assertEqual(rgb.shape, (2, 5, 3))
                self.assertGreater(np.abs(rgb[:, 0] - rgb[:, 1]).max(), 1e-3)

    def test_half_precision(self):
        for dtype in ("mixed_bfloat16", "mixed_float16"):
            generator = small(dtype=dtype)
            rgb = generator(self.latents, self.coords)
            self.assertEqual(rgb.dtype, "float32")
            self.assertFinite(rgb)

    def test_errors(self):
        with self.assertRaisesRegex(ValueError, "`weight_clip`.*-1"):
            small(weight_clip=-1)
        with self.assertRaisesRegex(
            ValueError, "`head_layers` must be a positive integer.*0"
        ):
            small(head_layers=0)
        with self.assertRaisesRegex(ValueError, "`head_width` must be zero.*-1"):
            small(head_width=-1)
        with self.assertRaisesRegex(ValueError, "`basis`.*no"):
            small(basis="no")
