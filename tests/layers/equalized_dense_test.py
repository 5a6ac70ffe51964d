import numpy as np

from inr_keras.layers import EqualizedDense
from tests import testing


class EqualizedDenseTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        rng = np.random.default_rng(0)
        self.inputs = rng.normal(size=(2, 6, 4)).astype("float32")

    def test_layer_basics(self):
        self.run_layer_test(
            EqualizedDense,
            init_kwargs={
                "units": 5,
                "lr_multiplier": 0.5,
                "bias_value": 1.0,
                "activation": "leaky_relu",
            },
            inputs=self.inputs,
            expected_shape=(2, 6, 5),
        )
        self.run_layer_test(
            EqualizedDense,
            init_kwargs={"units": 5},
            inputs=self.inputs[:, 0],
            expected_shape=(2, 5),
        )

    def test_values(self):
        layer = EqualizedDense(3, lr_multiplier=0.01, activation="leaky_relu")
        layer.build((None, 4))
        layer.bias.assign([10.0, -20.0, 300.0])
        x = self.inputs @ (layer.kernel.numpy() * 0.01 / 2.0)
        x = x + np.array([0.1, -0.2, 3.0])
        expected = np.where(x > 0, x, 0.2 * x) * np.sqrt(2)
        self.assertAllClose(layer(self.inputs), expected)

    def test_bias_value_is_the_effective_one(self):
        layer = EqualizedDense(3, lr_multiplier=0.01, bias_value=0.7)
        outputs = layer(np.zeros((1, 4), "float32"))
        self.assertAllClose(outputs, np.full((1, 3), 0.7))

    def test_start_does_not_depend_on_the_learning_rate(self):
        inputs = np.random.default_rng(1).normal(size=(64, 128))
        for multiplier in (1.0, 0.01):
            layer = EqualizedDense(256, lr_multiplier=multiplier)
            outputs = layer(inputs.astype("float32"))
            variance = np.var(testing.to_numpy(outputs))
            self.assertAllClose(variance, 1.0, rtol=0.1)

    def test_errors(self):
        with self.assertRaisesRegex(ValueError, "`units`.*units=0"):
            EqualizedDense(0)
        with self.assertRaisesRegex(ValueError, "`lr_multiplier`.*=0"):
            EqualizedDense(4, lr_multiplier=0)
        with self.assertRaisesRegex(ValueError, "`activation`.*'tanh'"):
            EqualizedDense(4, activation="tanh")
        layer = EqualizedDense(4)
        layer(np.zeros((2, 3), "float32"))
        with self.assertRaisesRegex(ValueError, "axis -1 of input shape.*value 3"):
            layer(np.zeros((2, 5), "float32"))
