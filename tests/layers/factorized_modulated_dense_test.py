import numpy as np
import pytest
import tensorflow as tf

from inr_keras.layers import FactorizedModulatedDense
from inr_keras.layers import factorized_modulated_dense
from tests import testing

MODULATIONS = factorized_modulated_dense.MODULATIONS


def slow_factorized_dense(layer, inputs, styles):
    """The paper's definition: a kernel for each image."""
    outputs = []
    factors = testing.to_numpy(layer.to_factors(styles)).astype("float64")
    kernel = layer.kernel.numpy().T.astype("float64")
    units, channels = kernel.shape
    for b, row in enumerate(factors):
        left = row[: units * layer.rank].reshape(units, layer.rank)
        right = row[units * layer.rank :].reshape(layer.rank, channels)
        modulation = left @ right / np.sqrt(layer.rank)
        if layer.modulation == "tanh":
            modulation = np.tanh(modulation)
        if layer.modulation == "sigmoid":
            modulation = 1 / (1 + np.exp(-modulation)) - 0.5
        changed = kernel * (1 + modulation)
        if layer.modulation == "demod":
            norm = np.linalg.norm(changed, axis=1, keepdims=True)
            changed = changed / (norm + 1e-8)
        x = inputs[b % len(inputs)] @ changed.T + layer.bias.numpy()
        if layer.activation:
            x = np.where(x > 0, x, 0.2 * x) * np.sqrt(2)
        outputs.append(x)
    return np.stack(outputs)


def forms(modulation):
    """In which a layer can be computed."""
    both = modulation in ("demod", "none")
    return ("kernel", "factors", "auto") if both else ("kernel", "auto")


class FactorizedModulatedDenseTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        rng = np.random.default_rng(0)
        self.inputs = rng.normal(size=(2, 6, 4)).astype("float32")
        self.styles = rng.normal(size=(2, 3)).astype("float32")

    def layer(self, **kwargs):
        layer = FactorizedModulatedDense(units=5, rank=3, **kwargs)
        layer.build((None, None, 4), (None, 3))
        layer.bias.assign(np.linspace(-1, 1, 5))
        return layer

    @pytest.mark.slow
    def test_layer_basics(self):
        for kwargs in (
            {},
            {"rank": 2, "form": "factors"},
            {"modulation": "tanh", "activation": None},
        ):
            self.run_layer_test(
                FactorizedModulatedDense,
                init_kwargs={"units": 5, **kwargs},
                inputs={"inputs": self.inputs, "styles": self.styles},
                expected_shape=(2, 6, 5),
            )

    def test_matches_one_kernel_per_image(self):
        for modulation in MODULATIONS:
            for form in forms(modulation):
                for activation in ("leaky_relu", None):
                    with self.subTest(modulation, form=form):
                        layer = self.layer(
                            modulation=modulation,
                            form=form,
                            activation=activation,
                        )
                        for inputs in (self.inputs, self.inputs[:1]):
                            self.assertAllClose(
                                layer(inputs, self.styles),
                                slow_factorized_dense(layer, inputs, self.styles),
                            )

    def test_points_are_independent(self):
        order = np.random.default_rng(1).permutation(6)
        for modulation in MODULATIONS:
            layer = self.layer(modulation=modulation)
            outputs = layer(self.inputs, self.styles).numpy()
            shuffled = layer(self.inputs[:, order], self.styles)
            self.assertAllClose(shuffled, outputs[:, order])

    def test_factors_make_no_kernel_of_an_image(self):
        # Sizes that no other tensor of the graph has.
        for modulation in ("demod", "none"):
            for form in ("kernel", "factors"):
                layer = FactorizedModulatedDense(
                    29, rank=2, modulation=modulation, form=form
                )
                function = tf.function(layer, autograph=False)
                graph = function.get_concrete_function(
                    tf.TensorSpec((7, 11, 31)), tf.TensorSpec((7, 3))
                ).graph
                sizes = {
                    tensor.shape.num_elements()
                    for operation in graph.get_operations()
                    for tensor in operation.outputs
                    if tensor.shape.rank is not None
                }
                self.assertEqual(7 * 29 * 31 in sizes, form == "kernel")

    def test_chooses_the_form_by_points(self):
        few = factorized_modulated_dense.FEW_POINTS
        for modulation in MODULATIONS:
            layer = self.layer(modulation=modulation)
            is_none = modulation == "none"
            self.assertEqual(layer._by_factors(few), is_none)
            self.assertFalse(layer._by_factors(few + 1))
            self.assertFalse(layer._by_factors(None))

    def test_a_modulation_of_zero(self):
        for modulation in MODULATIONS:
            for form in forms(modulation):
                layer = self.layer(modulation=modulation, form=form)
                layer.to_factors.kernel.assign(np.zeros(layer.to_factors.kernel.shape))
                kernel = layer.kernel.numpy()
                if modulation == "demod":
                    kernel = kernel / np.linalg.norm(kernel, axis=0)
                expected = self.inputs @ kernel + layer.bias.numpy()
                expected = np.where(expected > 0, expected, 0.2 * expected)
                self.assertAllClose(
                    layer(self.inputs, self.styles), expected * np.sqrt(2)
                )

    def test_finite_gradients_of_a_kernel_of_zeros(self):
        for form in forms("demod"):
            layer = self.layer(form=form)
            layer.kernel.assign(np.zeros((4, 5)))
            with tf.GradientTape() as tape:
                outputs = layer(self.inputs, self.styles)
                loss = tf.reduce_sum(tf.square(outputs))
            variables = layer.trainable_variables
            for gradient in tape.gradient(loss, variables):
                self.assertFinite(gradient)

    def test_variance_is_kept_at_the_start(self):
        rng = np.random.default_rng(2)
        inputs = rng.normal(size=(4, 200, 128)).astype("float32")
        styles = rng.normal(size=(4, 32)).astype("float32")
        for modulation in MODULATIONS:
            layer = FactorizedModulatedDense(
                256, modulation=modulation, activation=None
            )
            spread = np.std(layer(inputs, styles))
            # Without demodulation, 1 + M has the mean square 1 to 2.
            self.assertGreater(spread, 0.8)
            self.assertLess(spread, 1.6)

    def test_errors(self):
        for name, value in (
            ("units", 0),
            ("rank", 0),
            ("modulation", "film"),
            ("form", "fast"),
            ("activation", "relu"),
        ):
            kwargs = {"units": 5, name: value}
            with self.assertRaisesRegex(ValueError, f"`{name}`.*{value}"):
                FactorizedModulatedDense(**kwargs)
        with self.assertRaisesRegex(ValueError, "`form` .*'factors'.*'tanh'"):
            FactorizedModulatedDense(5, modulation="tanh", form="factors")


