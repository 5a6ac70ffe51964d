import numpy as np

from inr_keras.data import signals
from inr_keras.evaluation import signal_scores
from inr_keras.models import INR
from tests import testing


def constant(axes, channels, value, signal):
    """An INR that draws one value everywhere."""
    inr = INR(axes, channels, width=4, depth=1, signal=signal)
    inr.values.kernel.assign(np.zeros((4, channels)))
    inr.values.bias.assign(np.full(channels, value))
    return inr


class SignalScoresTest(testing.TestCase):
    def test_psnr_by_hand(self):
        signal = signals._grid({"kind": "picture"}, np.full((5, 4, 3), 100, "uint8"), 8)
        inr = constant(2, 3, 110 / 127.5 - 1, signal.signal)
        expected = 20 * np.log10(255 / 10)
        self.assertAllClose(signal_scores.score(signal, inr), expected)

    def test_snr_by_hand(self):
        samples = np.array([[0.5], [-0.5]] * 40, "float32")
        signal = signals._grid({"kind": "sound", "rate": 8000, "gain": 1}, samples, 16)
        inr = constant(1, 1, 0.5, signal.signal)
        # Half of the errors are 0, half 1: 0.5 against a power of 0.25.
        self.assertAllClose(signal_scores.score(signal, inr), -3.0103, atol=1e-3)

    def test_iou_by_hand(self):
        signal = signals.Signal(
            {"kind": "shape", "extent": [1, 1, 1], "offset": [0] * 3, "unit": 1.0},
            (1.0,) * 3,
            np.zeros((1, 1), "float32"),
            np.zeros((1, 3), "float32"),
            contains=lambda points: points[:, 0] > 0,
        )
        inr = constant(3, 1, 1.0, signal.signal)  # All of the frame, of which half.
        self.assertAllClose(signal_scores.score(signal, inr), 0.5)
        inr.values.bias.assign([-1.0])
        self.assertEqual(signal_scores.score(signal, inr), 0.0)

    def test_bits(self):
        signal = signals._grid({"kind": "picture"}, np.zeros((5, 4, 3), "uint8"), 8)
        signal.file_bits = 99
        inr = INR(2, 3, width=8, depth=2, signal=signal.signal)
        before = inr.get_weights()
        report = signal_scores.report(signal, inr)
        weights = 3 * 8 + 9 * 8 + 9 * 3
        self.assertEqual((report["weights"], report["bits"]), (weights, 32 * weights))
        self.assertEqual(report["bits_float16"], 16 * weights + 16 * 3 * 8)
        self.assertEqual((report["file_bits"], report["raw_bits"]), (99, 480))
        for a, b in zip(before, inr.get_weights()):
            self.assertAllEqual(a, b)

    def test_half_precision_keeps_the_frequencies(self):
        inr = INR(2, 3, width=8, depth=2, scale=1000.0)
        before = inr.get_weights()
        with signal_scores.half_precision(inr):
            within = inr.get_weights()
        for index, (a, b) in enumerate(zip(before, within)):
            expected = a if index < 2 else a.astype("float16").astype("float32")
            self.assertAllEqual(b, expected)
