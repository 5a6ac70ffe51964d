import keras
import numpy as np
import tensorflow as tf

from inr_keras.benchmarks import pure_functions
from tests import testing


class PureFunctionsTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.layer = keras.layers.Dense(2)
        self.layer.build((None, 3))
        self.x = tf.constant(np.arange(6.0).reshape(2, 3).astype("float32"))
        self.call = pure_functions.pure(self.layer, self.layer.trainable_variables)
        self.values = pure_functions.values_of(self.layer.trainable_variables)

    def test_values_in_place_of_variables(self):
        self.assertAllClose(self.call(self.values, self.x), self.layer(self.x))
        twice = [2.0 * value for value in self.values]
        compiled = pure_functions.compiled(self.call)
        self.assertAllClose(compiled(twice, self.x), 2.0 * self.layer(self.x))

    def test_gradients(self):
        def total(values, x):
            return tf.reduce_sum(self.call(values, x))

        kernel, bias = pure_functions.gradient(total)(self.values, self.x)
        expected = np.repeat(np.sum(self.x, axis=0)[:, None], 2, axis=1)
        self.assertAllClose(kernel, expected)
        self.assertAllClose(bias, [2.0, 2.0])

    def test_on_the_cpu(self):
        found = pure_functions.on_cpu(self.call, self.values, self.x)
        self.assertAllClose(found, self.layer(self.x))

    def test_precision_is_put_back(self):
        enabled = tf.config.experimental.tensor_float_32_execution_enabled
        before = enabled()
        with pure_functions.precision(pure_functions.FLOAT32):
            self.assertFalse(enabled())
            with pure_functions.precision(pure_functions.TF32):
                self.assertTrue(enabled())
        self.assertEqual(enabled(), before)

    def test_largest_error(self):
        found = [tf.constant([1.0, 4.0]), tf.constant(0.0)]
        expected = [tf.constant([1.0, 5.0]), tf.constant(0.0)]
        error = pure_functions.largest_error(found, expected)
        self.assertAlmostEqual(error, 0.2)
