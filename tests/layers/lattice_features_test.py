import numpy as np
import tensorflow as tf

from inr_keras import coordinates
from inr_keras.layers import LatticeFeatures
from inr_keras.layers.lattice_features import edge_coordinates
from inr_keras.layers.lattice_features import side_by_side
from tests import testing

SMALL = {
    "resolution": 8,
    "random": 2,
    "shared": 3,
    "predicted": 2,
    "scale": 1.5,
    "raw": True,
    "constants": 4,
}


class LatticeFeaturesTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        rng = np.random.default_rng(0)
        self.coords = rng.uniform(-1.2, 1.2, (2, 6, 2)).astype("float32")
        self.styles = rng.normal(size=(2, 3)).astype("float32")

    def test_layer_basics(self):
        self.run_layer_test(
            LatticeFeatures,
            init_kwargs=SMALL,
            inputs={"coords": self.coords, "styles": self.styles},
            expected_shape=(2, 6, 2 + 2 * (12 + 7) + 4),
        )

    def test_number_of_features(self):
        for kwargs in (
            SMALL,
            {"resolution": 8},
            {"resolution": 8, "cosine": False, "diagonals": False},
            {"resolution": 8, "logarithmic": False, "shared": 5},
        ):
            layer = LatticeFeatures(**kwargs)
            outputs = layer(self.coords, self.styles)
            self.assertEqual(outputs.shape[-1], layer.features)

    def test_coordinates_of_the_reference(self):
        arrays = testing.load_fixture("inr_gan_layers")
        edges = edge_coordinates(coordinates.grid(8, 8, 1, "center"), 8)
        expected = testing.points(arrays["coords/generate_coords_8"])
        self.assertAllClose(np.reshape(edges, (1, 64, 2)), expected)

    def test_values_of_the_reference(self):
        arrays = testing.load_fixture("inr_gan_layers")
        coords = coordinates.grid(8, 8, 1, "center")
        coords = np.reshape(coords, (1, 64, 2))
        for name, kwargs in {
            "full": {"random": 5, "shared": 4},
            "sine_only": {"diagonals": False, "random": 5, "cosine": False},
            "predictable_raw": {
                "shared": 4,
                "predicted": 5,
                "scale": 2.0,
                "raw": True,
            },
        }.items():
            with self.subTest(name):
                layer = LatticeFeatures(8, constants=6, **kwargs)
                layer.build((None, None, 2), (None, 6))
                for basis in layer.bases[1:]:
                    key = f"fuser_{name}/param/{basis.name}_basis"
                    if basis.name == "predicted":
                        affine = f"fuser_{name}/param/affine"
                        basis.to_waves.kernel.assign(arrays[f"{affine}.weight"].T)
                        basis.to_waves.bias.assign(arrays[f"{affine}.bias"])
                    else:
                        basis.kernel.assign(arrays[key].T)
                table = arrays[f"fuser_{name}/param/const_embs"]
                layer.embedding.table.assign(testing.points(table)[0])
                outputs = layer(coords, arrays.get(f"fuser_{name}/w"))
                # The first three channels of the reference are its input's.
                expected = testing.points(arrays[f"fuser_{name}/out"])[..., 3:]
                outputs = np.broadcast_to(outputs, expected.shape)
                self.assertMatchesReference(outputs, expected)

    def test_half_precision_tells_neighbouring_pixels_apart(self):
        layer = LatticeFeatures(1024, dtype="mixed_bfloat16")
        coords = np.reshape(coordinates.grid(1, 1024, 1, "center"), (1, -1, 2))
        outputs = testing.to_numpy(layer(coords))[0]
        changes = np.max(np.abs(outputs[1:] - outputs[:-1]), axis=-1)
        self.assertGreater(np.min(changes), 0.5)

    def test_side_by_side(self):
        one, two = np.ones((1, 6, 2), "float32"), np.zeros((2, 6, 3), "float32")
        shapes = []

        @tf.function
        def join(one, two):
            # A size that is known stays so; JAX compiles no other ones.
            shapes.append(side_by_side([one, two]).shape)
            return side_by_side([one, two])

        expected = np.concatenate([np.ones((2, 6, 2)), two], axis=-1)
        self.assertAllEqual(join(one, two), expected)
        self.assertEqual(shapes, [(2, 6, 5)])
        unknown = tf.TensorSpec((None, 6, None))
        joined = join.get_concrete_function(unknown, unknown)
        self.assertAllEqual(joined(tf.constant(one), tf.constant(two)), expected)

    def test_errors(self):
        with self.assertRaisesRegex(ValueError, "or `predicted` above 0"):
            LatticeFeatures(8, logarithmic=False)
