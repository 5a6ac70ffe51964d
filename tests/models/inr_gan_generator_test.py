import inspect
import json
import math
import re

import numpy as np
import pytest
import tensorflow as tf

from inr_keras import coordinates
from inr_keras.models import INRGANGenerator
from inr_keras.models import lattices
from tests import testing

SMALL = {
    "latent_dim": 6,
    "style_dim": 5,
    "mapping_lr_multiplier": 0.5,
    "resolution": 16,
    "input_resolution": 4,
    "width": 8,
    "channel_base": 64,
    "fine_blocks": 1,
    "rank": 2,
    "fourier_features": 3,
    "embedding_channels": 4,
}
VARIANTS = {
    "nearest": {},
    "bilinear": {"upsampling": "bilinear"},
    "instance norm": {"upsampling": "bilinear", "instance_norm": True},
    "tanh, predicted": {"modulation": "tanh", "basis": "predicted"},
    "no embedding": {"embedding_channels": 0, "basis": "shared"},
    "embedding on one lattice": {"embedding_levels": (8,)},
    "one lattice": {"input_resolution": 16, "fine_blocks": 0},
}


def small(**kwargs):
    return INRGANGenerator(**{**SMALL, **kwargs})


def flat_grid(side, stride=1):
    coords = coordinates.grid(side, side, stride, "center")
    return tf.reshape(coords, (1, -1, 2))


class INRGANGeneratorTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        rng = np.random.default_rng(0)
        self.latents = rng.normal(size=(3, 6)).astype("float32")
        self.coords = rng.uniform(-1.2, 1.2, (3, 10, 2)).astype("float32")

    def each(self, *names):
        for name in names or VARIANTS:
            with self.subTest(name):
                yield small(**VARIANTS[name])

    @pytest.mark.slow
    def test_layer_basics(self):
        self.run_layer_test(
            INRGANGenerator,
            init_kwargs={**SMALL, **VARIANTS["instance norm"]},
            inputs={"latents": self.latents, "coords": self.coords},
            expected_shape=(3, 10, 3),
            half_dtype="float32",
        )

    @pytest.mark.slow
    def test_a_point_depends_on_its_own_coordinate_alone(self):
        for generator in self.each():
            before = testing.to_numpy(generator(self.latents, self.coords))
            changed = self.coords.copy()
            changed[:, 4] = [0.3, -0.7]
            after = testing.to_numpy(generator(self.latents, changed))
            others = np.arange(10) != 4
            self.assertAllClose(after[:, others], before[:, others])
            self.assertGreater(np.max(np.abs(after - before)), 1e-2)

    @pytest.mark.slow
    def test_a_crop_is_the_crop_of_the_image(self):
        offsets = [[0, 0], [5, 3], [8, 9]]
        for generator in self.each():
            full = generator.synthesis(
                generator.mapping(self.latents),
                flat_grid(16),
                grid=(16, 16, 1 / 8),
            )
            full = testing.to_numpy(full).reshape(3, 16, 16, 3)
            coords = coordinates.patch(offsets, 4, 16, 16, 1, "center")
            styles = generator.mapping(self.latents)
            for grid in (None, (4, 4, 1 / 8)):
                rgb = generator.synthesis(styles, coords, grid=grid)
                rgb = testing.to_numpy(rgb).reshape(3, 4, 4, 3)
                for i, (row, column) in enumerate(offsets):
                    crop = full[i, row : row + 4, column : column + 4]
                    self.assertAllClose(rgb[i], crop)

    @pytest.mark.slow
    def test_a_hint_changes_no_colour(self):
        rng = np.random.default_rng(1)
        for generator in self.each("nearest", "bilinear", "instance norm"):
            styles = generator.mapping(self.latents)
            for stride in (1, 2, 4):
                offsets = rng.integers(0, 16 // stride - 3, (3, 2))
                coords = coordinates.patch(offsets, 4, 16, 16, stride, "center")
                grid = (4, 4, stride / 8)
                self.assertAllClose(
                    generator.synthesis(styles, coords, grid=grid),
                    generator.synthesis(styles, coords),
                )

    @pytest.mark.slow
    def test_other_densities_and_beyond_the_frame(self):
        box = (-1.7, -1.3, 1.5, 1.9)
        for generator in self.each("nearest", "instance norm"):
            styles = generator.mapping(self.latents)
            coords = coordinates.region(box, 24, 24, "center")
            coords = tf.reshape(coords, (1, -1, 2))
            plain = generator.synthesis(styles, coords)
            self.assertFinite(plain)
            grid = (24, 24, 3.2 / 24)
            hinted = generator.synthesis(styles, coords, grid=grid)
            self.assertAllClose(hinted, plain, atol=1e-4)
            # Something is drawn in each corner, and not the same.
            corners = testing.to_numpy(plain).reshape(3, 24, 24, 3)
            self.assertGreater(np.std(corners[:, :4, :4]), 1e-2)
            self.assertGreater(np.std(corners[:, -4:, -4:]), 1e-2)

    def test_points_in_a_cell_read_the_same_coarse_features(self):
        # Without what the finest level knows of a point, a cell of the level
        # below has one colour.
        generator = small()
        features = generator.features[-1]
        size = generator.dense[-1][0].kernel.shape[0]
        kernel = generator.dense[-1][0].kernel.numpy()
        kernel[size - features.features :] = 0.0
        generator.dense[-1][0].kernel.assign(kernel)
        image = generator(self.latents, flat_grid(32))
        cells = testing.to_numpy(image).reshape(3, 8, 4, 8, 4, 3)
        self.assertLess(np.max(np.ptp(cells, axis=(2, 4))), 1e-5)
        self.assertGreater(np.std(cells), 1e-2)

    def test_cells_that_a_patch_evaluates(self):
        seen = {}

        def spy(layer):
            call = layer.call
            name = layer.name

            def counting(coords, *args):
                seen[name] = coords.shape[1]
                return call(coords, *args)

            layer.call = counting

        generator = small(resolution=64, input_resolution=8, fine_blocks=2)
        for layer in generator.features:
            spy(layer)
        styles = generator.mapping(self.latents)
        offsets = [[3, 5]]
        for stride in (1, 2, 4):
            coords = coordinates.patch(offsets, 8, 64, 64, stride, "center")
            generator.synthesis(styles, coords, grid=(8, 8, stride / 32))
            for side in (8, 16, 32):
                cells = min(8, math.ceil(7 * stride * side / 64) + 1)
                self.assertEqual(seen[f"features_{side}"], cells**2)
            self.assertEqual(seen["features_64"], 64)
        generator.synthesis(styles, coords)
        self.assertEqual(set(seen.values()), {64})

    @pytest.mark.slow
    def test_styles_of_each_layer(self):
        for generator in self.each("nearest", "one lattice"):
            # 4: one, 8: two, 16: two or three, and the last RGB's.
            count = 6 + generator.fine_blocks
            self.assertEqual(generator.num_layers, count)
            styles = generator.mapping(self.latents)
            shared = generator.synthesis(styles, self.coords)
            layers = np.repeat(styles[:, None], count, axis=1)
            self.assertAllEqual(generator.synthesis(layers, self.coords), shared)
            for i in range(count):  # Each layer reads its own.
                mixed = layers.copy()
                mixed[:, i] += 1.0
                changed = generator.synthesis(mixed, self.coords)
                self.assertGreater(np.max(np.abs(changed - shared)), 1e-3)

    def test_truncation_of_zero_draws_the_mean_style(self):
        generator = small()
        mean = np.linspace(-1, 1, 5, dtype="float32")
        generator.mapping.mean_style.assign(mean)
        expected = generator.synthesis(mean[None], self.coords[:1])
        outputs = generator(self.latents, self.coords[:1], truncation=0.0)
        self.assertAllClose(outputs, np.repeat(expected, 3, axis=0))

    def test_constants_on_chosen_lattices(self):
        generator = small(embedding_levels=(4, 16))
        constants = [layer.constants for layer in generator.features]
        self.assertEqual(constants, [4, 0, 2])

    def test_classes(self):
        generator = small(class_names=("cat", "dog"))
        a, b = (
            generator(self.latents, self.coords, labels=np.full(3, label))
            for label in (0, 1)
        )
        self.assertGreater(np.max(np.abs(a - b)), 1e-2)

    @pytest.mark.slow
    def test_rematerialization_changes_no_gradient(self):
        coords = coordinates.patch([[3, 5]] * 3, 4, 16, 16, 1, "center")
        for name in ("nearest", "instance norm"):
            gradients = []
            weights = None
            for remat in (False, True):
                generator = small(remat=remat, **VARIANTS[name])
                weights = weights or generator.get_weights()
                generator.set_weights(weights)
                with tf.GradientTape() as tape:
                    styles = generator.mapping(self.latents)
                    rgb = generator.synthesis(
                        styles, coords, training=True, grid=(4, 4, 1 / 8)
                    )
                    loss = tf.reduce_sum(tf.square(rgb))
                variables = generator.trainable_variables
                gradients.append(tape.gradient(loss, variables))
            for a, b in zip(*gradients):
                self.assertMatchesReference(b, a, 1e-5)

    @pytest.mark.slow
    def test_parameters_at_the_papers_sizes(self):
        generator = INRGANGenerator()
        names = generator.block_names
        self.assertEqual(names, [4, 8, 16, 32, 64, 128, 256])
        widths = [dense[0].units for dense in generator.dense]
        self.assertEqual(widths, [512] * 5 + [256, 128])
        self.assertEqual(
            [len(dense) for dense in generator.dense], [1, 2, 2, 2, 2, 3, 3]
        )
        # Waves (sine and cosine) and constants of each lattice.
        features = [2 * 20 + 128, 2 * 24 + 128]
        features += [2 * (14 + 32) + 64, 2 * (16 + 32) + 64]
        found = [layer.features for layer in generator.features]
        self.assertEqual(found, features)
        mapping = 2 * (512 * 512 + 512)
        tables = 128 * (32**2 + 64**2) + 64 * (128**2 + 256**2)
        layers = [(features[0], 512), *[(512, 512)] * 6]
        layers += [(512 + features[1], 512), (512, 512)]
        layers += [(512 + features[2], 256), *[(256, 256)] * 2]
        layers += [(256 + features[3], 128), *[(128, 128)] * 2]
        dense = sum(i * o + o + 513 * 10 * (i + o) for i, o in layers)
        to_rgb = sum(3 * w + 3 + 513 * w for w in widths)
        trained = sum(np.prod(v.shape) for v in generator.trainable_variables)
        self.assertEqual(trained, mapping + tables + dense + to_rgb)

    def test_configuration(self):
        generator = small(upsampling="bilinear", basis="shared")
        config = json.loads(json.dumps(generator.get_config()))
        again = INRGANGenerator.from_config(config)
        self.assertEqual(again.get_config(), generator.get_config())
        config = generator.get_config()
        for name in inspect.signature(INRGANGenerator).parameters:
            if name != "kwargs":
                self.assertEqual(config[name], getattr(generator, name))
        self.assertEqual(lattices.grid_hint(generator, 1, 1, 0.1)["grid"][0], 1)

    def test_errors(self):
        for name, value in (
            ("resolution", 48),
            ("input_resolution", 2),
            ("input_resolution", 32),
            ("fine_blocks", 3),
            ("fine_blocks", -1),
            ("basis", "sine"),
            ("upsampling", "cubic"),
            ("modulation", "film"),
            ("rank", 0),
            ("embedding_levels", (32,)),
        ):
            rule = f"`{name}`.*{re.escape(str(value))}"
            with self.assertRaisesRegex(ValueError, rule):
                small(**{name: value})
