import keras
import numpy as np
import tensorflow as tf

from inr_keras import coordinates
from inr_keras.models import ExternalINR
from tests import testing

SMALL = {"width": 8, "rank": 2, "layers": 3}


def small(**kwargs):
    return ExternalINR(**{**SMALL, **kwargs})


class ExternalINRTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.coords = tf.reshape(coordinates.grid(4, 4), (1, 16, 2))

    def test_counts(self):
        # Coordinates to half the width, which gives as many sines and
        # cosines; two layers of n = 8; colours.
        inr = small(parametrization="mfilm")
        self.assertEqual(inr.external_sizes, [2 * 4 + 4, 3 * 8, 3 * 8, 8 * 3 + 3])
        self.assertEqual(inr.num_external_params, 12 + 24 + 24 + 27)
        self.assertEqual(inr.count_params(), 2 * (64 + 8))
        inr = small(parametrization="factorized", basis="siren")
        self.assertEqual(
            inr.external_sizes, [2 * 8 + 8, 2 * 8 * 2 + 8, 2 * 8 * 2 + 8, 27]
        )
        inr = small(parametrization="linear", coords_layer="shared", layers=1)
        self.assertEqual(inr.external_sizes, [0, 27])
        self.assertEqual(inr.count_params(), 2 * 4 + 4)

    def test_number_of_fourier_features(self):
        inr = small(fourier_features=12, parametrization="linear")
        self.assertEqual(inr.external_sizes, [2 * 6 + 6, 12 * 8 + 8, 8 * 8 + 8, 27])
        features = inr.apply_layer(
            0, self.coords, inr.initial_params(1, seed=0)[:, :18]
        )
        self.assertEqual(features.shape, (1, 16, 12))
        self.assertAllClose(
            features[..., :6] ** 2 + features[..., 6:] ** 2, np.ones((1, 16, 6))
        )

    def test_fourier_in_numpy(self):
        inr = small(parametrization="linear", layers=2, fourier_scale=3.0)
        params = inr.initial_params(2, seed=1).numpy()
        outputs = inr(params, self.coords)
        for p, colours in zip(params, outputs.numpy()):
            x = self.coords.numpy()[0]
            a, c, p = p[:8].reshape(4, 2), p[8:12], p[12:]
            x = 3.0 * (x @ a.T + 0.2 * c)
            x = np.concatenate([np.sin(x), np.cos(x)], axis=-1)
            a, c, p = p[:64].reshape(8, 8), p[64:72], p[72:]
            x = np.sqrt(2 / 8) * (x @ a.T + 0.2 * c)
            x = np.where(x > 0, x, 0.2 * x)
            a, c = p[:24].reshape(3, 8), p[24:]
            self.assertAllClose(
                colours, np.sqrt(2 / 8) * (x @ a.T + 0.2 * c), atol=1e-4
            )

    def test_siren_in_numpy(self):
        inr = small(parametrization="linear", basis="siren", layers=2)
        params = inr.initial_params(1, seed=1).numpy()
        (outputs,) = inr(params, self.coords).numpy()
        (p,), x = params, self.coords.numpy()[0]
        # As the paper writes it, sin(30 (W x + b)).
        a, c, p = p[:16].reshape(8, 2), p[16:24], p[24:]
        self.assertLess(np.abs(a).max() / np.sqrt(12), 1 / 2)
        b = c / np.sqrt(6)  # +-1 / sqrt(2).
        x = np.sin(30 * (x @ a.T / np.sqrt(12) + b))
        a, c, p = p[:64].reshape(8, 8), p[64:72], p[72:]
        std = np.sqrt(2 / 8) / 30
        self.assertLess(np.abs(a * std).max(), np.sqrt(6 / 8) / 30)
        x = np.sin(30 * (std * x @ a.T + c / np.sqrt(24)))
        a, c = p[:24].reshape(3, 8), p[24:]
        expected = std * x @ a.T + c / np.sqrt(24)
        self.assertAllClose(outputs, expected, atol=1e-4)

    def test_initializations_of_a_siren(self):
        stds = {}
        for name in ("original", "slides"):
            inr = small(basis="siren", initialization=name, omega=20.0)
            stds[name] = [(d.weight_std, d.bias_std) for d in inr.dense]
        hidden, phase = np.sqrt(2 / 8), 1 / np.sqrt(3 * 8)
        first = 20 / 2 / np.sqrt(3), 20 / np.sqrt(6)
        expected = [first, *[(hidden, 20 * phase)] * 2, (hidden / 20, phase)]
        self.assertAllClose(stds["original"], expected)
        first = 20 * np.sqrt(2 / 2), 20 / np.sqrt(6)
        expected = [first, *[(hidden, phase)] * 3]
        self.assertAllClose(stds["slides"], expected)

    def test_first_layer_of_the_slides_siren(self):
        # sigma / 30, times 30 at the activations: sigma = sqrt(2 / 2) in the end.
        inr = ExternalINR("linear", width=512, basis="siren", initialization="slides")
        params = inr.initial_params(50, seed=0)[:, : inr.external_sizes[0]]
        points = tf.constant([[[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]]])
        x, y, bias = np.moveaxis(inr.dense[0](points, params).numpy(), 1, 0)
        for weights in (x - bias, y - bias):
            self.assertAllClose(weights.std(), 1.0, atol=0.02)
        # The hidden layers': sqrt(2 / 512).
        self.assertAllClose(inr.dense[1].weight_std, np.sqrt(2 / 512))
        self.assertEqual(ExternalINR(basis="siren").omega, 30.0)

    def test_initial_params(self):
        for basis, largest in (("fourier", 3.0), ("siren", 1.7321)):
            inr = small(parametrization="linear", basis=basis)
            params = inr.initial_params(200, seed=0).numpy()
            self.assertEqual(params.shape, (200, inr.num_external_params))
            self.assertAllClose(params.std(), 1.0, atol=0.02)
            self.assertAllClose(params.mean(), 0.0, atol=0.02)
            over = np.abs(params).max() > largest
            self.assertEqual(over, basis == "fourier")
            self.assertAllEqual(inr.initial_params(200, seed=0), params)

    def test_each_number_counts_for_its_image_alone(self):
        for name in ("linear", "factorized_se", "adain"):
            for basis in ("fourier", "siren"):
                inr = small(parametrization=name, basis=basis)
                params = tf.Variable(inr.initial_params(3, seed=0))
                with tf.GradientTape() as tape:
                    outputs = inr(params, self.coords)
                    loss = tf.reduce_sum(outputs[1] ** 2)
                gradient = tape.gradient(loss, params).numpy()
                self.assertTrue(np.all(gradient[1] != 0), name)
                self.assertTrue(np.all(gradient[[0, 2]] == 0), name)

    def test_points_are_independent(self):
        inr = small()
        params = inr.initial_params(2, seed=0)
        part = inr(params, self.coords[:, 5:9])
        self.assertAllClose(part, inr(params, self.coords)[:, 5:9])

    def test_reload_and_half_precision(self):
        inr = small(basis="siren", coords_layer="shared")
        params = inr.initial_params(2, seed=0)
        outputs = inr(params, self.coords)
        path = self.temporary_folder() / "inr.keras"
        inr.save(path)
        self.assertAllEqual(keras.models.load_model(path)(params, self.coords), outputs)
        half = small(dtype="mixed_bfloat16")
        outputs = half(half.initial_params(2, seed=0), self.coords)
        self.assertEqual(outputs.dtype, "float32")
        # Neighbours of an image of 4096 are told apart.
        close = tf.constant([[[0.5, 0.5], [0.5 + 2 / 4096, 0.5]]])
        first = half.apply_layer(0, close, half.initial_params(1, 0)[:, :12])
        self.assertGreater(np.abs(first[0, 0] - first[0, 1]).max(), 0)

    def test_errors(self):
        for name, value in (
            ("basis", "no"),
            ("coords_layer", "adain"),
            ("initialization", "no"),
            ("parametrization", "no"),
            ("layers", 0),
            ("width", 0),
            ("fourier_features", 7),
            ("rank", 0),
            ("omega", 0.0),
            ("fourier_scale", 0.0),
        ):
            with self.assertRaisesRegex(ValueError, f"`{name}`.*Received"):
                small(**{name: value})
        with self.assertRaisesRegex(ValueError, "`parametrization`.*'no'"):
            small(parametrization="no", layers=1)
