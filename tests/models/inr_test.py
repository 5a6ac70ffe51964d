import keras
import numpy as np
import pytest

from inr_keras.models import INR
from tests import testing


class INRTest(testing.TestCase):
    def coords(self, axes=2):
        rng = np.random.default_rng(0)
        return rng.uniform(-1, 1, (7, 5, axes)).astype("float32")

    def test_values_by_hand(self):
        for activation in ("sine", "leaky_relu"):
            inr = INR(3, 2, 6, 3, (1.0, 2.0, 3.0), activation)
            coords = self.coords(3)
            kernel, bias, *rest = (v.numpy() for v in inr.weights)
            x = np.sin(coords.astype("float64") @ kernel + bias)
            for kernel, bias in zip(rest[:-2:2], rest[1:-2:2]):
                x = x @ kernel + bias
                x = (
                    np.sin(x)
                    if activation == "sine"
                    else np.maximum(x, 0.2 * x) * 2**0.5
                )
            self.assertAllClose(inr(coords), x @ rest[-2] + rest[-1])

    def test_number_of_weights(self):
        # 2 n + n, (depth - 1) (n n + n), 3 n + 3 for n = 128.
        inr = INR()
        self.assertEqual(inr.count_params(), 3 * 128 + 3 * 128 * 129 + 3 * 129)

    def test_arguments_of_sines_have_a_deviation_of_one(self):
        inr = INR(width=512, depth=4)
        x = inr.features(np.random.default_rng(0).uniform(-1, 1, (400, 2)))
        for layer in inr.hidden:
            x = layer(x)
            self.assertAllClose(np.std(x), 1.0, rtol=0.1)
            x = np.sin(x)

    def test_files_come_back_with_the_signal(self):
        signal = {"kind": "picture", "size": [4, 3], "box": [-1.0, -0.75, 1.0, 0.75]}
        inr = INR(width=8, depth=2, scale=(3.0, 4.0), signal=signal)
        path = self.temporary_folder() / "inr.keras"
        inr.save(path)
        read = keras.models.load_model(path)
        self.assertEqual(read.signal, signal)
        self.assertEqual(read.get_config(), inr.get_config())
        self.assertAllEqual(read(self.coords()), inr(self.coords()))

    @pytest.mark.slow
    def test_plain_keras_fits_it(self):
        times = np.linspace(-1, 1, 512, dtype="float32")[:, None]
        tone = np.sin(60.0 * times)
        inr = INR(1, 1, width=16, depth=2, scale=60.0)
        inr.compile(keras.optimizers.Adam(0.01), "mse")
        inr.fit(times, tone, batch_size=128, epochs=40, verbose=0)
        error = inr.predict(times, verbose=0) - tone
        # A constant leaves half of the tone's square, 0.5.
        self.assertLess(np.mean(np.square(error)), 0.02)

    def test_symbolic_values_are_float32_as_real_ones(self):
        inr = INR(2, 3, dtype="mixed_bfloat16")
        outputs = inr(keras.Input((5, 2)))
        self.assertEqual((outputs.dtype, outputs.shape), ("float32", (None, 5, 3)))

    def test_errors(self):
        for name in ("coord_dim", "channels", "width", "depth"):
            with self.assertRaisesRegex(
                ValueError, f"`{name}` must be a positive integer.*=0"
            ):
                INR(**{name: 0})
        with self.assertRaisesRegex(ValueError, "`activation` .* sine, leaky_relu"):
            INR(activation="relu")
