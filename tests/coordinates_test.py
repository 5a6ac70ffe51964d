import hypothesis
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import strategies as st

from inr_keras import coordinates
from inr_keras.config.choices import GRID_ALIGNMENTS
from tests import testing

# No deadline: TensorFlow's first calls are slow.
settings = hypothesis.settings(deadline=None, max_examples=40, derandomize=True)
alignments = st.sampled_from(coordinates.ALIGNMENTS)
grid_alignments = st.sampled_from(GRID_ALIGNMENTS)
strides = st.sampled_from([1, 2, 3, 4, 8])
sides = st.integers(1, 12)


def grid(*args, **kwargs):
    return testing.to_numpy(coordinates.grid(*args, **kwargs))


def patch(*args, **kwargs):
    return testing.to_numpy(coordinates.patch(*args, **kwargs))


class AxisTest(testing.TestCase):
    def test_corner(self):
        outputs = coordinates.axis_coordinates(np.arange(5), 5, "corner")
        self.assertAllEqual(outputs, [-1.0, -0.5, 0.0, 0.5, 1.0])
        self.assertEqual(outputs.dtype, "float32")

    def test_center(self):
        outputs = coordinates.axis_coordinates(np.arange(4), 4, "center")
        self.assertAllEqual(outputs, [-0.75, -0.25, 0.25, 0.75])

    def test_other_ends_and_positions_beyond(self):
        outputs = coordinates.axis_coordinates(
            np.array([-1.0, 0.0, 0.5, 4.0, 6.0]), 5, "corner", 10.0, 18.0
        )
        self.assertAllClose(outputs, [8.0, 10.0, 11.0, 18.0, 22.0])

    def test_a_single_sample_stands_in_the_middle(self):
        for alignment in coordinates.ALIGNMENTS:
            outputs = coordinates.axis_coordinates([0], 1, alignment, 2.0, 4.0)
            self.assertAllEqual(outputs, [3.0])

    def test_grid_positions(self):
        indices = np.arange(3)
        self.assertAllEqual(
            coordinates.grid_positions(indices, 4, 12, "corner"), [0.0, 4.0, 8.0]
        )
        self.assertAllEqual(
            coordinates.grid_positions(indices, 4, 12, "center"), [1.5, 5.5, 9.5]
        )

    def test_grid_positions_of_span_are_even_from_the_first_to_the_last_pixel(self):
        self.assertAllClose(
            coordinates.grid_positions(np.arange(3), 4, 12, "span"), [0.0, 5.5, 11.0]
        )
        # A grid of one sample.
        self.assertAllEqual(coordinates.grid_positions([0], 8, 8, "span"), [3.5])

    @settings
    @hypothesis.given(
        alignments,
        st.integers(2, 2048),
        st.lists(st.floats(-1.0, 2.0, width=32), min_size=1, max_size=8),
    )
    def test_lattice_positions_inverts(self, alignment, size, shares):
        positions = np.array(shares, "float32") * size
        coords = coordinates.axis_coordinates(positions, size, alignment)
        again = coordinates.lattice_positions(coords, size, alignment)
        self.assertAllClose(again, positions, rtol=0, atol=size * 1e-6)

    def test_errors(self):
        with self.assertRaisesRegex(ValueError, "`alignment`.*'middle'"):
            coordinates.axis_coordinates([0], 4, "middle")
        with self.assertRaisesRegex(ValueError, "`size`.*=0"):
            coordinates.axis_coordinates([0], 0, "corner")
        with self.assertRaisesRegex(ValueError, "`alignment`.*'middle'"):
            coordinates.grid_positions([0], 4, 8, "middle")
        with self.assertRaisesRegex(ValueError, "`stride`.*=0"):
            coordinates.grid_positions([0], 0, 8, "corner")
        with self.assertRaisesRegex(ValueError, "`alignment`.*'middle'"):
            coordinates.lattice_positions([0.0], 4, "middle")

    def test_a_size_that_is_a_tensor(self):
        positions = np.arange(-2, 9)
        for alignment in coordinates.ALIGNMENTS:
            for size in (1, 2, 7):
                found = coordinates.axis_coordinates(
                    positions, tf.constant(size), alignment, -0.5, 2.0
                )
                expected = coordinates.axis_coordinates(
                    positions, size, alignment, -0.5, 2.0
                )
                self.assertAllClose(found, expected, 1e-6, 1e-6)


