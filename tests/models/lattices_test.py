import math
import types

import numpy as np
import pytest
import tensorflow as tf

from inr_keras import coordinates
from inr_keras.config.choices import UPSAMPLINGS
from inr_keras.models import lattices
from tests import testing

SIDES = (8, 16, 32)


def slow_cell(position, side, upsampling, finer):
    """Cells of one axis that a point reads, with their shares."""
    if upsampling == "nearest":
        return [(math.floor((position + 1) * side / 2), 1.0)]
    fine = (position + 1) * finer / 2 - 0.5
    place = fine * (side - 1) / (finer - 1)
    low = math.floor(place)
    return [(low, 1 - (place - low)), (low + 1, place - low)]


def slow_value(function, x, y, sides, upsampling):
    """Sum over levels of `function(side, x, y)` at the cells read."""
    value = function(sides[-1], x, y)
    if len(sides) == 1:
        return value
    side, finer = sides[-2], sides[-1]
    for column, a in slow_cell(x, side, upsampling, finer):
        for row, b in slow_cell(y, side, upsampling, finer):
            value += (
                a
                * b
                * slow_value(
                    function,
                    (2 * column + 1) / side - 1,
                    (2 * row + 1) / side - 1,
                    sides[:-1],
                    upsampling,
                )
            )
    return value


def waves(side, x, y):
    sin = tf.sin if tf.is_tensor(x) else np.sin
    return sin(side * 0.7 * x + y) + 0.3 * side * x * y


def values(levels):
    """As `slow_value`, from a plan."""
    total = None
    for i, level in enumerate(levels):
        coords = level.coords()
        own = waves(level.resolution, coords[..., 0], coords[..., 1])[..., None]
        if i:
            own = own + lattices.read(total, levels[i - 1], level)
        total = own
    return total[..., 0]


def patches(size, stride, offsets, side=32):
    """Points of crops of a strided grid, and the hint."""
    coords = coordinates.patch(offsets, size, side, side, stride, "center")
    return coords, (size, size, 2 * stride / side)


class LatticesTest(testing.TestCase):
    def test_equals_the_definition(self):
        rng = np.random.default_rng(0)
        coords = rng.uniform(-1.4, 1.4, (2, 7, 2)).astype("float32")
        for upsampling in UPSAMPLINGS:
            expected = [
                [slow_value(waves, x, y, SIDES, upsampling) for x, y in points]
                for points in coords.astype("float64")
            ]
            outputs = values(lattices.plan(coords, SIDES, upsampling))
            self.assertAllClose(outputs, expected, atol=2e-4)

    @pytest.mark.slow
    def test_a_hint_changes_no_value(self):
        rng = np.random.default_rng(1)
        for upsampling in UPSAMPLINGS:
            for stride in (1, 2, 4):
                for size in (3, 8):
                    offsets = rng.integers(-5, 30, (3, 2))
                    coords, grid = patches(size, stride, offsets)
                    for shared in (coords, coords[:1]):
                        with self.subTest(upsampling, stride=stride, size=size):
                            plain = lattices.plan(shared, SIDES, upsampling)
                            plan = lattices.plan(shared, SIDES, upsampling, grid)
                            self.assertAllClose(values(plan), values(plain), atol=2e-4)

    @pytest.mark.slow
    def test_any_spacing_place_and_shape(self):
        rng = np.random.default_rng(2)
        for upsampling in UPSAMPLINGS:
            for _ in range(8):
                rows, columns = rng.integers(1, 12, 2)
                x0, y0 = rng.uniform(-2, 1, 2)
                width, height = 2.0 ** rng.uniform(-6, 1.5, 2)
                coords = coordinates.region(
                    (x0, y0, x0 + width, y0 + height), rows, columns, "center"
                )
                coords = tf.reshape(coords, (1, -1, 2))
                spacing = max(width / columns, height / rows)
                grid = (int(rows), int(columns), spacing)
                plan = lattices.plan(coords, SIDES, upsampling, grid)
                plain = lattices.plan(coords, SIDES, upsampling)
                self.assertAllClose(values(plan), values(plain), atol=1e-3)

    def test_every_cell_of_the_image(self):
        coords, grid = patches(32, 1, [[0, 0]])
        for upsampling in UPSAMPLINGS:
            levels = lattices.plan_whole(SIDES, upsampling)
            self.assertEqual(
                [level.samples for level in levels],
                [(8, 8), (16, 16), (32, 32)],
            )
            expected = values(lattices.plan(coords, SIDES, upsampling, grid))
            self.assertAllClose(values(levels), expected, atol=2e-4)

    def test_numbers_of_cells(self):
        sides = (32, 64, 128, 256)
        # Rows, stride: samples of an axis of each level.
        for case, expected in {
            ("nearest", 64, 1): [9, 17, 33, 64],
            ("nearest", 64, 2): [17, 33, 64, 64],
            ("nearest", 64, 4): [33, 64, 64, 64],
            ("nearest", 16, 1): [3, 5, 9, 16],
            ("nearest", 1, 1): [1, 1, 1, 1],
            ("bilinear", 64, 1): [11, 19, 34, 64],
            ("bilinear", 16, 1): [5, 7, 10, 16],
            ("bilinear", 1, 1): [3, 3, 2, 1],
        }.items():
            upsampling, size, stride = case
            coords, grid = patches(size, stride, [[3, 5]], 256)
            levels = lattices.plan(coords, sides, upsampling, grid)
            counts = [level.samples[0] for level in levels]
            self.assertEqual(counts, expected, case)
            self.assertEqual([lv.samples[1] for lv in levels], counts)
            if upsampling == "nearest":
                extent = (size - 1) * stride
                self.assertEqual(
                    counts,
                    [
                        min(size, math.ceil(extent * side / 256) + 1)
                        for side in sides[:-1]
                    ]
                    + [size],
                )

    def test_points_of_which_nothing_is_known(self):
        coords = np.zeros((2, 50, 2), "float32")
        levels = lattices.plan(coords, SIDES, "nearest")
        for level in levels:
            self.assertEqual(level.coords().shape, (2, 50, 2))
        levels = lattices.plan(coords, SIDES, "bilinear")
        counts = [level.coords().shape[1] // 50 for level in levels]
        self.assertEqual(counts, [9, 4, 1])

    @pytest.mark.slow
    def test_numbers_that_the_graph_does_not_know(self):
        coords, _ = patches(4, 1, [[3, 5], [9, 2]])
        for upsampling in UPSAMPLINGS:
            function = tf.function(
                lambda coords, u=upsampling: values(lattices.plan(coords, SIDES, u)),
                input_signature=[tf.TensorSpec((None, None, 2))],
                autograph=False,
            )
            expected = values(lattices.plan(coords, SIDES, upsampling))
            self.assertAllClose(function(coords), expected)

    def test_hint(self):
        for takes_grid, expected in ((True, {"grid": (2, 3, 0.5)}), (False, {})):
            generator = types.SimpleNamespace(takes_grid=takes_grid)
            self.assertEqual(lattices.grid_hint(generator, 2, 3, 0.5), expected)

    def test_errors(self):
        coords = np.zeros((1, 6, 2), "float32")
        with self.assertRaisesRegex(ValueError, r"as many points .*\(2, 2,"):
            lattices.plan(coords, SIDES, "nearest", (2, 2, 0.1))
        with self.assertRaisesRegex(ValueError, "`grid` must be positive"):
            lattices.plan(coords, SIDES, "nearest", (2, 3, -0.1))
