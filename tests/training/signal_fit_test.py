import dataclasses
from unittest import mock

import keras
import numpy as np
import pytest
from PIL import Image

from inr_keras.data import signals
from inr_keras.evaluation import signal_scores
from inr_keras.training import signal_fit
from tests import testing

SMALL = signal_fit.Settings(steps=150, points=256, width=32, depth=2)


class SignalFitTest(testing.TestCase):
    def picture(self):
        y, x = np.mgrid[:24, :32] / 32.0
        pixels = np.stack([np.sin(9 * x), np.cos(7 * y), np.sin(8 * x * y)], axis=-1)
        path = self.temporary_folder() / "p.png"
        Image.fromarray(np.rint(pixels * 100 + 128).astype("uint8")).save(path)
        return signals.open_signal(path)

    @pytest.mark.slow
    def test_a_picture_is_learned(self):
        signal = self.picture()
        inr, done, _ = signal_fit.fit_signal(signal, SMALL)
        pixels = signal.values.astype("float64")
        constant = np.mean(np.square(pixels - pixels.mean(axis=0)))
        self.assertLess(10 * np.log10(255**2 / constant), 15)  # The best constant.
        self.assertGreater(signal_scores.score(signal, inr), 28)
        self.assertEqual((done, inr.signal["kind"]), (150, "picture"))
        again, *_ = signal_fit.fit_signal(signal, SMALL)
        for a, b in zip(inr.get_weights(), again.get_weights()):
            self.assertAllEqual(a, b)

    def test_ctrl_c_keeps_what_there_is(self):
        def interrupt(share):
            raise KeyboardInterrupt

        inr, done, _ = signal_fit.fit_signal(self.picture(), SMALL, interrupt)
        self.assertEqual(done, 50)
        self.assertTrue(all(np.isfinite(w).all() for w in inr.get_weights()))

    @pytest.mark.usefixtures("eagerly")
    def test_ctrl_c_keeps_nothing_that_is_not_finite(self):
        apply, calls = keras.optimizers.Adam.apply, []

        def interrupted(*args):
            calls.append(args)
            if len(calls) == 5:
                raise KeyboardInterrupt
            apply(*args)

        settings = dataclasses.replace(SMALL, learning_rate=1e30)
        with (
            mock.patch.object(keras.optimizers.Adam, "apply", interrupted),
            self.assertRaisesRegex(FloatingPointError, "after 4 steps"),
        ):
            signal_fit.fit_signal(self.picture(), settings)

    def test_divergence(self):
        signal = self.picture()
        signal.values = np.full(signal.values.shape, np.nan, "float32")
        with self.assertRaisesRegex(FloatingPointError, "lower `learning_rate`"):
            signal_fit.fit_signal(signal, SMALL)

    def test_errors(self):
        for name in ("steps", "points", "learning_rate", "detail"):
            with self.assertRaisesRegex(ValueError, f"`{name}` must be positive"):
                signal_fit.Settings(**{name: 0})