class GridTest(testing.TestCase):
    def test_x_to_the_right_and_y_downwards(self):
        coords = grid(2, 3)
        self.assertEqual(coords.shape, (2, 3, 2))
        self.assertAllEqual(coords[..., 0], [[-1, 0, 1], [-1, 0, 1]])
        self.assertAllEqual(coords[..., 1], [[-1, -1, -1], [1, 1, 1]])

    def test_equation_1_of_ms_patch(self):
        # grid(H, W, N): pixel (H / N) k of H, for 0 <= k < N.
        coords = grid(8, 8, stride=2)
        expected = -1 + 2 * np.array([0, 2, 4, 6]) / 7
        self.assertAllClose(coords[0, :, 0], expected)
        self.assertAllClose(coords[:, 0, 1], expected)

    @settings
    @hypothesis.given(sides, sides, strides)
    def test_corner_pixels_keep_their_coordinates(self, rows, columns, stride):
        fine = grid(rows * stride, columns * stride)
        coarse = grid(rows * stride, columns * stride, stride)
        self.assertAllEqual(coarse, fine[::stride, ::stride])

    @settings
    @hypothesis.given(sides, sides, strides)
    def test_center_samples_stand_in_their_pixels(self, rows, columns, stride):
        fine = grid(rows * stride, columns * stride, alignment="center")
        coarse = grid(rows * stride, columns * stride, stride, "center")
        cells = fine.reshape(rows, stride, columns, stride, 2)
        self.assertAllClose(coarse, np.mean(cells, axis=(1, 3)), atol=1e-6)

    @settings
    @hypothesis.given(st.integers(2, 300), st.integers(2, 12), strides)
    def test_span_is_linspace_of_the_stage(self, rows, columns, stride):
        # MS-patch's public code: linspace(-1, 1, N) with the stage's own N.
        coords = grid(rows * stride, columns * stride, stride, "span")
        self.assertAllClose(coords[:, 0, 1], np.linspace(-1, 1, rows), atol=2e-6)
        self.assertAllClose(coords[0, :, 0], np.linspace(-1, 1, columns), atol=2e-6)

    def test_how_much_of_the_frame_no_coarse_grid_reaches(self):
        # Of the frame's side of 2, beyond the last sample of stage 1.
        ends = {a: grid(64, 64, 4, a)[-1, -1, 0] for a in ("corner", "span")}
        self.assertAllClose(ends["corner"], 1 - 2 * 3 / 63)
        self.assertAllClose(ends["span"], 1.0)

    def test_center_of_a_coarse_grid_is_the_grid_of_a_smaller_image(self):
        self.assertAllClose(grid(8, 16, 4, "center"), grid(2, 4, alignment="center"))

    def test_errors(self):
        with self.assertRaisesRegex(ValueError, "`height`.*=0"):
            coordinates.grid(0, 4)
        with self.assertRaisesRegex(ValueError, "`width`.*=-2"):
            coordinates.grid(4, -2)
        with self.assertRaisesRegex(ValueError, "`stride`.*=0"):
            coordinates.grid(4, 4, stride=0)
        for name, sides in (("height", (4, 6)), ("width", (6, 4))):
            with self.assertRaisesRegex(ValueError, f"`stride`.*=3, {name}=4"):
                coordinates.grid(*sides, stride=3)
        with self.assertRaisesRegex(ValueError, "`alignment`.*'middle'"):
            coordinates.grid(4, 4, alignment="middle")
        # Of images, `span` is no alignment: it is `corner`.
        with self.assertRaisesRegex(ValueError, "`alignment`.*'span'"):
            coordinates.axis_coordinates([0], 4, "span")
        self.assertEqual(coordinates.image_alignment("span"), "corner")


