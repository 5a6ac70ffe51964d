import numpy as np
import tensorflow as tf

from inr_keras import coordinates
from inr_keras.layers import FourierFeatures
from tests import testing


class FourierFeaturesTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        rng = np.random.default_rng(0)
        self.coords = rng.uniform(-2, 2, (2, 6, 2)).astype("float32")

    def test_layer_basics(self):
        for scale in (0.0, 10.0, (10.0, 20.0)):
            self.run_layer_test(
                FourierFeatures,
                init_kwargs={"features": 5, "scale": scale},
                inputs=self.coords,
                expected_shape=(2, 6, 5),
            )

    def test_values(self):
        layer = FourierFeatures(5)
        outputs = layer(self.coords)
        kernel, bias = layer.kernel.numpy(), layer.bias.numpy()
        expected = np.sin(self.coords.astype("float64") @ kernel + bias)
        self.assertAllClose(outputs, expected)
        self.assertLessEqual(np.max(np.abs(outputs)), 1.0)

    def test_initial_distribution_of_cips(self):
        layer = FourierFeatures(20_000)
        layer.build((None, None, 2))
        kernel = layer.kernel.numpy()
        limit = np.sqrt(9 / 2)
        self.assertLessEqual(np.max(np.abs(kernel)), limit)
        self.assertAllClose(np.std(kernel), limit / np.sqrt(3), rtol=0.02)
        self.assertLessEqual(np.max(np.abs(layer.bias)), np.sqrt(1 / 2))

    def test_initial_distribution_with_a_scale(self):
        layer = FourierFeatures(20_000, scale=10.0)
        layer.build((None, None, 2))
        self.assertAllClose(np.std(layer.kernel.numpy()), 10.0, rtol=0.02)
        bias = layer.bias.numpy()
        self.assertAllClose(np.std(bias), np.pi / np.sqrt(3), rtol=0.02)

    def test_a_scale_for_each_axis(self):
        layer = FourierFeatures(20_000, scale=(10.0, 300.0))
        layer.build((None, None, 2))
        deviations = np.std(layer.kernel.numpy(), axis=1)
        self.assertAllClose(deviations, (10.0, 300.0), rtol=0.02)
        with self.assertRaisesRegex(ValueError, "`scale` must have 3 numbers"):
            FourierFeatures(4, scale=(1.0, 2.0)).build((None, None, 3))
        with self.assertRaisesRegex(ValueError, "`scale` must be positive for each"):
            FourierFeatures(4, scale=(1.0, 0.0))

    def test_half_precision_tells_neighbouring_pixels_apart(self):
        coords = coordinates.grid(1, 1024)
        # Half precision gives pairs of columns the same coordinate.
        rounded = testing.to_numpy(tf.cast(coords[0, :, 0], "bfloat16"))
        self.assertLess(len(np.unique(rounded)), 800)
        layer = FourierFeatures(64, scale=10.0, dtype="mixed_bfloat16")
        outputs = layer(coords)
        self.assertEqual(outputs.dtype, "bfloat16")
        outputs = testing.to_numpy(outputs)[0]
        changes = np.max(np.abs(outputs[1:] - outputs[:-1]), axis=-1)
        self.assertGreater(np.min(changes), 0.0)
        exact = np.sin(coords[0].numpy() @ layer.kernel.numpy() + layer.bias)
        self.assertAllClose(outputs, exact, rtol=2**-8)

    def test_errors(self):
        with self.assertRaisesRegex(ValueError, "`features`.*features=0"):
            FourierFeatures(0)
        with self.assertRaisesRegex(ValueError, "`scale`.*scale=-1"):
            FourierFeatures(4, scale=-1)
        with self.assertRaisesRegex(ValueError, "`scale`.*scale=nan"):
            FourierFeatures(4, scale=float("nan"))
        layer = FourierFeatures(4)
        layer(np.zeros((5, 2), "float32"))
        with self.assertRaisesRegex(ValueError, "axis -1 of input shape.*value 2"):
            layer(np.zeros((5, 3), "float32"))
