import numpy as np
import pytest
import tensorflow as tf

from inr_keras.config import Crops
from inr_keras.config import Stage
from inr_keras.losses import mean_pool
from inr_keras.training.patches.frame import Frame
from inr_keras.training.patches.pixel_frame import PixelFrame
from inr_keras.training.patches.pixel_frame import frame_class
from tests import testing
from tests.training import small


class PixelFrameTest(testing.TestCase):
    def offsets(self, grid, **changes):
        frame = PixelFrame(32, 8, "center", random_stride=True, **changes)
        return frame, frame.offsets(small.crop_draws(4, grid, seed=(5, 6)))

    def test_strides(self):
        for stride, expected in ((1, [1, 2, 3, 4, 6]), (3, [3, 4, 6])):
            frame = PixelFrame(48, 8, "center", [stride], random_stride=True)
            self.assertEqual(frame.drawn_strides, expected)

    def test_each_batch_has_one_stride_and_any_offset(self):
        for shared, stride in ((0.0, 1), (0.5, 2), (0.999999, 4)):
            _, offsets = self.offsets(shared)
            offsets = np.array(offsets)
            self.assertEqual(offsets.shape, (4, 3))
            self.assertEqual(set(offsets[:, 2]), {stride})
            # Cells in the middle of the frame's border belong to it.
            half = stride // 2
            self.assertLessEqual(np.max(offsets[:, :2]), 32 - 8 * stride + half)
            self.assertGreaterEqual(np.min(offsets[:, :2]), -half)
        # At stride 2, crops begin between the samples of the stage's grid too.
        frame = PixelFrame(32, 8, "center", random_stride=True)
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
            frame = PixelFrame(32, 8, alignment, [2])
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

    def test_every_pixel_is_a_sample_of_the_coarsest_grid_in_the_frame(self):
        """And each start is as likely as any other; a map gives middle ones more."""
        for alignment, starts in (
            ("corner", [0, 1, 2, 3]),
            ("center", [-2, -1, 0, 1, 2]),
            ("span", [0]),
        ):
            for case in ("plain", "extents", "density"):
                density = np.ones((32, 32)) if case == "density" else None
                frame = PixelFrame(32, 8, alignment, [4], density=density)
                uniform = (np.arange(200) + 0.5) / 200
                draws = small.crop_draws(200)._replace(
                    crops=tf.constant(np.stack([uniform, uniform], axis=1), tf.float32)
                )
                if case == "extents":
                    draws = draws._replace(extents=tf.fill((200, 2), 32))
                offsets = np.array(frame.offsets(draws))
                found, counts = np.unique(offsets[:, 0], return_counts=True)
                self.assertEqual(found.tolist(), starts)
                self.assertLessEqual(np.ptp(counts), 6 if density is not None else 0)
                coords = np.array(frame.coords(frame.offsets(draws)))
                self.assertLessEqual(np.abs(coords).max(), 1.0 + 1e-6)
                if alignment == "corner":
                    self.assertEqual(len(np.unique(coords[..., 0].round(5))), 32)

    def test_crops_reach_the_border_cells_of_each_rectangle(self):
        frame = PixelFrame(32, 2, "center", [4])
        draws = small.crop_draws(500, extents=tf.tile([[16, 32]], (500, 1)))
        starts = np.array(frame.offsets(draws))[:, :2]
        self.assertEqual(starts.min(axis=0).tolist(), [8 - 2, -2])
        self.assertEqual(starts.max(axis=0).tolist(), [24 - 8 + 2, 32 - 8 + 2])

    def test_smaller_images_show_what_full_ones_do(self):
        """At the same points; crops begin on any of their pixels."""
        images = small.random_images()
        for alignment, margin, level in (("center", 5, 2), ("corner", 0, 4)):
            crops = Crops(starts="pixel", margin=margin)
            frame = PixelFrame(32, 2, alignment, [8], crops=crops, level=level)
            offsets = frame.offsets(small.crop_draws(200))
            starts = np.array(offsets)[:, :2]
            lead = 8 if margin else 0
            self.assertEqual(set(starts.ravel() % level), {0})
            self.assertEqual(np.min(starts), -lead)
            last = 32 - 2 * 8 + (8 if margin else 4)
            self.assertEqual(np.max(starts), last)
            inside = np.all((starts >= 0) & (starts <= 16), axis=1)
            few = tf.constant(np.array(offsets)[inside][:4])
            means = np.reshape(images, (4, 32 // level, level, 32 // level, level, 3))
            means = tf.constant(np.round(means.mean((2, 4))).astype("uint8"))
            self.assertAllClose(
                frame.real_patches(means, few),
                frame.real_patches(images, few),
                atol=0.51 / 127.5,
            )
            reference = PixelFrame(32, 2, alignment, [8])
            self.assertAllClose(frame.coords(few), reference.coords(few))
            density = np.zeros((32, 32))
            density[16:, 16:] = 1.0
            dense = PixelFrame(32, 2, alignment, [8], density=density, level=level)
            offsets = np.array(dense.offsets(small.crop_draws(50)))
            self.assertEqual(set(offsets[:, :2].ravel() % level), {0})
            self.assertEqual(np.max(offsets[:, :2]), 20)

    def test_a_margin_beyond_the_border_is_trained_on_what_lies_there(self):
        images = small.coordinate_images()
        for beyond in ("edge", "mirror"):
            crops = Crops(starts="pixel", margin=5, beyond=beyond)
            frame = PixelFrame(32, 8, "center", [1], crops=crops)
            offsets = frame.offsets(small.crop_draws(200))
            self.assertEqual(np.min(np.array(offsets)[:, :2]), -5)
            self.assertEqual(np.max(np.array(offsets)[:, :2]), 32 - 8 + 5)
            self.assertEqual(frame.at_full_density().crops, crops)
            offsets = tf.constant([[-5, 29, 1]] * 4)
            real = np.array(frame.real_patches(images, offsets))
            coords = np.reshape(frame.coords(offsets), (-1, 8, 8, 2))[0]
            last = 1 - 1 / 32  # Middle of the last pixel.
            outside = np.abs(coords) - 1
            mirrored = np.sign(coords) * (1 - outside)
            expected = {
                "edge": np.clip(coords, -last, last),
                "mirror": np.where(outside > 0, mirrored, coords),
            }[beyond]
            self.assertAllClose(real[0, ..., :2], expected, atol=1.01 / 255)

    def test_a_margin_needs_crops_that_start_on_any_pixel(self):
        with self.assertRaisesRegex(ValueError, "margin.*starts.*Received: Crops"):
            frame_class(Crops(starts="grid", margin=5), random_stride=True)

    def test_the_regions_of_the_stage_before_are_those_of_the_crops(self):
        for alignment in ("center", "corner"):
            frame = PixelFrame(32, 8, alignment, [4, 2])
            offsets = frame.offsets(small.crop_draws(4))
            images = small.coordinate_images()
            fine = frame.real_patches(images, offsets)[..., :2]
            coords, size = frame.previous_coords(offsets)
            self.assertEqual(size, 4)
            before = PixelFrame(32, size, alignment, [4])
            offsets = tf.concat([offsets[:, :2], tf.fill((4, 1), 4)], axis=-1)
            self.assertAllClose(before.coords(offsets), coords)
            coarse = before.real_patches(images, offsets)[..., :2]
            self.assertAllClose(mean_pool(fine, 2), coarse, atol=1e-5)

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