class PatchTest(testing.TestCase):
    @settings
    @hypothesis.given(st.data(), grid_alignments, strides, sides, sides)
    def test_is_a_slice_of_the_grid(self, data, alignment, stride, rows, columns):
        size = data.draw(st.integers(1, min(rows, columns)))
        row = data.draw(st.integers(0, rows - size))
        column = data.draw(st.integers(0, columns - size))
        sizes = (rows * stride, columns * stride, stride, alignment)
        full = grid(*sizes)
        crop = patch([[row, column], [0, 0]], size, *sizes)
        self.assertEqual(crop.shape, (2, size * size, 2))
        self.assertEqual(crop.dtype, "float32")
        expected = full[row : row + size, column : column + size]
        # Bit by bit: a pixel has one coordinate, wherever it is rendered.
        self.assertAllEqual(crop[0], expected.reshape(-1, 2))
        self.assertAllEqual(crop[1], full[:size, :size].reshape(-1, 2))

    def test_compiled(self):
        sizes = (24, 32, 2)
        call = tf.function(lambda o: coordinates.patch(o, 4, *sizes))
        near = testing.to_numpy(call(np.array([[0, 1], [2, 0]])))
        far = testing.to_numpy(call(np.array([[1, 3], [7, 9], [3, 2]])))
        # TensorFlow multiplies by the inverse of a constant: one unit in the
        # last place beside the division, but the same in every patch.
        expected = patch([[0, 1], [2, 0]], 4, *sizes)
        self.assertAllClose(near, expected, rtol=0, atol=1.2e-7)
        first = near.reshape(2, 4, 4, 2)[0]
        second = far.reshape(3, 4, 4, 2)[0]
        self.assertAllEqual(first[1:, 2:], second[:3, :2])

    def test_a_stack_of_offsets_in_a_graph(self):
        # TensorFlow's optimizer loses a new axis in the slice of a stack.
        @tf.function
        def call(uniform):
            offsets = coordinates.random_offsets(uniform, (8, 8), 4)
            return offsets, coordinates.patch(offsets, 4, 8, 8)

        offsets, coords = call(tf.random.uniform((3, 2), seed=1))
        expected = patch(offsets, 4, 8, 8)
        self.assertAllClose(coords, expected, rtol=0, atol=1.2e-7)

    def test_errors(self):
        with self.assertRaisesRegex(ValueError, "`patch_size`.*=0"):
            coordinates.patch([[0, 0]], 0, 8, 8)
        with self.assertRaisesRegex(ValueError, "`stride`.*=0"):
            coordinates.patch([[0, 0]], 4, 8, 8, stride=0)
        with self.assertRaisesRegex(ValueError, "`size`.*=0"):
            coordinates.patch([[0, 0]], 4, 8, 0)
        with self.assertRaisesRegex(ValueError, "`alignment`.*'middle'"):
            coordinates.patch([[0, 0]], 4, 8, 8, alignment="middle")


class PixelPatchTest(testing.TestCase):
    @settings
    @hypothesis.given(strides, grid_alignments)
    def test_on_its_grid_it_is_patch(self, stride, alignment):
        offsets = np.array([[0, 0], [1, 3], [2, 1]])
        expected = patch(offsets, 4, 8 * stride, 9 * stride, stride, alignment)
        found = coordinates.pixel_patch(
            offsets * stride, [stride] * 3, 4, 8 * stride, 9 * stride, alignment
        )
        self.assertAllClose(found, expected, rtol=0, atol=2.4e-7)

    def test_each_crop_has_its_own_stride_and_any_start(self):
        found = coordinates.pixel_patch([[1, 2], [0, 3]], [1, 3], 2, 16, 16, "center")
        # Pixels 2 and 3 of row 1; cells of three pixels about 4 and 7.
        self.assertAllClose(found[0, :2, 0], [(5 / 16) - 1, (7 / 16) - 1])
        self.assertAllClose(found[1, :2, 0], [(9 / 16) - 1, (15 / 16) - 1])
        self.assertAllClose(found[1, ::2, 1], [(3 / 16) - 1, (9 / 16) - 1])

    def test_errors(self):
        with self.assertRaisesRegex(ValueError, "`patch_size`.*=0"):
            coordinates.pixel_patch([[0, 0]], [1], 0, 8, 8, "center")


