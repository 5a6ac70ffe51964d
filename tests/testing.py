"""What the tests share: the base class and the reference numbers."""

import inspect
import json
import pathlib
import re
import tempfile
import unittest

import keras
import numpy as np
import tensorflow as tf

FIXTURES = pathlib.Path(__file__).parent / "fixtures"
_HALF_POLICIES = ("mixed_bfloat16", "mixed_float16")


def load_fixture(name):
    """The arrays of `tests/fixtures/NAME.npz` as a dict."""
    with np.load(FIXTURES / f"{name}.npz") as arrays:
        return dict(arrays)


def to_numpy(value):
    """Tensors, variables and sparse gradients as numpy arrays.

    Half-precision numbers come back as float32.
    """
    if isinstance(value, tf.IndexedSlices):
        value = tf.convert_to_tensor(value)
    array = keras.ops.convert_to_numpy(value)
    is_half = array.dtype.name in ("bfloat16", "float16")
    return array.astype("float32") if is_half else array


def points(images):
    """`(N, C, H, W)` of PyTorch to `(N, H * W, C)`."""
    n, channels = images.shape[:2]
    return images.transpose(0, 2, 3, 1).reshape(n, -1, channels)


def channels_last(images):
    """`(N, C, H, W)` of PyTorch to `(N, H, W, C)`."""
    return images.transpose(0, 2, 3, 1)


class TestCase(unittest.TestCase):
    """A test case with array assertions and the checks of every layer."""

    def setUp(self):
        super().setUp()
        keras.utils.set_random_seed(0)

    def temporary_folder(self):
        """A folder that goes away with the test."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        return pathlib.Path(folder.name)

    def run_eagerly(self, value=True):
        """Without graphs, whose making takes longer than a few small steps."""
        tf.config.run_functions_eagerly(value)
        self.addCleanup(tf.config.run_functions_eagerly, False)

    def assertRefused(self, experiment, path, rule, value):
        """That an `Experiment` is refused in one line, for a field's value."""
        with self.assertRaises(ValueError) as caught:
            experiment.validate()
        message = str(caught.exception)
        self.assertNotIn("\n", message)
        start = re.escape(f"config.{path} must be ")
        end = re.escape(f". Received: {value!r}")
        self.assertRegex(message, f"^{start}.*{rule}.*{end}$")

    def assertAllClose(self, actual, expected, rtol=1e-5, atol=1e-5):
        np.testing.assert_allclose(
            to_numpy(actual), to_numpy(expected), rtol=rtol, atol=atol
        )

    def assertAllEqual(self, actual, expected):
        np.testing.assert_array_equal(to_numpy(actual), to_numpy(expected))

    def assertFinite(self, value, message=""):
        self.assertTrue(np.all(np.isfinite(to_numpy(value))), message)

    def assertMatchesReference(self, actual, reference, tolerance=1e-4):
        """max |a - b| <= tolerance * max |b|, for whole arrays."""
        actual, reference = to_numpy(actual), to_numpy(reference)
        self.assertEqual(actual.shape, reference.shape)
        error = np.max(np.abs(actual - reference))
        self.assertLessEqual(error, tolerance * np.max(np.abs(reference)))

    def run_layer_test(self, cls, init_kwargs, inputs, expected_shape, half_dtype=None):
        """Checks what every layer must do.

        Output shape, a configuration that building and JSON leave alone,
        symbolic calls, `.keras` files, finite gradients, half precision.

        Args:
            cls: Layer class.
            init_kwargs: dict. Constructor arguments.
            inputs: Array, or dict of arrays by the name of `call`'s argument.
            expected_shape: tuple. Of the output for `inputs`.
            half_dtype: str or `None`. The output's type under a mixed policy;
                `None`: the policy's compute type.

        Returns:
            The layer, built and called on `inputs`.
        """
        layer = cls(**init_kwargs)
        config = json.dumps(layer.get_config(), sort_keys=True)
        outputs = _call(layer, inputs)
        self.assertEqual(tuple(outputs.shape), tuple(expected_shape))
        self.assertEqual(outputs.dtype, "float32")
        self.assertFinite(outputs)
        after = json.dumps(layer.get_config(), sort_keys=True)
        self.assertEqual(after, config, "Building changed the configuration.")
        again = cls.from_config(json.loads(config)).get_config()
        self.assertEqual(json.dumps(again, sort_keys=True), config)
        self._check_arguments(cls, init_kwargs, layer)
        # `summary` passes `compute_output_shape` the arguments of `build` by name.
        if "compute_output_shape" in vars(cls):
            taken = inspect.signature(layer.compute_output_shape).parameters
            self.assertLessEqual(
                set(inspect.signature(layer.build).parameters), {*taken}
            )

        self._check_reload(layer, inputs, outputs)
        self._check_gradients(layer, inputs)
        for policy in _HALF_POLICIES:
            half = cls(**init_kwargs, dtype=policy)
            half_outputs = _call(half, inputs)
            self.assertEqual(half_outputs.dtype, half_dtype or half.compute_dtype)
            self.assertEqual(tuple(half_outputs.shape), tuple(expected_shape))
            self.assertFinite(half_outputs, policy)
            for variable in half.variables:
                self.assertEqual(variable.dtype, "float32", policy)
        return layer

    def _check_arguments(self, cls, init_kwargs, layer):
        """Each argument is an attribute and part of the configuration."""
        config = layer.get_config()
        for name, parameter in inspect.signature(cls).parameters.items():
            if parameter.kind is parameter.VAR_KEYWORD:
                continue
            self.assertIn(name, config)
            # Keras takes `layers` for a list of layers.
            attribute = "num_layers" if name == "layers" else name
            self.assertEqual(config[name], getattr(layer, attribute), name)
        for name, value in init_kwargs.items():
            self.assertEqual(config[name], value, name)

    def _check_reload(self, layer, inputs, outputs):
        def symbol(name, array):
            return keras.Input(array.shape[1:], dtype=array.dtype, name=name)

        if isinstance(inputs, dict):
            symbols = {name: symbol(name, a) for name, a in inputs.items()}
        else:
            symbols = symbol("inputs", inputs)
        result = _call(layer, symbols)
        self.assertEqual(result.shape, (None, *outputs.shape[1:]))
        model = keras.Model(symbols, result)
        path = self.temporary_folder() / "model.keras"
        model.save(path)
        self.assertAllEqual(keras.models.load_model(path)(inputs), outputs)

    def _check_gradients(self, layer, inputs):
        inputs = tf.nest.map_structure(tf.convert_to_tensor, inputs)
        sources = [
            *[v.value for v in layer.trainable_variables],
            # Labels have no gradient.
            *[x for x in tf.nest.flatten(inputs) if x.dtype.is_floating],
        ]
        with tf.GradientTape() as tape:
            tape.watch(sources)
            loss = tf.reduce_sum(tf.square(_call(layer, inputs)))
        for source, gradient in zip(sources, tape.gradient(loss, sources)):
            self.assertIsNotNone(gradient, source)
            self.assertFinite(gradient, source)


def _call(layer, inputs):
    return layer(**inputs) if isinstance(inputs, dict) else layer(inputs)
