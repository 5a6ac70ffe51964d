import numpy as np
import pytest
import tensorflow as tf

from inr_keras.layers import image_products
from tests import testing


def slow_leaky_products(inputs, kernels, bias):
    x = tf.matmul(inputs, kernels) + bias
    return tf.maximum(x, 0.2 * x)


def operations_that_run(function, arguments):
    """Types of the operations of a call's graph after TensorFlow's optimizations."""
    options = tf.compat.v1.RunOptions(output_partition_graphs=True)
    metadata = tf.compat.v1.RunMetadata()
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        inputs = [tf.compat.v1.placeholder(a.dtype, a.shape) for a in arguments]
        fed = dict(zip(inputs, arguments, strict=True))
        session.run(function(*inputs), fed, options, metadata)
    return [node.op for graph in metadata.partition_graphs for node in graph.node]


class ImageProductsTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        random = np.random.default_rng(0)

        def draw(*shape):
            return random.normal(size=shape).astype("float32")

        self.inputs, self.kernels = draw(2, 6, 4), draw(2, 4, 5)
        self.bias, self.weights = draw(5), draw(2, 6, 5)
        least = image_products.LEAST_MULTIPLICATIONS
        self.addCleanup(setattr, image_products, "LEAST_MULTIPLICATIONS", least)

    def results(self, function, inputs, again=False, graph=True):
        """Outputs and gradients, or the gradients of the gradients' squares."""
        arguments = [tf.constant(a) for a in (inputs, self.kernels, self.bias)]

        def run(*arguments):
            with tf.GradientTape() as outer:
                outer.watch(arguments)
                with tf.GradientTape() as tape:
                    tape.watch(arguments)
                    outputs = function(*arguments)
                    total = tf.reduce_sum(tf.sin(outputs) * self.weights)
                gradients = tape.gradient(total, arguments)
                squares = sum(tf.reduce_sum(tf.square(g)) for g in gradients)
            if again:
                return outer.gradient(squares, arguments)
            return [outputs, *gradients]

        return (tf.function(run) if graph else run)(*arguments)

    @pytest.mark.slow
    def test_both_ways_equal_the_definition(self):
        for least in (0, 1 << 40):
            image_products.LEAST_MULTIPLICATIONS = least
            used = image_products.uses_convolutions(6, *self.kernels.shape)
            self.assertEqual(used, least == 0)
            for inputs in (self.inputs, self.inputs[:1]):
                for again, graph in ((False, True), (True, True), (True, False)):
                    actual, expected = (
                        self.results(function, inputs, again, graph)
                        for function in (
                            image_products.leaky_products,
                            slow_leaky_products,
                        )
                    )
                    for a, b in zip(actual, expected, strict=True):
                        self.assertAllClose(a, b, 1e-5, 1e-5)

    @pytest.mark.slow
    def test_bfloat16_is_as_close_as_bfloat16_can_be(self):
        image_products.LEAST_MULTIPLICATIONS = 0
        expected = self.results(slow_leaky_products, self.inputs)

        def half(*arguments):
            arguments = [tf.cast(a, "bfloat16") for a in arguments]
            return tf.cast(image_products.leaky_products(*arguments), "float32")

        for a, b in zip(self.results(half, self.inputs), expected, strict=True):
            error = np.max(np.abs(a - b)) / np.max(np.abs(b))
            self.assertLess(error, 0.03)

    def test_one_operation_an_image_that_gradients_do_not_prevent(self):
        image_products.LEAST_MULTIPLICATIONS = 0

        def gradients(*arguments):
            with tf.GradientTape() as tape:
                tape.watch(arguments)
                total = tf.reduce_sum(image_products.leaky_products(*arguments))
            return total, tape.gradient(total, arguments)

        arguments = [self.inputs, self.kernels, self.bias]
        for function in (image_products.leaky_products, gradients):
            found = operations_that_run(function, arguments)
            fused = [name for name in found if "FusedConv2D" in name]
            self.assertEqual(len(fused), 2, found)
            self.assertFalse({"LeakyRelu", "BiasAdd", "Conv2D"} & set(found), found)

    def test_batches_that_are_unknown_or_of_the_inputs_alone(self):
        image_products.LEAST_MULTIPLICATIONS = 0
        unknown = tf.function(
            image_products.leaky_products,
            [
                tf.TensorSpec((None, 6, 4)),
                tf.TensorSpec((2, 4, 5)),
                tf.TensorSpec((5,)),
            ],
        )
        for function, kernels in (
            (unknown, self.kernels),
            (image_products.leaky_products, self.kernels[:1]),
        ):
            arguments = [tf.constant(a) for a in (self.inputs, kernels, self.bias)]
            self.assertAllClose(
                function(*arguments), slow_leaky_products(*arguments), 1e-5, 1e-5
            )

    def test_rule(self):
        rule = image_products.uses_convolutions
        self.assertTrue(rule(4096, 2, 512, 512))
        self.assertFalse(rule(256, 8, 96, 96))  # The demo's.
        self.assertFalse(rule(None, 2, 512, 512))
        self.assertFalse(rule(4096, None, 512, 512))
