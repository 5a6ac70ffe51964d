import numpy as np

from inr_keras.layers import activations
from tests import testing


class ActivationsTest(testing.TestCase):
    def test_values(self):
        inputs = np.array([-2.0, -0.5, 0.0, 1.0, 3.0], "float32")
        outputs = activations.scaled_leaky_relu(inputs)
        expected = np.array([-0.4, -0.1, 0.0, 1.0, 3.0]) * np.sqrt(2.0)
        self.assertAllClose(outputs, expected)

    def test_gain_keeps_the_second_moment_of_normal_inputs(self):
        # E[lrelu(v)^2] = (1 + 0.2^2) / 2 for a standard normal v.
        inputs = np.random.default_rng(0).normal(size=200_000)
        outputs = activations.scaled_leaky_relu(inputs.astype("float32"))
        moment = np.mean(np.square(testing.to_numpy(outputs)))
        self.assertAllClose(moment, 1.04, rtol=0.02)

    def test_check_activation(self):
        activations.check_activation(None)
        activations.check_activation("leaky_relu")
        with self.assertRaisesRegex(ValueError, "`activation`.*'relu'"):
            activations.check_activation("relu")
