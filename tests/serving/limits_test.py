import types

import numpy as np

from inr_keras.serving.limits import Limits
from inr_keras.serving.status_codes import ServingError
from tests import testing

SERVABLE = types.SimpleNamespace(
    points=lambda signature, inputs: inputs.get("coords", np.zeros(0)).size
)
BATCH = types.SimpleNamespace(batchable=True)
ONE = types.SimpleNamespace(batchable=False)


class LimitsTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.limits = Limits(max_rows=4, max_points=10, max_pixels=100)

    def assertRefused(self, signature, inputs, text):
        inputs = {name: np.asarray(value) for name, value in inputs.items()}
        with self.assertRaisesRegex(ServingError, text) as caught:
            self.limits.check(SERVABLE, signature, inputs)
        self.assertEqual(caught.exception.code, "INVALID_ARGUMENT")

    def test_refused(self):
        self.assertRefused(BATCH, {"x": np.zeros(5)}, "at most 4. Received: 5")
        self.assertRefused(
            BATCH, {"x": np.zeros(2), "y": np.zeros(3)}, r"same.*\[2, 3\]"
        )
        for wrong in (np.nan, np.inf, -np.inf):
            self.assertRefused(ONE, {"x": [0.0, wrong]}, "'x' must be finite")
        self.assertRefused(ONE, {"coords": np.zeros(11)}, "points.*at most 10")
        for height, width, box in (
            (101, 1, np.zeros(4)),
            ([50, 50], 1, np.zeros((3, 4))),
            (11, [10], np.zeros(4)),
            # Their product is not one of 32 bits.
            (2**31 - 1, 2**31 - 1, np.zeros(4)),
        ):
            inputs = {
                "height": np.asarray(height, "int32"),
                "width": np.asarray(width, "int32"),
                "box": box,
            }
            self.assertRefused(ONE, inputs, "height times width .* most 100")

    def test_regions_are_counted(self):
        # Of one pixel each, so that no other limit holds.
        sides = {"height": np.int32(1), "width": np.int32(1)}
        for name, value in (("box", np.zeros((5, 4))), ("height", np.ones(5, "int32"))):
            inputs = {"box": np.zeros(4), **sides, name: value}
            self.assertRefused(ONE, inputs, "images of a request.*4. Received: 5")
        self.limits.check(SERVABLE, ONE, {"box": np.zeros((4, 4)), **sides})

    def test_allowed(self):
        # The model refuses what has no pixels.
        for height, width in ((10, 10), (0, 1000), (-1, 1000)):
            inputs = {
                "height": np.int32(height),
                "width": np.int32(width),
                "box": np.zeros(4),
            }
            work = self.limits.check(SERVABLE, ONE, inputs)
            self.assertEqual(work, 100 if height == 10 else 1)
        inputs = {"coords": np.zeros(4)}
        self.assertEqual(self.limits.check(SERVABLE, BATCH, inputs), 4)

    def test_settings(self):
        Limits(batch_timeout=0)
        for wrong in (
            {"max_rows": 0},
            {"timeout": -1.0},
            {"timeout": float("nan")},
            {"batch_timeout": -0.1},
            {"read_timeout": float("inf")},
        ):
            [name] = wrong
            with self.assertRaisesRegex(ValueError, f"`{name}` must be"):
                Limits(**wrong)
