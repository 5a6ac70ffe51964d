import keras
import numpy as np

from inr_keras.layers import ModulatedConv2D
from inr_keras.layers import ModulatedDense
from tests import testing


class ModulatedConv2DTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        rng = np.random.default_rng(0)
        self.images = rng.normal(size=(2, 5, 6, 3)).astype("float32")
        self.styles = rng.normal(size=(2, 4)).astype("float32")

    def test_as_the_paper_writes_it(self):
        # One kernel for each image: scaled, demodulated, then a plain convolution.
        for demodulate in (True, False):
            layer = ModulatedConv2D(7, demodulate=demodulate, activation=None)
            outputs = layer(self.images, self.styles)
            scale = np.array(layer.to_scale(self.styles)) / np.sqrt(3 * 3 * 3)
            for image, s, output in zip(self.images, scale, outputs):
                kernel = np.array(layer.kernel) * s[:, None]
                if demodulate:
                    kernel /= np.sqrt(np.sum(kernel**2, axis=(0, 1, 2)) + 1e-8)
                padded = np.pad(image, ((1, 1), (1, 1), (0, 0)))
                for row, column in ((0, 0), (2, 3), (4, 5)):
                    window = padded[row : row + 3, column : column + 3]
                    expected = np.einsum("yxc,yxcf->f", window, kernel)
                    self.assertAllClose(output[row, column], expected, 1e-4, 1e-5)

    def test_of_one_pixel_it_is_a_modulated_dense(self):
        conv, dense = ModulatedConv2D(7, kernel_size=1), ModulatedDense(7)
        points = self.images.reshape(2, 30, 3)
        conv(self.images, self.styles), dense(points, self.styles)
        conv.bias.assign(np.arange(7.0) / 7)
        dense.set_weights(
            [
                np.reshape(weight, variable.shape)
                for variable, weight in zip(dense.weights, _in_order(conv, dense))
            ]
        )
        expected = np.array(dense(points, self.styles)).reshape(2, 5, 6, 7)
        self.assertAllClose(conv(self.images, self.styles), expected, 1e-4, 1e-5)

    def test_round_trip(self):
        layer = ModulatedConv2D(4, kernel_size=1, demodulate=False, activation=None)
        again = ModulatedConv2D.from_config(layer.get_config())
        self.assertEqual(again.get_config(), layer.get_config())
        self.assertEqual(layer.compute_output_shape((2, 5, 6, 3), None), (2, 5, 6, 4))

    def test_errors(self):
        for name in ("filters", "kernel_size"):
            with self.assertRaisesRegex(
                ValueError, f"`{name}` must be a positive integer.*=0"
            ):
                ModulatedConv2D(**{"filters": 1, name: 0})


def _in_order(source, target):
    """Weights of `source` in the order of the variables of `target`."""
    by_name = {
        v.path.partition("/")[2]: keras.ops.convert_to_numpy(v) for v in source.weights
    }
    return [by_name[v.path.partition("/")[2]] for v in target.weights]
