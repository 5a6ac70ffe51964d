import numpy as np
import pytest
import tensorflow as tf

from inr_keras.config import Stage
from inr_keras.training.patches.frame import Frame
from inr_keras.training.patches.random_frame import RandomFrame
from tests import testing
from tests.training import small


class RandomFrameTest(testing.TestCase):
    def offsets(self, grid, **changes):
        frame = RandomFrame(32, 8, "center", **changes)
        return frame, frame.offsets(small.crop_draws(4, grid, seed=(5, 6)))

    def test_strides(self):
        for stride, expected in ((1, [1, 2, 3, 4, 6]), (3, [3, 4, 6])):
            frame = RandomFrame(48, 8, "center", [stride])
            self.assertEqual(frame.random_strides, expected)

    def test_each_batch_has_one_stride_and_any_offset(self):
        for shared, stride in ((0.0, 1), (0.5, 2), (0.999999, 4)):
            _, offsets = self.offsets(shared)
            offsets = np.array(offsets)
            self.assertEqual(offsets.shape, (4, 3))
            self.assertEqual(set(offsets[:, 2]), {stride})
            self.assertLess(np.max(offsets[:, :2]), 32 - 8 * stride + 1)
            self.assertGreaterEqual(np.min(offsets), 0)
        # At stride 2, crops begin between the samples of the stage's grid too.
        frame = RandomFrame(32, 8, "center")
        starts = np.array(frame.offsets(small.crop_draws(64, 0.5)))[:, :2]
        self.assertEqual(set(np.unique(starts % 2)), {0, 1})

    def test_real_and_fake_patches_cover_the_same_cells(self):
        images = small.coordinate_images()
        for reduction in ("box", "antialias"):
            for shared in (0.1, 0.5, 0.9):
                frame, offsets = self.offsets(shared, reduction=reduction)
                real = np.array(frame.real_patches(images, offsets))
                coords = frame.coords(offsets)
                coords = np.reshape(coords, (4, 8, 8, 2))
                inner = slice(1, -1)  # The filter repeats borders.
                self.assertAllClose(
                    real[:, inner, inner, :2],
                    coords[:, inner, inner],
                    atol=1.01 / 255,
                )

    def test_on_its_grid_it_equals_the_plain_frame(self):
        for alignment in ("center", "corner", "span"):
            plain = Frame(32, 8, alignment, [2])
            frame = RandomFrame(32, 8, alignment, [2])
            crops = tf.constant([[0, 0], [1, 2], [8, 8], [3, 7]])
            strides = tf.fill((4, 1), 2)
            offsets = tf.concat([crops * 2, strides], axis=-1)
            images = small.random_images()
            self.assertAllClose(
                frame.coords(offsets),
                plain.coords(crops),
            )
            np.testing.assert_array_equal(
                frame.real_patches(images, offsets),
                plain.real_patches(images, crops),
            )
            self.assertAllClose(frame.place(offsets), plain.place(crops))

    def test_a_map_of_density_holds(self):
        density = np.zeros((32, 32))
        density[:2, :2] = 1.0
        _, offsets = self.offsets(0.5, density=density)
        self.assertLess(np.max(np.array(offsets)[:, :2]), 2)

    @pytest.mark.slow
    def test_strides_change_from_step_to_step_and_follow_from_the_seed(self):
        def strides(seed):
            gan = small.small_gan(seed=seed)
            gan.set_stage(Stage(1, random_stride=True))
            strides = []
            for step in range(20):
                gan.step.assign(step)
                strides.append(int(gan.frame.offsets(gan.draw(4))[0, 2]))
            return strides

        first = strides(0)
        self.assertEqual(set(first), {1, 2, 4})
        self.assertEqual(first, strides(0))
        self.assertNotEqual(first, strides(1))
