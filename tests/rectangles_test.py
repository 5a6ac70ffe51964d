import hypothesis
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import strategies as st

from inr_keras import coordinates
from inr_keras import rectangles
from tests import testing

# No deadline: TensorFlow's first calls are slow.
settings = hypothesis.settings(deadline=None, max_examples=15, derandomize=True)
alignments = st.sampled_from(coordinates.ALIGNMENTS)
strides = st.sampled_from([1, 2, 3, 4, 8])


def grid(*args, **kwargs):
    return testing.to_numpy(coordinates.grid(*args, **kwargs))


class RectanglesTest(testing.TestCase):
    @pytest.mark.slow
    @settings
    @hypothesis.given(
        alignments,
        strides,
        st.integers(1, 4),
        st.integers(1, 12),
        st.lists(st.tuples(st.integers(1, 24), st.integers(1, 24)), min_size=1),
        st.randoms(use_true_random=False),
    )
    def test_crops_by_a_slow_reference(
        self, alignment, stride, step, patch_size, halves, random
    ):
        size = 48
        hypothesis.assume(patch_size <= size // stride)
        extents = 2 * np.array(halves, "int32")
        uniform = np.array([[random.random()] * 2 for _ in halves], "float32")
        found = testing.to_numpy(
            rectangles.random_offsets(
                uniform, extents, size, patch_size, stride, alignment, step
            )
        )
        places = grid(size, size, stride, alignment).reshape(1, -1, 2)
        inside = testing.to_numpy(rectangles.within(places, extents, size, alignment))
        side = size // stride
        lead = (stride - 1) / 2 if alignment == "center" else 0.0
        position = np.arange(side) * stride + lead
        for i, extent in enumerate(extents):
            axes = []
            for axis, length in enumerate(extent):
                low = (size - length) / 2 - 0.5
                seen = (position >= low) & (position <= low + length)
                axes.append(seen)
                starts = [
                    start
                    for start in range(0, side - patch_size + 1, step)
                    if seen[start : start + patch_size].all()
                ]
                expected = (side - patch_size) // 2 // step * step
                if starts:
                    index = int(uniform[i, axis] * np.float32(len(starts)))
                    expected = starts[min(index, len(starts) - 1)]
                self.assertEqual(found[i, axis], expected)
            both = axes[0][:, None] & axes[1]
            self.assertAllEqual(inside[i].reshape(side, side), both)

    def test_square_images_have_the_crops_they_ever_had(self):
        uniform = tf.random.stateless_uniform((500, 2), (1, 2))
        extents = np.full((500, 2), 48, "int32")
        for alignment in coordinates.ALIGNMENTS:
            for stride, step in ((1, 1), (1, 2), (2, 3), (3, 1), (4, 2)):
                side = 48 // stride
                self.assertAllEqual(
                    rectangles.random_offsets(
                        uniform, extents, 48, 8, stride, alignment, step
                    ),
                    coordinates.random_offsets(uniform, (side, side), 8, step),
                )
        with self.assertRaisesRegex(ValueError, "`patch_size` must be at most"):
            rectangles.random_offsets(uniform, extents, 48, 8, 8)

    def test_the_middle_box_has_the_points_of_the_whole_frame(self):
        for alignment in coordinates.ALIGNMENTS:
            whole = grid(32, 32, 1, alignment)
            for height, width in ((32, 12), (2, 32), (32, 32)):
                box = rectangles.middle_box(height, width, 32, alignment)
                top, left = (32 - height) // 2, (32 - width) // 2
                points = coordinates.region(box, height, width, alignment)
                self.assertAllClose(
                    points,
                    whole[top : top + height, left : left + width],
                    atol=1e-6,
                )
            box = rectangles.middle_box(1, 32, 32, alignment)
            points = coordinates.region(box, 1, 32, alignment)
            self.assertAllClose(points[0, :, 1], np.zeros(32))