class RandomOffsetsTest(testing.TestCase):
    @settings
    @hypothesis.given(
        st.data(),
        st.integers(1, 300),
        st.integers(1, 300),
        st.integers(1, 4),
    )
    def test_crops_lie_on_the_grid(self, data, height, width, step):
        size = data.draw(st.integers(1, min(height, width)))
        below_one = float(np.nextafter(np.float32(1), np.float32(0)))
        numbers = st.floats(0, below_one, width=32)
        uniform = data.draw(st.lists(st.tuples(numbers, numbers), min_size=1))
        uniform += [(0.0, 0.0), (below_one, below_one), (1.0, 1.0)]
        offsets = coordinates.random_offsets(
            tf.constant(uniform, tf.float32), (height, width), size, step
        )
        self.assertEqual(offsets.dtype, "int32")
        offsets = testing.to_numpy(offsets)
        self.assertEqual(offsets.shape, (len(uniform), 2))
        self.assertTrue(np.all(offsets >= 0))
        self.assertTrue(np.all(offsets + size <= [height, width]))
        self.assertAllEqual(offsets % step, np.zeros_like(offsets))
        self.assertAllEqual(offsets[-3], [0, 0])
        last = [(height - size) // step * step, (width - size) // step * step]
        self.assertAllEqual(offsets[-2], last)
        self.assertAllEqual(offsets[-1], last)

    def test_every_offset_is_equally_likely(self):
        count = 4000
        middles = (np.arange(count) + 0.5) / count
        uniform = np.stack([middles, middles], axis=-1).astype("float32")
        offsets = coordinates.random_offsets(uniform, (9, 12), 8, 2)
        offsets = testing.to_numpy(offsets)
        self.assertAllEqual(offsets[:, 0], np.zeros(count))
        values, counts = np.unique(offsets[:, 1], return_counts=True)
        self.assertAllEqual(values, [0, 2, 4])
        self.assertAllClose(counts / count, np.full(3, 1 / 3), atol=1e-3)

    def test_rows_come_first(self):
        offsets = coordinates.random_offsets(
            np.array([[0.0, 0.99]], "float32"), (8, 16), 8
        )
        self.assertAllEqual(offsets, [[0, 8]])

    def test_errors(self):
        for sides in ((4, 16), (16, 4)):
            with self.assertRaisesRegex(
                ValueError, f"`patch_size`.*=8, sides=.{sides[0]}, {sides[1]}"
            ):
                coordinates.random_offsets(np.zeros((1, 2)), sides, 8)


class PreviousRegionTest(testing.TestCase):
    def test_values(self):
        offsets, size = coordinates.previous_region(np.array([[4, 8], [5, 9]]), 8, 2, 4)
        self.assertEqual(size, 4)
        # Between two coarse samples: rounded down.
        self.assertAllEqual(offsets, [[2, 4], [2, 4]])

    @pytest.mark.slow
    @settings
    @hypothesis.given(st.data(), strides, st.sampled_from([1, 2, 4]))
    def test_covers_the_crop(self, data, stride, factor):
        side = stride * 8 * factor
        choice = st.integers(0, side // stride // factor - 2)
        row, column = data.draw(choice), data.draw(choice)
        offsets = np.array([[row * factor, column * factor]])
        size = 2 * factor
        previous = stride * factor
        start, coarse = coordinates.previous_region(offsets, size, stride, previous)
        self.assertEqual(coarse, 2)
        # Corner: each coarse sample is a pixel of the crop.
        fine = patch(offsets, size, side, side, stride)
        fine = fine.reshape(2, factor, 2, factor, 2)
        self.assertAllEqual(
            patch(start, coarse, side, side, previous)[0],
            fine[:, 0, :, 0].reshape(-1, 2),
        )
        # Center: each stands in the middle of its pixels of the crop.
        fine = patch(offsets, size, side, side, stride, "center")
        fine = fine.reshape(2, factor, 2, factor, 2)
        self.assertAllClose(
            patch(start, coarse, side, side, previous, "center")[0],
            np.mean(fine, axis=(1, 3)).reshape(-1, 2),
            atol=1e-6,
        )

    def test_errors(self):
        for patch_size, stride, previous in ((8, 2, 3), (8, 4, 2), (6, 1, 4)):
            with self.assertRaisesRegex(
                ValueError,
                f"`previous_stride`.*previous_stride={previous}, "
                f"stride={stride}, patch_size={patch_size}",
            ):
                coordinates.previous_region(
                    np.zeros((1, 2)), patch_size, stride, previous
                )


class RegionTest(testing.TestCase):
    @settings
    @hypothesis.given(alignments, st.integers(1, 40), st.integers(1, 40))
    def test_of_the_frame_is_the_grid(self, alignment, height, width):
        outputs = coordinates.region((-1.0, -1.0, 1.0, 1.0), height, width, alignment)
        self.assertAllEqual(outputs, grid(height, width, 1, alignment))

    def test_twice_the_size(self):
        box = (-0.5, -1.5, 1.0, 0.5)
        small = testing.to_numpy(coordinates.region(box, 4, 6, "center"))
        large = testing.to_numpy(coordinates.region(box, 8, 12, "center"))
        cells = large.reshape(4, 2, 6, 2, 2)
        self.assertAllClose(small, np.mean(cells, axis=(1, 3)), atol=1e-6)
        large = testing.to_numpy(coordinates.region(box, 8, 12, "corner"))
        self.assertAllClose(large[0, 0], [-0.5, -1.5])
        self.assertAllClose(large[-1, -1], [1.0, 0.5])
        # 2 n - 1 samples keep those of n.
        small = coordinates.region(box, 4, 6, "corner")
        large = testing.to_numpy(coordinates.region(box, 7, 11, "corner"))
        self.assertAllClose(large[::2, ::2], small, atol=1e-6)

    def test_center_stands_half_a_sample_inside(self):
        outputs = coordinates.region((0.0, 0.0, 4.0, 2.0), 2, 4, "center")
        self.assertAllClose(outputs[0, :, 0], [0.5, 1.5, 2.5, 3.5])
        self.assertAllClose(outputs[:, 0, 1], [0.5, 1.5])

    def test_errors(self):
        for box in ((1, -1, -1, 1), (-1, 1, 1, 1), (-1, -1, np.nan, 1)):
            with self.assertRaisesRegex(ValueError, "`box`.*Received"):
                coordinates.region(box, 4, 4)
        frame = (-1, -1, 1, 1)
        with self.assertRaisesRegex(ValueError, "`height`.*=0"):
            coordinates.region(frame, 0, 4)
        with self.assertRaisesRegex(ValueError, "`width`.*=0"):
            coordinates.region(frame, 4, 0)
        with self.assertRaisesRegex(ValueError, "`alignment`.*'middle'"):
            coordinates.region(frame, 4, 4, "middle")


class LatticeTest(testing.TestCase):
    def test_of_two_axes_is_the_grid(self):
        for alignment in coordinates.ALIGNMENTS:
            self.assertAllEqual(
                coordinates.lattice((5, 3), alignment),
                coordinates.grid(3, 5, 1, alignment),
            )

    def test_each_axis_has_its_own_size(self):
        outputs = testing.to_numpy(coordinates.lattice((4, 3, 2), "center"))
        self.assertEqual(outputs.shape, (2, 3, 4, 3))
        self.assertAllClose(outputs[1, 2, :, 0], [-0.75, -0.25, 0.25, 0.75])
        self.assertAllClose(outputs[1, :, 2, 1], [-2 / 3, 0.0, 2 / 3])
        self.assertAllClose(outputs[:, 1, 2, 2], [-0.5, 0.5])
        line = coordinates.lattice((3,))
        self.assertAllClose(line, [[-1.0], [0.0], [1.0]])

    def test_nearest_positions_stay_on_the_lattice(self):
        coords = np.array([-1.5, -1.0, 1e-6, 0.1, 1.0, 2.0], "float32")
        positions = coordinates.nearest_lattice_positions(coords, 5, "corner")
        self.assertAllClose(positions, [0.0, 0.0, 2.0, 2.2, 4.0, 4.0])
        self.assertEqual(float(positions[2]), 2.0)
