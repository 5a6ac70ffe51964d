import types

import numpy as np
import tensorflow as tf

from inr_keras.config import Crops
from inr_keras.losses import mean_pool
from inr_keras.training.patches.frame import Frame
from inr_keras.training.patches.frame import Grid
from inr_keras.training.patches.pixel_frame import PixelFrame
from tests import testing
from tests.training import small


class SharedPlacesTest(testing.TestCase):
    def test_samples_that_are_compared_are_of_one_place(self):
        for frame_class in (Frame, PixelFrame):
            for shared in (True, False):
                frame = frame_class(
                    32,
                    8,
                    "center",
                    [2, 1],
                    crops=Crops(shared=shared),
                    stddev_group=4,
                )
                offsets = np.array(frame.offsets(small.crop_draws(8)))
                # Sample n belongs to group n mod 2.
                places = [len(np.unique(offsets[i::2], axis=0)) for i in range(2)]
                self.assertEqual(places, [1, 1] if shared else [4, 4])
                self.assertTrue(np.any(offsets[0] != offsets[1]))


class GridsTest(testing.TestCase):
    def grids(self, strides, batch, **settings):
        return Frame(32, 8, "center", strides, **settings).grids(batch)

    def test_all_samples_look_at_the_stages_grid(self):
        [grid] = self.grids([4, 2, 1], 6)
        self.assertEqual(grid, Grid(1, 2, (0, 1, 2, 3, 4, 5)))
        [grid] = self.grids([4, 2, 1], 2, crops=Crops(starts="grid"))
        self.assertEqual(grid.crop_step, 1)

    def test_replay_takes_earlier_grids_in_turn(self):
        grids = self.grids([4, 2, 1], 8, replay_every=2)
        self.assertEqual([grid.stride for grid in grids], [1, 2, 4])
        self.assertEqual([grid.crop_step for grid in grids], [2, 2, 1])
        members = [grid.members for grid in grids]
        self.assertEqual(members, [(0, 2, 4, 6), (3, 7), (1, 5)])
        # A batch of one replayed group shows the first grid alone.
        grids = self.grids([4, 2, 1], 8, replay_every=2, stddev_group=4)
        self.assertEqual(
            [(grid.stride, grid.members) for grid in grids],
            [(1, (0, 2, 4, 6)), (4, (1, 3, 5, 7))],
        )
        # The first stage has none before it.
        [grid] = self.grids([4], 8, replay_every=2)
        self.assertEqual(grid.stride, 4)

    def test_samples_that_are_compared_are_on_one_grid(self):
        for batch, every, group in ((8, 2, 4), (16, 4, 4), (16, 2, 4), (24, 3, 4)):
            grids = self.grids([4, 2, 1], batch, replay_every=every, stddev_group=group)
            strides = np.zeros(batch, int)
            for grid in grids:
                strides[list(grid.members)] = grid.stride
            # As `MinibatchStddev` divides a batch: (index in group, group).
            by_group = strides.reshape(group, batch // group)
            self.assertTrue(np.all(by_group == by_group[0]), (batch, every, group))
            self.assertEqual(np.mean(strides > 1), 1 / every)

    def test_errors(self):
        for every, batch, group in ((1, 4, 1), (3, 4, 1), (4, 8, 4)):
            with self.assertRaisesRegex(ValueError, "replay_every.*divide"):
                self.grids([2, 1], batch, replay_every=every, stddev_group=group)
        with self.assertRaisesRegex(ValueError, "patch_size.*must divide"):
            Frame(32, 12, "corner")


class FrameTest(testing.TestCase):
    def test_each_sample_keeps_its_place(self):
        # Patches of a ramp tell their own coordinates, and whose they are.
        images = small.coordinate_images(8)
        mark = np.linspace(-1, 1, 8)
        images[..., 2] = np.rint((mark + 1) * 127.5)[:, None, None]
        frame = Frame(32, 8, "center", [4, 2, 1], replay_every=2)
        offsets = frame.offsets(small.crop_draws(8))
        coords = frame.coords(offsets)
        self.assertEqual(coords.shape, (8, 64, 2))
        real = frame.real_patches(images, offsets)
        coords = np.reshape(coords, (8, 8, 8, 2))
        self.assertAllClose(real[..., :2], coords, atol=1.01 / 255)
        expected = np.broadcast_to(mark[:, None, None], (8, 8, 8))
        self.assertAllClose(real[..., 2], expected, atol=1.01 / 255)
        # Stage 1's grid is one patch: the whole image.
        np.testing.assert_array_equal(np.array(offsets)[[1, 5]], 0)

    def test_surroundings_hold_the_patch_at_the_density_before(self):
        images = small.random_images(size=32)
        for alignment in ("center", "corner", "span"):
            frame = Frame(32, 8, alignment, [4, 2, 1])
            offsets = tf.constant([[0, 0], [8, 10], [24, 24], [2, 20]])
            coarse, around = frame.surroundings(offsets)
            self.assertAllEqual(around, [[0, 0], [2, 3], [8, 8], [0, 8]])
            context = np.array(coarse.real_patches(images, around))
            reduced = mean_pool(frame.real_patches(images, offsets), 2)
            for i in range(4):
                row, column = np.array(offsets[i]) // 2 - np.array(around[i])
                within = context[i, row : row + 4, column : column + 4]
                self.assertAllClose(within, reduced[i], 1e-5, 1e-6)
        # The grid of the first stage is one patch: all of it surrounds each crop.
        _, around = Frame(32, 8, "center", [4, 2]).surroundings(offsets // 4)
        self.assertAllEqual(around, np.zeros((4, 2)))

    def test_each_stage_of_span_spans_the_frame(self):
        for stride in (4, 2, 1):
            frame = Frame(32, 8, "span", [stride])
            last = 32 // stride - 8
            coords = frame.points(tf.constant([[0, 0], [last, last]]), 8, stride)
            self.assertAllClose(coords[0, 0], [-1.0, -1.0])
            self.assertAllClose(coords[-1, -1], [1.0, 1.0])

    def test_coarse_grids_of_span_show_images_larger(self):
        corner = tf.zeros((1, 2), tf.int32)
        fine, coarse = (
            np.array(Frame(64, 64 // s, "span", [s]).points(corner, 64 // s, s))
            for s in (1, 4)
        )
        cells = fine[0, :64, 0].reshape(16, 4).mean(axis=1)
        self.assertAllClose(coarse[0, :16, 0], cells * 63 / 60)

    def test_hints_tell_the_distance_of_points(self):
        generator = types.SimpleNamespace(takes_grid=True)
        for alignment in ("corner", "center", "span"):
            frame = Frame(32, 8, alignment, [2])
            x = np.array(frame.points(tf.zeros((1, 2), tf.int32), 8, 2))[0, :2, 0]
            hint = frame.grid_hint(generator, 8, 2)
            self.assertAllClose(hint["grid"][-1], x[1] - x[0])

    def test_place_tells_coordinates_and_scale(self):
        frame = Frame(32, 8, "corner", [4, 2, 1], replay_every=2)
        offsets = frame.offsets(small.crop_draws(4))
        place = np.array(frame.place(offsets))
        self.assertEqual(place.shape, (4, 8, 8, 3))
        np.testing.assert_array_equal(place[:, 3, 5, 2], [0, 2, 0, 1])
        coords = np.reshape(frame.coords(offsets), (4, 8, 8, 2))
        np.testing.assert_array_equal(place[..., :2], coords)
        # One whole grid is shared by all samples.
        place = Frame(32, 8, "corner", [4]).place(tf.zeros((4, 2), tf.int32))
        self.assertEqual(place.shape, (1, 8, 8, 3))

    def test_at_full_density(self):
        frame = Frame(32, 8, "center", [4, 2], "nearest", replay_every=2)
        dense = frame.at_full_density()
        self.assertEqual((dense.strides, dense.reduction), ((1,), "nearest"))
        self.assertEqual(len(dense.grids(3)), 1)
