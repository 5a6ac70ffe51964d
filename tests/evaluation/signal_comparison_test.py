from unittest import mock

import numpy as np
import pytest
from PIL import Image

from inr_keras.data import signals
from inr_keras.evaluation import signal_comparison
from tests import testing
from tests.evaluation.signal_scores_test import constant
from tests.rendering.mesh_views_test import cube


class SignalComparisonTest(testing.TestCase):
    def test_a_picture_is_left_and_the_inr_right(self):
        pixels = np.random.default_rng(0).integers(0, 256, (9, 8, 3), "uint8")
        signal = signals._grid({"kind": "picture"}, pixels, 8)
        path = self.temporary_folder() / "both.png"
        signal_comparison.save(path, signal, constant(2, 3, -1.0, signal.signal))
        with Image.open(path) as image:
            both = np.asarray(image)
        self.assertAllEqual(both[:, :8], pixels)
        self.assertFalse(both[:, -8:].any())

    def test_a_film_is_above_and_the_inr_below(self):
        images = np.random.default_rng(0).integers(0, 256, (4, 8, 8, 3), "uint8")
        signal = signals._grid({"kind": "film", "rate": 9}, images, 8)
        path = self.temporary_folder() / "both.png"
        signal_comparison.save(path, signal, constant(3, 3, -1.0, signal.signal))
        with Image.open(path) as image:
            both = np.asarray(image)
        self.assertEqual(both.shape, (8 + 4 + 8, 4 * 8 + 3 * 4, 3))
        self.assertAllEqual(both[:8, 12:20], images[1])
        self.assertFalse(both[-8:, 12:20].any())

    def test_sounds(self):
        samples = np.sin(np.arange(800) * 0.4)[:, None].astype("float32")
        signal = signals._grid({"kind": "sound", "rate": 8000, "gain": 1}, samples, 16)
        path = self.temporary_folder() / "both.png"
        signal_comparison.save(path, signal, constant(1, 1, 0.0, signal.signal))
        with Image.open(path) as image:
            third = image.width // 3
            tones = np.asarray(image.convert("L"))[image.height // 2 :]
        # The file's tone is bright, the INR's silence is not.
        bright = [
            np.mean(tones[:, i * third + 60 :][:, : third - 80] > 120) for i in (0, 1)
        ]
        self.assertGreater(bright[0], 0.01)
        self.assertGreater(bright[0], bright[1] + 0.01)

    @pytest.mark.slow
    def test_a_shape_is_above_and_the_inr_below(self):
        pytest.importorskip("skimage")
        signal = signals.Signal(
            {"kind": "shape", "extent": [1, 1, 1], "offset": [0] * 3, "unit": 1.0},
            (1.0,) * 3,
            np.zeros((1, 1), "float32"),
            np.zeros((1, 3), "float32"),
            surface=cube(1.0),
        )
        path = self.temporary_folder() / "both.png"
        inr = constant(3, 1, 1.0, signal.signal)  # All of the frame.
        with mock.patch.multiple(signal_comparison, _SIDE=40, _FIELD=8):
            signal_comparison.save(path, signal, inr)
        with Image.open(path) as image:
            drawn = np.asarray(image.convert("L")) < 250
        self.assertEqual(drawn.shape, (2 * 40 + 4, 3 * 40 + 2 * 4))
        # A cube of half the side covers a quarter of the other's picture.
        share = drawn[:40, :40].sum() / drawn[44:, :40].sum()
        self.assertLess(share, 0.35)
        self.assertGreater(share, 0.2)
