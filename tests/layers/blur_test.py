import numpy as np

from inr_keras.layers import Blur
from tests import testing


def slow_blur(images, padding, stride):
    taps = np.array([1.0, 3.0, 3.0, 1.0]) / 8.0
    kernel = taps[:, None] * taps[None, :]
    pad = (padding, padding)
    images = np.pad(images, ((0, 0), pad, pad, (0, 0)))
    rows = range(0, images.shape[1] - 3, stride)
    columns = range(0, images.shape[2] - 3, stride)
    outputs = np.zeros((images.shape[0], len(rows), len(columns), images.shape[3]))
    for i, row in enumerate(rows):
        for j, column in enumerate(columns):
            window = images[:, row : row + 4, column : column + 4]
            outputs[:, i, j] = np.einsum("nhwc,hw->nc", window, kernel)
    return outputs


class BlurTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        rng = np.random.default_rng(0)
        self.inputs = rng.normal(size=(2, 6, 8, 3)).astype("float32")

    def test_layer_basics(self):
        self.run_layer_test(
            Blur,
            init_kwargs={"padding": 2},
            inputs=self.inputs,
            expected_shape=(2, 7, 9, 3),
        )
        self.run_layer_test(
            Blur,
            init_kwargs={"padding": 1, "stride": 2},
            inputs=self.inputs,
            expected_shape=(2, 3, 4, 3),
        )

    def test_matches_a_slow_convolution(self):
        for padding, stride in ((0, 1), (1, 1), (1, 2), (2, 1), (2, 2)):
            with self.subTest(padding=padding, stride=stride):
                self.assertAllClose(
                    Blur(padding, stride)(self.inputs),
                    slow_blur(self.inputs, padding, stride),
                )

    def test_a_flat_image_stays_flat_away_from_borders(self):
        outputs = Blur(padding=2)(np.full((1, 8, 8, 2), 0.7, "float32"))
        self.assertAllClose(outputs[:, 2:-2, 2:-2], np.full((1, 5, 5, 2), 0.7))

    def test_channels_do_not_mix(self):
        inputs = self.inputs.copy()
        inputs[..., 0] = 0.0
        outputs = testing.to_numpy(Blur(padding=1)(inputs))
        self.assertAllEqual(outputs[..., 0], np.zeros((2, 5, 7)))
        self.assertAllEqual(outputs[..., 1:], Blur(padding=1)(self.inputs)[..., 1:])

    def test_errors(self):
        with self.assertRaisesRegex(ValueError, "`padding`.*padding=-1"):
            Blur(padding=-1)
        with self.assertRaisesRegex(ValueError, "`stride`.*stride=0"):
            Blur(padding=1, stride=0)
        with self.assertRaisesRegex(ValueError, "min_ndim=3, found ndim=2"):
            Blur(padding=1)(np.zeros((2, 8), "float32"))

    def test_sides_that_are_not_known(self):
        shape = Blur(1, 2).compute_output_shape((None, None, 8, 3))
        self.assertEqual(shape, (None, None, 4, 3))

    def test_other_numbers_of_axes(self):
        taps = np.array([1, 3, 3, 1]) / 8
        rng = np.random.default_rng(0)
        for stride in (1, 2):
            line = rng.normal(size=(1, 8, 1)).astype("float32")
            expected = np.convolve(np.pad(line[0, :, 0], 1), taps, "valid")[::stride]
            self.assertAllClose(Blur(1, stride)(line)[0, :, 0], expected, atol=1e-6)
            # A product of lines is filtered line by line.
            a, b, c = (rng.normal(size=8).astype("float32") for _ in range(3))
            solid = np.einsum("i,j,k->ijk", a, b, c)[None, ..., None]
            lines = [Blur(2, stride)(v[None, :, None])[0, :, 0] for v in (a, b, c)]
            expected = np.einsum("i,j,k->ijk", *map(np.asarray, lines))
            outputs = Blur(2, stride)(solid)
            self.assertAllClose(outputs[0, ..., 0], expected, atol=1e-5)
            layer = Blur(2, stride)
            shape = layer.compute_output_shape((None, 8, 8, 8, 1))
            self.assertEqual(shape[1:], outputs.shape[1:])
