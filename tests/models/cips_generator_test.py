import inspect
import itertools
import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from inr_keras import coordinates
from inr_keras.models import CIPSGenerator
from tests import testing

SMALL = {
    "latent_dim": 6,
    "style_dim": 5,
    "mapping_layers": 2,
    "width": [8, 6],
    "blocks": 2,
    "fourier_features": 7,
    "embedding_channels": 4,
    "embedding_size": 8,
    "mapping_lr_multiplier": 0.5,
}
VARIANTS = {
    "skip": {},
    "residual": {"rgb": "residual"},
    "residual of one width": {"rgb": "residual", "width": 8},
    "no embedding": {"embedding_channels": 0},
    "center": {"embedding_alignment": "center"},
    "reference training": {
        "embedding_alignment": "center",
        "alignment": "corner",
        "reference_training": True,
    },
}


def small(**kwargs):
    return CIPSGenerator(**{**SMALL, **kwargs})


def flat_grid(height, width, alignment="corner"):
    return tf.reshape(coordinates.grid(height, width, 1, alignment), (1, -1, 2))


class CIPSGeneratorTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        rng = np.random.default_rng(0)
        self.latents = rng.normal(size=(3, 6)).astype("float32")
        self.coords = rng.uniform(-1.2, 1.2, (3, 10, 2)).astype("float32")

    @pytest.mark.slow
    def test_layer_basics(self):
        for kwargs in VARIANTS.values():
            self.run_layer_test(
                CIPSGenerator,
                init_kwargs={**SMALL, **kwargs},
                inputs={"latents": self.latents, "coords": self.coords},
                expected_shape=(3, 10, 3),
                half_dtype="float32",
            )

    @pytest.mark.slow
    def test_a_point_depends_on_its_own_coordinate_alone(self):
        for name, kwargs in VARIANTS.items():
            with self.subTest(name):
                generator = small(**kwargs)
                before = testing.to_numpy(generator(self.latents, self.coords))
                changed = self.coords.copy()
                changed[:, 4] = [0.3, -0.7]
                after = testing.to_numpy(generator(self.latents, changed))
                others = np.arange(10) != 4
                self.assertAllClose(after[:, others], before[:, others])
                self.assertGreater(np.max(np.abs(after - before)), 1e-2)

    @pytest.mark.slow
    def test_permuted_points_give_permuted_colours(self):
        order = np.random.default_rng(1).permutation(10)
        for name, kwargs in VARIANTS.items():
            with self.subTest(name):
                generator = small(**kwargs)
                for training in (False, True):
                    outputs = generator(self.latents, self.coords, training=training)
                    shuffled = generator(
                        self.latents, self.coords[:, order], training=training
                    )
                    self.assertAllClose(shuffled, outputs.numpy()[:, order])

    @pytest.mark.slow
    def test_a_patch_is_a_crop_of_the_image(self):
        for name, kwargs in VARIANTS.items():
            with self.subTest(name):
                generator = small(**kwargs)
                for alignment in coordinates.ALIGNMENTS:
                    coords = flat_grid(12, 16, alignment)
                    full = testing.to_numpy(generator(self.latents, coords))
                    full = full.reshape(3, 12, 16, 3)
                    offsets = [[0, 0], [5, 3], [8, 12]]
                    coords = coordinates.patch(offsets, 4, 12, 16, alignment=alignment)
                    patches = testing.to_numpy(generator(self.latents, coords))
                    for i, (row, column) in enumerate(offsets):
                        crop = full[i, row : row + 4, column : column + 4]
                        self.assertAllClose(patches[i].reshape(4, 4, 3), crop)

    def test_a_coarse_grid_is_a_part_of_the_image(self):
        generator = small()
        full = testing.to_numpy(generator(self.latents, flat_grid(8, 8)))
        coarse = tf.reshape(coordinates.grid(8, 8, 4), (1, -1, 2))
        self.assertAllClose(
            generator(self.latents, coarse),
            full.reshape(3, 8, 8, 3)[:, ::4, ::4].reshape(3, 4, 3),
        )

    @pytest.mark.slow
    def test_images_are_independent(self):
        changed = self.latents.copy()
        changed[1] = -changed[1]
        for name, kwargs in VARIANTS.items():
            with self.subTest(name):
                generator = small(**kwargs)
                before = testing.to_numpy(generator(self.latents, self.coords))
                after = testing.to_numpy(generator(changed, self.coords))
                self.assertAllClose(after[[0, 2]], before[[0, 2]])
                self.assertGreater(np.max(np.abs(after[1] - before[1])), 1e-3)
                alone = generator(self.latents[:1], self.coords[:1])
                self.assertAllClose(alone, before[:1])

    def test_coordinates_that_all_images_share(self):
        shared = self.coords[:1]
        repeated = np.repeat(shared, 3, axis=0)
        for name, kwargs in VARIANTS.items():
            with self.subTest(name):
                generator = small(**kwargs)
                self.assertAllClose(
                    generator(self.latents, shared),
                    generator(self.latents, repeated),
                )

    @pytest.mark.slow
    def test_styles_of_each_layer(self):
        for name, kwargs in VARIANTS.items():
            with self.subTest(name):
                generator = small(**kwargs)
                self.assertEqual(generator.num_layers, 5)
                styles = generator.mapping(self.latents)
                shared = generator.synthesis(styles, self.coords)
                layers = np.repeat(styles[:, None], 5, axis=1)
                self.assertAllEqual(generator.synthesis(layers, self.coords), shared)
                for i in range(5):  # Each layer reads its own.
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

    def test_noise(self):
        generator = small(noise=True)
        styles = generator.mapping(self.latents)
        rng = np.random.default_rng(2)
        noise = rng.normal(size=(5, 3, 10, 1)).astype("float32")
        plain = generator.synthesis(styles, self.coords)
        # Strengths start at zero.
        noisy = generator.synthesis(styles, self.coords, noise=list(noise))
        self.assertAllEqual(noisy, plain)
        for i, layer in enumerate([generator.first, *generator.dense]):
            layer.noise_strength.assign(0.5)
            noisy = generator.synthesis(styles, self.coords, noise=list(noise))
            self.assertGreater(np.max(np.abs(noisy - plain)), 1e-3, i)
            layer.noise_strength.assign(0.0)
        names = [v.path for v in generator.trainable_variables]
        self.assertEqual(sum("noise_strength" in n for n in names), 5)

    @pytest.mark.slow
    def test_parameters_of_cips_at_256(self):
        # With a small table, as the large one is 128 MiB.
        generator = CIPSGenerator(embedding_size=16, resolution=256)
        small = (256 * 256 - 16 * 16) * 512
        mapping = 8 * (512 * 512 + 512)
        fourier = 2 * 512 + 512
        embedding = 256 * 256 * 512
        # Kernel, bias and the affine map of styles to the inputs' scales.
        first = 1024 * 512 + 512 + 512 * 1024 + 1024
        dense = 512 * 512 + 512 + 512 * 512 + 512
        to_rgb = 512 * 3 + 3 + 512 * 512 + 512
        trained = mapping + fourier + embedding + first + 14 * dense
        trained += 7 * to_rgb
        self.assertEqual(trained, 45_911_061)
        mean_style = 512
        self.assertEqual(generator.count_params() + small, trained + mean_style)
        self.assertEqual(generator.num_layers, 15)
        self.assertEqual(generator.resolution, 256)
        self.assertEqual(generator.alignment, "corner")

    def test_bfloat16_keeps_coordinates_and_colours_in_float32(self):
        # Sines that change visibly from one column of 1024 to the next.
        kwargs = {"fourier_scale": 200.0, "embedding_channels": 0}
        generator = small(**kwargs, dtype="mixed_bfloat16")
        coords = flat_grid(1, 1024)
        outputs = generator(self.latents, coords)
        self.assertEqual(outputs.dtype, "float32")
        features = testing.to_numpy(generator.fourier(coords))[0]
        changes = np.max(np.abs(features[1:] - features[:-1]), axis=-1)
        self.assertGreater(np.min(changes), 0.0)
        exact = small(**kwargs)
        for target, source in zip(exact.weights, generator.weights):
            target.assign(source)
        expected = exact(self.latents, coords)
        error = np.mean(np.abs(outputs - expected))
        rounded = tf.cast(tf.cast(coords, "bfloat16"), "float32")
        blurred = exact(self.latents, rounded)
        self.assertLess(error, 0.3 * np.mean(np.abs(blurred - expected)))

    @pytest.mark.slow
    def test_keras_file(self):
        folder = self.temporary_folder()
        policies = ("float32", "mixed_bfloat16")
        pairs = itertools.product(VARIANTS.values(), policies)
        for i, (kwargs, policy) in enumerate(pairs):
            with self.subTest(policy=policy, **kwargs):
                generator = small(noise=True, dtype=policy, **kwargs)
                path = folder / f"{i}.keras"
                generator.save(path)
                loaded = keras.models.load_model(path, safe_mode=True)
                self.assertIsInstance(loaded, CIPSGenerator)
                self.assertEqual(loaded.get_config(), generator.get_config())
                self.assertEqual(loaded.dtype_policy.name, policy)
                self.assertAllEqual(
                    loaded(self.latents, self.coords, truncation=0.7),
                    generator(self.latents, self.coords, truncation=0.7),
                )

    @pytest.mark.slow
    def test_rematerialized_gradients_equal_plain_ones(self):
        # Styles, which reach each part, must get theirs too.
        for rgb in ("skip", "residual"):
            results = []
            for remat in (False, True):
                keras.utils.set_random_seed(0)
                generator = small(rgb=rgb, noise=True, remat=remat)
                noise = [
                    tf.random.stateless_normal((2, 9, 1), (i, 1))
                    for i in range(generator.num_layers)
                ]
                coords = tf.random.stateless_uniform((1, 9, 2), (1, 2), -1, 1)
                results.append(self.gradients(generator, coords, noise))
            for plain, remade in zip(*results, strict=True):
                self.assertAllClose(remade, plain, 1e-6, 1e-6)

    def gradients(self, generator, coords, noise):
        latents = tf.random.stateless_normal((2, 6), (3, 4))
        for layer in [generator.first, *generator.dense]:
            layer.noise_strength.assign(0.3)

        @tf.function
        def run(latents):
            with tf.GradientTape() as tape:
                styles = generator.mapping(latents)
                rgb = generator.synthesis(styles, coords, noise, training=True)
                loss = tf.reduce_mean(tf.sin(rgb))
            variables = generator.trainable_variables
            return loss, *tape.gradient(loss, variables)

        return [testing.to_numpy(x) for x in run(latents)]

    def test_several_lattices(self):
        generator = small(embedding_size=[4, 8], resolution=16)
        self.assertEqual(
            [lv.sizes for lv in generator.embedding.levels], [(4, 4), (8, 8)]
        )
        self.assertEqual(generator.resolution, 16)
        self.assertEqual(small(embedding_size=[4, 8]).resolution, 8)
        config = json.loads(json.dumps(generator.get_config()))
        again = CIPSGenerator.from_config(config)
        self.assertEqual(again.count_params(), generator.count_params())

    def test_configuration_keeps_every_argument(self):
        arguments = {
            "latent_dim": 6,
            "style_dim": 5,
            "mapping_layers": 3,
            "mapping_lr_multiplier": 0.5,
            "width": [4, 3],
            "blocks": 2,
            "fourier_features": 7,
            "fourier_scale": 2.5,
            "embedding_channels": 4,
            "embedding_size": 8,
            "embedding_alignment": "center",
            "reference_training": True,
            "rgb": "residual",
            "noise": True,
            "remat": True,
            "channels": 1,
            "resolution": 32,
            "alignment": "corner",
            "class_names": ("a", "b"),
            "residual_weight": 0.1,
            "coord_dim": 2,
            "sample_rate": 8000,
            "name": "other",
        }
        parameters = inspect.signature(CIPSGenerator).parameters
        self.assertEqual(set(arguments) - {"name"}, set(parameters) - {"kwargs"})
        config = json.loads(json.dumps(CIPSGenerator(**arguments).get_config()))
        again = CIPSGenerator.from_config(config)
        for name, value in arguments.items():
            # Three axes have no `reference_training`.
            if name in parameters and name != "coord_dim":
                self.assertNotEqual(value, parameters[name].default, name)
            self.assertEqual(config[name], json.loads(json.dumps(value)))
            self.assertEqual(getattr(again, name), value)

    def test_colours_read_the_style_of_their_blocks_last_layer(self):
        for rgb, layers in (("skip", [2, 4]), ("residual", [4])):
            generator = small(rgb=rgb)
            for layer in [generator.first, *generator.dense]:
                layer.to_scale.kernel.assign(layer.to_scale.kernel * 0)
            styles = np.ones((1, 5, 5), "float32")
            expected = generator.synthesis(styles, self.coords)
            for i in range(5):
                changed = styles.copy()
                changed[:, i] = -1.0
                outputs = generator.synthesis(changed, self.coords)
                is_equal = np.max(np.abs(outputs - expected)) == 0
                self.assertEqual(is_equal, i not in layers, i)

    def test_configuration_of_the_trained_grid(self):
        generator = small(embedding_alignment="center")
        self.assertEqual(generator.resolution, 8)
        self.assertEqual(generator.alignment, "center")

    def test_compiled_with_unknown_sizes(self):
        generator = small()
        call = tf.function(
            generator,
            input_signature=[
                tf.TensorSpec((None, 6)),
                tf.TensorSpec((None, None, 2)),
            ],
        )
        expected = generator(self.latents, self.coords)
        self.assertAllClose(call(self.latents, self.coords), expected)
        expected = generator(self.latents[:2], self.coords[:1, :4])
        outputs = call(self.latents[:2], self.coords[:1, :4])
        self.assertAllClose(outputs, expected)

    def test_embedding_gradient_stays_sparse(self):
        for rgb in ("skip", "residual"):
            generator = small(embedding_size=16, rgb=rgb)
            coords = coordinates.patch([[3, 5]], 2, 16, 16)
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum(generator(self.latents, coords) ** 2)
            table = generator.embedding.table
            gradient = tape.gradient(loss, table.value)
            self.assertIsInstance(gradient, tf.IndexedSlices)
            dense = testing.to_numpy(gradient)
            rows = set(np.flatnonzero(np.any(dense, axis=-1)))
            self.assertEqual(rows, {53, 54, 69, 70})

    def test_errors(self):
        with self.assertRaisesRegex(ValueError, "`rgb`.*rgb='add'"):
            small(rgb="add")
        with self.assertRaisesRegex(ValueError, r"`width`.*\[8, 6\].*=3"):
            small(blocks=3)
        for name, value in (
            ("fourier_features", 0),
            ("fourier_scale", -1.0),
            ("mapping_layers", 0),
        ):
            with self.assertRaisesRegex(ValueError, f"`{name}`.*{name}={value}"):
                small(**{name: value})
        with self.assertRaisesRegex(ValueError, "`reference_training` .*8, 16"):
            small(embedding_size=(8, 16), reference_training=True)
        with self.assertRaisesRegex(ValueError, "`blocks`.*blocks=0"):
            small(width=8, blocks=0)
