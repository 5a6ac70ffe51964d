import numpy as np
import tensorflow as tf

from inr_keras.layers.external_dense import PARAMETRIZATIONS
from inr_keras.layers.external_dense import external_dense
from tests import testing

# Layers that the authors' archived code has, by the names of its classes.
REFERENCES = {
    "linear": "INRLinear",
    "se_linear": "INRSELinear",
    "mfilm_scaled": "INRmFiLM",
    "factorized": "INRFactorizedLinear",
    "factorized_se": "INRFactorizedSELinear",
    "adain": "INRSharedLinear_INRAdaIN",
}
# The slides' counts for n = 12 and rank 4.
COUNTS = {
    "linear": 12 * 12 + 12,
    "se_linear": 12 * 12 + 12,
    "mfilm": 3 * 12,
    "mfilm_no_norm": 3 * 12,
    "mfilm_scaled": 3 * 12,
    "factorized": 2 * 12 * 4 + 12,
    "factorized_se": 2 * 12 * 4 + 12,
    "adain": 2 * 12,
    "shared": 0,
    "se_linear_unscaled": 12 * 12 + 12,
}


def layer_and_params(name, units=5, channels=4, batch=2, rank=3):
    layer = external_dense(name, units, rank)
    shape = (batch, layer.num_external(channels))
    params = np.random.default_rng(1).normal(size=shape).astype("float32")
    return layer, params


class ExternalDenseTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        rng = np.random.default_rng(0)
        self.inputs = rng.normal(size=(2, 6, 4)).astype("float32")

    def test_layer_basics(self):
        for name, cls in PARAMETRIZATIONS.items():
            if name == "shared":  # Its vectors are empty.
                continue
            layer, params = layer_and_params(name)
            kwargs = {"units": 5, "weight_std": 0.5, "bias_std": 0.25}
            if hasattr(layer, "rank"):
                kwargs["rank"] = 3
            with self.subTest(name):
                self.run_layer_test(
                    cls,
                    init_kwargs=kwargs,
                    inputs={"inputs": self.inputs, "params": params},
                    expected_shape=(2, 6, 5),
                )

    def test_counts_of_the_slides(self):
        self.assertEqual(set(COUNTS), set(PARAMETRIZATIONS))
        for name, count in COUNTS.items():
            layer = external_dense(name, 12, rank=4)
            self.assertEqual(layer.num_external(12), count, name)
        self.assertEqual(external_dense("factorized", 12).rank, 10)

    def test_images_may_share_inputs(self):
        for name in PARAMETRIZATIONS:
            layer, params = layer_and_params(name)
            outputs = layer(self.inputs[:1], params)
            both = layer(self.inputs[[0, 0]], params)
            self.assertAllClose(outputs + 0.0 * both, both)

    def test_points_are_independent(self):
        for name in PARAMETRIZATIONS:
            layer, params = layer_and_params(name)
            part = layer(self.inputs[:, 2:3], params)
            self.assertAllClose(part, layer(self.inputs, params).numpy()[:, 2:3])

    def test_images_differ_by_their_vectors_alone(self):
        for name in set(PARAMETRIZATIONS) - {"shared"}:
            layer, params = layer_and_params(name)
            outputs = layer(self.inputs[[0, 0]], params).numpy()
            self.assertGreater(np.abs(outputs[0] - outputs[1]).max(), 0.01)
            swapped = layer(self.inputs[[0, 0]], params[::-1]).numpy()
            self.assertAllClose(swapped, outputs[::-1])

    def test_shared(self):
        layer, params = layer_and_params("shared")
        outputs = layer(self.inputs, params)
        std = np.sqrt(2 / 4)
        expected = self.inputs @ layer.kernel.numpy() * std
        expected += layer.bias.numpy() * std / 5
        self.assertAllClose(outputs, expected)

    def test_unscaled_gates(self):
        # Those of scaled gates, of vectors that undo the scales sqrt(2 / 4) and 1 / 5.
        layer, params = layer_and_params("se_linear_unscaled")
        outputs = layer(self.inputs, params)
        scaled = external_dense("se_linear", 5)
        scaled.build(self.inputs.shape, params.shape)
        scaled.set_weights(layer.get_weights())
        undone = np.concatenate([params[:, :20], 5 * params[:, 20:]], 1) / np.sqrt(0.5)
        self.assertAllClose(scaled(self.inputs, undone), outputs)

    def test_mfilm_normalizes_rows(self):
        layer, params = layer_and_params("mfilm")
        outputs = layer(self.inputs, params)
        kernel = layer.kernel.numpy().T  # (units, inputs)
        rows = kernel - kernel.mean(axis=1, keepdims=True)
        rows /= kernel.std(axis=1, keepdims=True)
        self._check_film(layer, params, outputs, rows)

    def test_mfilm_without_normalization(self):
        layer, params = layer_and_params("mfilm_no_norm")
        outputs = layer(self.inputs, params)
        self._check_film(layer, params, outputs, layer.kernel.numpy().T)

    def test_a_tenth_scales_mfilm(self):
        layer, params = layer_and_params("mfilm_scaled")
        outputs = layer(self.inputs, params)
        rows = layer.kernel.numpy().T
        self._check_film(layer, params / 10, outputs, rows)

    def _check_film(self, layer, params, outputs, rows):
        std = np.sqrt(2 / 4)
        g, h, c = params.reshape(2, 3, 5).transpose(1, 0, 2)
        for b in range(2):
            weights = std * (rows * (1 + g[b, :, None]) + h[b, :, None])
            bias = std / 5 * (layer.bias.numpy() + c[b])
            self.assertAllClose(outputs[b], self.inputs[b] @ weights.T + bias)

    def test_vectors_start_layers_at_about_their_deviation(self):
        rng = np.random.default_rng(2)
        inputs = np.abs(rng.normal(size=(64, 8, 64))).astype("float32")
        for name in set(PARAMETRIZATIONS) - {"shared"}:
            layer = external_dense(name, 64)
            shape = (64, layer.num_external(64))
            params = layer.external_std * rng.normal(size=shape)
            std = np.std(layer(inputs, params.astype("float32")))
            # sqrt(2) for inputs of unit power, and up to as much again.
            self.assertGreater(std, 1.2, name)
            self.assertLess(std, 2.3, name)

    def test_errors(self):
        for name in PARAMETRIZATIONS:
            with self.assertRaisesRegex(ValueError, "units"):
                external_dense(name, 0)
        with self.assertRaisesRegex(ValueError, "rank"):
            external_dense("factorized", 4, rank=0)
        with self.assertRaisesRegex(ValueError, "parametrization='no'"):
            external_dense("no", 4)
        with self.assertRaisesRegex(ValueError, "25 numbers"):
            external_dense("linear", 5)(self.inputs, self.inputs[:, 0])


