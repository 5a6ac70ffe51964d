import numpy as np

from inr_keras.layers import EqualizedConv
from tests import testing


def slow_conv(images, kernel, stride, padding):
    """Cross-correlation, one output pixel at a time."""
    size = kernel.shape[0]
    if padding == "same":  # For odd kernels and a stride of 1.
        pad = (size // 2, size // 2)
        images = np.pad(images, ((0, 0), pad, pad, (0, 0)))
    rows = range(0, images.shape[1] - size + 1, stride)
    columns = range(0, images.shape[2] - size + 1, stride)
    outputs = np.zeros((images.shape[0], len(rows), len(columns), kernel.shape[3]))
    for i, row in enumerate(rows):
        for j, column in enumerate(columns):
            window = images[:, row : row + size, column : column + size]
            outputs[:, i, j] = np.einsum("nhwi,hwio->no", window, kernel)
    return outputs


class EqualizedConvTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        rng = np.random.default_rng(0)
        self.inputs = rng.normal(size=(2, 5, 7, 3)).astype("float32")

    def test_layer_basics(self):
        self.run_layer_test(
            EqualizedConv,
            init_kwargs={"filters": 4, "kernel_size": 3},
            inputs=self.inputs,
            expected_shape=(2, 5, 7, 4),
        )
        self.run_layer_test(
            EqualizedConv,
            init_kwargs={
                "filters": 4,
                "kernel_size": 3,
                "strides": 2,
                "padding": "valid",
                "use_bias": False,
                "activation": None,
            },
            inputs=self.inputs,
            expected_shape=(2, 2, 3, 4),
        )

    def test_matches_a_slow_convolution(self):
        for size, stride, padding in (
            (3, 1, "same"),
            (3, 2, "valid"),
            (1, 1, "same"),
            (1, 2, "valid"),
        ):
            with self.subTest(size=size, stride=stride, padding=padding):
                layer = EqualizedConv(4, size, stride, padding, activation=None)
                layer.build(self.inputs.shape)
                layer.bias.assign([0.1, -0.2, 0.3, 0.5])
                kernel = layer.kernel.numpy() / np.sqrt(size * size * 3)
                expected = slow_conv(self.inputs, kernel, stride, padding)
                self.assertAllClose(
                    layer(self.inputs), expected + [0.1, -0.2, 0.3, 0.5]
                )

    def test_activation_follows_the_bias(self):
        layer = EqualizedConv(1, 1)
        layer.build((None, 1, 1, 1))
        layer.kernel.assign(np.ones((1, 1, 1, 1)))
        layer.bias.assign([-3.0])
        outputs = layer(np.ones((1, 1, 1, 1), "float32"))
        self.assertAllClose(outputs, [[[[-2 * 0.2 * np.sqrt(2)]]]])

    def test_variance_at_the_start_is_one(self):
        rng = np.random.default_rng(1)
        inputs = rng.normal(size=(2, 12, 12, 32)).astype("float32")
        layer = EqualizedConv(64, 3, padding="valid", activation=None)
        variance = np.var(testing.to_numpy(layer(inputs)))
        self.assertAllClose(variance, 1.0, rtol=0.1)

    def test_errors(self):
        with self.assertRaisesRegex(ValueError, "`filters`.*filters=0"):
            EqualizedConv(0, 3)
        with self.assertRaisesRegex(ValueError, "`activation`.*'relu'"):
            EqualizedConv(4, 3, activation="relu")
        with self.assertRaisesRegex(ValueError, "`padding`.*'full'"):
            EqualizedConv(4, 3, padding="full")
        with self.assertRaisesRegex(ValueError, r"`kernel_size`.*\(3, 3\)"):
            EqualizedConv(4, (3, 3))
        layer = EqualizedConv(4, 3)
        layer(np.zeros((1, 4, 4, 3), "float32"))
        with self.assertRaisesRegex(ValueError, "axis -1 of input shape.*value 3"):
            layer(np.zeros((1, 4, 4, 2), "float32"))
