import numpy as np

from inr_keras.layers import FourierBasis
from inr_keras.layers import LogarithmicBasis
from inr_keras.layers import PredictedBasis
from tests import testing


class BasesTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        rng = np.random.default_rng(0)
        self.coords = rng.uniform(-2, 2, (2, 6, 2)).astype("float32")
        self.styles = rng.normal(size=(2, 3)).astype("float32")

    def test_layer_basics(self):
        # Phases are float32 under every policy.
        self.run_layer_test(
            LogarithmicBasis,
            init_kwargs={"resolution": 9, "diagonals": False},
            inputs=self.coords,
            expected_shape=(2, 6, 8),
            half_dtype="float32",
        )
        for learned in (False, True):
            layer = self.run_layer_test(
                FourierBasis,
                init_kwargs={"features": 5, "scale": 2.0, "learned": learned},
                inputs=self.coords,
                expected_shape=(2, 6, 5),
                half_dtype="float32",
            )
            self.assertEqual(len(layer.trainable_variables), learned)
        self.run_layer_test(
            PredictedBasis,
            init_kwargs={"features": 5, "scale": 2.0},
            inputs={"coords": self.coords, "styles": self.styles},
            expected_shape=(2, 6, 5),
            half_dtype="float32",
        )

    def test_logarithmic_values_of_the_reference(self):
        arrays = testing.load_fixture("inr_gan_layers")
        for resolution in (8, 32, 256):
            for diagonals in (False, True):
                name = "with" if diagonals else "no"
                layer = LogarithmicBasis(resolution, diagonals)
                expected = arrays[f"log_basis/res{resolution}_{name}_diagonal"]
                self.assertMatchesReference(layer.basis, expected, 1e-6)
                self.assertEqual(layer.features, len(expected))
                phases = layer(self.coords)
                self.assertAllClose(phases, self.coords @ expected.T, atol=1e-4)

    def test_random_waves(self):
        layer = FourierBasis(20_000)
        phases = layer(self.coords)
        kernel = layer.kernel.numpy()
        self.assertAllClose(np.std(kernel), np.sqrt(10), rtol=0.02)
        self.assertAllClose(phases, self.coords @ kernel, atol=1e-4)

    def test_predicted_waves(self):
        layer = PredictedBasis(4, scale=3.0)
        outputs = layer(self.coords, self.styles)
        waves = layer.to_waves(self.styles).numpy()
        for b in range(2):
            kernel = 3.0 * waves[b, :8].reshape(4, 2)
            expected = self.coords[b] @ kernel.T + waves[b, 8:]
            self.assertAllClose(outputs[b], expected)
        shared = layer(self.coords[:1], self.styles)
        self.assertAllClose(shared[0], outputs[0])
        self.assertGreater(np.max(np.abs(shared[1] - outputs[1])), 0.1)

    def test_errors(self):
        with self.assertRaisesRegex(ValueError, "`resolution`.*resolution=1"):
            LogarithmicBasis(1)
        for cls in (FourierBasis, PredictedBasis):
            with self.assertRaisesRegex(ValueError, "`features`.*features=0"):
                cls(0)
            with self.assertRaisesRegex(ValueError, "`scale`.*scale=0"):
                cls(4, scale=0)
