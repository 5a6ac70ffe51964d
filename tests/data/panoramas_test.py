import numpy as np
from PIL import Image

from inr_keras.data import panoramas
from tests import testing


def red_square(side=16):
    return np.full((side, side, 4), (255, 0, 0, 255), "uint8")


class PanoramasTest(testing.TestCase):
    def test_a_picture_is_seen_under_its_angle(self):
        # On the equator a gnomonic picture of 60 degrees is seen from -30 to 30.
        side = 360
        x = (np.arange(side) + 0.5 - side / 2)[None] * np.pi / 180.0
        y = (np.arange(side / 2) + 0.5 - side / 4)[:, None] * np.pi / 180.0
        rgba = panoramas._painted(red_square(), x, y, 0.0, np.radians(60.0))
        seen = rgba[..., 3] > 0
        self.assertEqual(seen[90].sum(), 60)
        self.assertEqual(np.flatnonzero(seen[90])[0], 150)
        self.assertEqual(seen[:, 180].sum(), 60)
        self.assertAllEqual(rgba[90, 180], [1, 0, 0, 1])
        # Behind the viewer there is nothing.
        self.assertFalse(seen[:, :90].any() or seen[:, 270:].any())

    def test_panoramas(self):
        pictures = red_square()[None]
        many = np.stack([panoramas.make_panorama(pictures, s, 32) for s in range(40)])
        self.assertEqual(many.dtype, np.uint8)
        self.assertAllEqual(many[3], panoramas.make_panorama(pictures, 3, 32))
        # No longitude is special: pictures are everywhere, as often at the ends.
        red = (many[..., 0] > 250) & (many[..., 2] < 5)
        share = red.any(axis=1).mean(axis=0)
        self.assertGreater(share.min(), 0.4)
        self.assertGreater((red[:, :, 0] & red[:, :, -1]).any(axis=1).mean(), 0.2)
        # Three or four of 72 degrees and more, never above one another.
        self.assertGreater(red.any(axis=1).mean(), 0.55)
        # No step at the ends beyond those between other columns.
        steps = np.abs(np.roll(many, -1, 2) - many.astype(int)).mean(axis=(0, 1, 3))
        self.assertLess(steps[-1], 2.0 * steps[:-1].mean())

    def test_files_are_squeezed(self):
        pixels = np.zeros((32, 64, 3), "uint8")
        pixels[:, 32:] = 200
        path = self.temporary_folder() / "a.png"
        Image.fromarray(pixels).save(path)
        panorama = panoramas.read_panorama(path, 16)
        self.assertEqual(panorama.shape, (16, 16, 3))
        complaints = []
        panoramas.read_panorama(path, 16, note=lambda *c: complaints.append(c))
        self.assertEqual(complaints, [])
        Image.fromarray(pixels[:, :48]).save(path.with_name("b.png"))
        panoramas.read_panorama(
            path.with_name("b.png"), 16, note=lambda *c: complaints.append(c)
        )
        self.assertEqual(complaints, [("aspect", "48x32, not twice as wide as high")])
        self.assertAllEqual(panorama[:, 3], np.zeros((16, 3)))
        self.assertAllEqual(panorama[:, 12], np.full((16, 3), 200))
        self.assertEqual(panoramas.read_panorama(path, 16, 1).shape, (16, 16, 1))
