import numpy as np
import tensorflow as tf

from inr_keras.training.patches import frame as frame_lib
from tests import testing


class ViewsTest(testing.TestCase):
    def test_all_samples_look_at_the_present_grid(self):
        (view,) = frame_lib.plan([4, 2, 1], 6)
        self.assertEqual(view, frame_lib.View(1, 2, (0, 1, 2, 3, 4, 5)))
        (view,) = frame_lib.plan([4, 2, 1], 2, aligned_crops=False)
        self.assertEqual(view.crop_step, 1)

    def test_replay_takes_earlier_grids_in_turn(self):
        shares = frame_lib.plan([4, 2, 1], 8, replay_every=2)
        self.assertEqual([v.stride for v in shares], [1, 2, 4])
        self.assertEqual([v.crop_step for v in shares], [2, 2, 1])
        rows = [v.rows for v in shares]
        self.assertEqual(rows, [(0, 2, 4, 6), (3, 7), (1, 5)])
        # The first stage has none before it.
        (view,) = frame_lib.plan([4], 8, replay_every=2)
        self.assertEqual(view.stride, 4)

    def test_each_sample_keeps_its_place(self):
        # Patches of a ramp tell their own coordinates, and whose they are.
        side = 32
        ramp = np.zeros((8, side, side, 3))
        ramp[..., 0] = (np.arange(side) * 2 + 1) / side - 1
        ramp[..., 1] = ((np.arange(side) * 2 + 1) / side - 1)[:, None]
        ramp[..., 2] = np.linspace(-1, 1, 8)[:, None, None]
        images = np.rint((ramp + 1) * 127.5).astype("uint8")
        frame = frame_lib.Frame(side, 8, "center")
        shares = frame_lib.plan([4, 2, 1], 8, replay_every=2)
        uniform = tf.random.stateless_uniform((8, 2), (1, 2))
        offsets = frame.offsets(uniform, shares)
        coords = frame.patch_coords(offsets, shares)
        self.assertEqual(coords.shape, (8, 64, 2))
        real = frame.real_patches(images, offsets, shares)
        coords = np.reshape(coords, (8, 8, 8, 2))
        self.assertAllClose(real[..., :2], coords, atol=1.01 / 255)
        mine = np.broadcast_to(ramp[:, :8, :8, 2], (8, 8, 8))
        self.assertAllClose(real[..., 2], mine, atol=1.01 / 255)
        # Stage 1's grid is one patch: the whole image.
        np.testing.assert_array_equal(np.array(offsets)[[1, 5]], 0)

    def test_place_tells_coordinates_and_scale(self):
        frame = frame_lib.Frame(32, 8, "corner")
        shares = frame_lib.plan([4, 2, 1], 4, replay_every=2)
        offsets = frame.offsets(tf.zeros((4, 2)), shares)
        coords = frame.patch_coords(offsets, shares)
        place = np.array(frame.place(coords, offsets, shares))
        self.assertEqual(place.shape, (4, 8, 8, 3))
        np.testing.assert_array_equal(place[:, 3, 5, 2], [0, 2, 0, 1])
        np.testing.assert_array_equal(place[..., :2], np.reshape(coords, (4, 8, 8, 2)))
        # One whole grid is shared by all samples.
        shares = frame_lib.plan([4], 4)
        offsets = tf.zeros((4, 2), tf.int32)
        coords = frame.patch_coords(offsets, shares)
        place = frame.place(coords, offsets, shares)
        self.assertEqual(place.shape, (1, 8, 8, 3))

    def test_errors(self):
        for every, batch in ((1, 4), (3, 4)):
            with self.assertRaisesRegex(ValueError, "replay_every.*divide"):
                frame_lib.plan([2, 1], batch, replay_every=every)
        with self.assertRaisesRegex(ValueError, "patch_size.*must divide"):
            frame_lib.Frame(32, 12, "corner")