class ReferenceTest(testing.TestCase):
    """Numbers of INR-GAN's public code."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.arrays = testing.load_fixture("inr_gan_layers")
        cls.inputs = testing.points(cls.arrays["fmm/x"])
        cls.styles = cls.arrays["fmm/styles"]

    def layer(self, modulation, form, weight="weight"):
        layer = FactorizedModulatedDense(
            16, rank=10, modulation=modulation, activation=None, form=form
        )
        layer.build((None, None, 24), (None, 400))
        # Styles are the factors themselves.
        layer.to_factors.kernel.assign(np.eye(400) * np.sqrt(400))
        layer.kernel.assign(self.arrays[f"fmm/{weight}"][:, :, 0, 0].T)
        return layer

    def test_outputs(self):
        for modulation in MODULATIONS:
            for form in forms(modulation):
                layer = self.layer(modulation, form)
                expected = self.arrays[f"fmm/out_{modulation}"]
                self.assertMatchesReference(
                    layer(self.inputs, self.styles), testing.points(expected)
                )

    def test_tiny_weights(self):
        for form in forms("demod"):
            layer = self.layer("demod", form, "weight_tiny")
            expected = self.arrays["fmm/out_demod_weight_tiny"]
            self.assertMatchesReference(
                layer(self.inputs, self.styles), testing.points(expected)
            )

    def test_gradients(self):
        expected = {
            key: self.arrays[f"fmm/grad_cubic_demod_{key}"]
            for key in ("x", "weight", "styles")
        }
        for form in forms("demod"):
            layer = self.layer("demod", form)
            inputs = tf.constant(self.inputs)
            styles = tf.constant(self.styles)
            with tf.GradientTape() as tape:
                tape.watch([inputs, styles])
                loss = tf.reduce_sum(layer(inputs, styles) ** 3)
            x, weight, factors = tape.gradient(
                loss, [inputs, layer.kernel.value, styles]
            )
            self.assertMatchesReference(x, testing.points(expected["x"]))
            self.assertMatchesReference(weight, expected["weight"][:, :, 0, 0].T)
            self.assertMatchesReference(factors, expected["styles"])
