import keras
import numpy as np
import pytest

from inr_keras import coordinates
from inr_keras import rendering
from inr_keras.models import ExternalINR
from inr_keras.studies import fitting
from tests import testing


def gradients(count=3, size=8):
    """Images that a small INR can draw: a ramp each, its own way."""
    x, y = np.array(coordinates.grid(size, size, 1, "center")).T
    ramps = [np.cos(k) * x.T + np.sin(k) * y.T for k in range(count)]
    images = np.stack([ramps, np.negative(ramps), 0.5 * np.array(ramps)], -1)
    return rendering.to_uint8(images / 1.5)


def small_inr(**kwargs):
    kwargs = {"width": 16, "layers": 2, "fourier_scale": 2.0, **kwargs}
    return ExternalINR(**kwargs)


class FitTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.images = gradients()

    def test_fits_images(self):
        inr = small_inr(parametrization="linear")
        before = [np.array(v) for v in inr.trainable_variables]
        self.assertEqual(before, [])
        fit = fitting.fit(inr, self.images, steps=150)
        first, last = fit.history[0][2], fit.history[-1][2]
        self.assertLess(fit.mae, 0.1)
        self.assertLess(fit.mae, first / 4)
        self.assertAllClose(last, fit.mae)
        self.assertEqual(fit.steps, 150)
        self.assertEqual(fit.history[-1][1], 150)

        # What it says of its reconstructions is so.
        coords = coordinates.grid(8, 8, 1, "center")
        coords = keras.ops.reshape(coords, (1, 64, 2))
        rgb = np.array(inr(fit.params, coords)).reshape(3, 8, 8, 3)
        self.assertAllEqual(rendering.to_uint8(rgb), fit.images)
        error = rgb - (self.images / 127.5 - 1.0)
        self.assertAllClose(np.abs(error).mean(), fit.mae)
        mse = np.square(error).mean(axis=(1, 2, 3))
        psnr = np.mean(10 * np.log10(4 / mse))
        self.assertAllClose(psnr, fit.psnr, rtol=1e-3)

    def test_shared_weights_are_trained_too(self):
        inr = small_inr(parametrization="adain")
        before = [np.array(v) for v in inr.trainable_variables]
        fitting.fit(inr, self.images, steps=2)
        for old, new in zip(before, inr.trainable_variables):
            self.assertGreater(np.abs(old - np.array(new)).max(), 0)

    @pytest.mark.slow
    def test_seed_decides_all(self):
        fits = []
        for seed in (1, 1, 2):
            keras.utils.set_random_seed(0)
            fits.append(fitting.fit(small_inr(), self.images, 3, seed))
        self.assertAllEqual(fits[0].params, fits[1].params)
        self.assertGreater(np.abs(fits[0].params - fits[2].params).max(), 0)

    def test_unit_vectors(self):
        inr = small_inr(parametrization="factorized", rank=16)
        for unit, deviation in ((False, 0.5), (True, 1.0)):
            fit = fitting.fit(inr, self.images, 1, rate=1e-9, unit_vectors=unit)
            start = inr.external_sizes[0]
            factors = fit.params[:, start : start + 500]
            self.assertAllClose(factors.std(), deviation, atol=0.05)

    def test_tanh(self):
        # Outputs far beyond 1 become -1 or 1, and stay so: no gradient is left.
        inr = small_inr(parametrization="factorized", layers=4)
        vectors = {"unit_vectors": True, "steps": 1, "rate": 1e-9}
        plain = fitting.fit(inr, self.images, **vectors)
        bounded = fitting.fit(inr, self.images, tanh=True, **vectors)
        self.assertGreater(plain.deviation, 10.0)
        self.assertEqual(plain.deviation, bounded.deviation)
        coords = keras.ops.reshape(coordinates.grid(8, 8, 1, "center"), (1, 64, 2))
        rgb = np.tanh(inr(bounded.params, coords)).reshape(self.images.shape)
        self.assertAllEqual(rendering.to_uint8(rgb), bounded.images)
        error = np.abs(rgb - (self.images / 127.5 - 1.0)).mean()
        self.assertAllClose(error, bounded.mae)
        self.assertAllClose(
            np.asarray(inr(plain.params, coords)).std(), plain.deviation, rtol=0.5
        )

    def test_progress(self):
        told = []
        fitting.fit(
            small_inr(), self.images, 48, tell=lambda *values: told.append(values)
        )
        self.assertAllClose([share for share, _ in told], np.arange(1, 25) / 24)

    def test_errors(self):
        for name in ("steps", "rate", "points"):
            with self.assertRaisesRegex(ValueError, f"`{name}` must be positive.* 0"):
                fitting.fit(small_inr(), self.images, **{"steps": 1, name: 0})