class ReferenceTest(testing.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.arrays = testing.load_fixture("external_dense")

    def test_square_layers(self):
        for name, reference in REFERENCES.items():
            with self.subTest(name):
                self._check(name, f"square/{reference}")

    def test_rectangular_layers(self):
        for name, reference in REFERENCES.items():
            if name == "factorized":  # Fails in the reference.
                reference += "_corrected"
            with self.subTest(name):
                self._check(name, f"rect/{reference}")

    def _check(self, name, prefix):
        array = {
            key[len(prefix) + 1 :]: value
            for key, value in self.arrays.items()
            if key.startswith(f"{prefix}/")
        }
        inputs = tf.constant(array["x"].transpose(0, 2, 1))
        params = tf.constant(array["params"])
        layer = external_dense(name, array["out"].shape[1], rank=4)
        layer.build(inputs.shape, params.shape)
        self.assertEqual(
            layer.num_external(inputs.shape[-1]), array["num_external_params"]
        )
        shared = [array[k] for k in ("shared/weight", "shared/bias") if k in array]
        self.assertEqual(len(layer.weights), len(shared))
        for variable, value in zip(layer.weights, shared):
            variable.assign(value.T)
        with tf.GradientTape() as tape:
            tape.watch([inputs, params])
            outputs = layer(inputs, params)
            loss = tf.reduce_sum(tf.square(outputs))
        grad_x, grad_params = tape.gradient(loss, [inputs, params])
        self.assertMatchesReference(outputs, array["out"].transpose(0, 2, 1), 1e-5)
        if "grad_x" in array:
            self.assertMatchesReference(
                grad_x, array["grad_x"].transpose(0, 2, 1), 1e-5
            )
            self.assertMatchesReference(grad_params, array["grad_params"], 1e-5)
