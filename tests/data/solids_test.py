import numpy as np

from inr_keras.data import solids
from inr_keras.data.complaints import UnreadableImageError
from tests import testing


def disc(side, radius):
    axis = np.arange(side) + 0.5 - side / 2
    return np.where(np.hypot(axis[:, None], axis) < radius, 255, 0).astype("uint8")


class SolidsTest(testing.TestCase):
    def test_a_disc_becomes_a_flattened_ball(self):
        field = solids.inflate(disc(128, 48), 32)  # A radius of 12 samples.
        self.assertEqual(field.shape, (32, 32, 32, 1))
        self.assertEqual(field.dtype, np.uint8)
        inside = field[..., 0] > 127
        ellipsoid = 4.0 / 3.0 * np.pi * 12**3 * 0.8
        self.assertAllClose(inside.sum() / ellipsoid, 1.0, atol=0.05)
        self.assertAllEqual(inside, inside[::-1])
        # As deep in the middle as 0.8 of the diameter.
        self.assertAllClose(inside[:, 16, 16].sum(), 2 * 12 * 0.8, atol=2.0)
        # Seen from the front, it is the disc.
        seen = inside.any(axis=0)
        self.assertAllClose(seen.sum() / (np.pi * 12**2), 1.0, atol=0.06)

    def test_files(self):
        folder = self.temporary_folder()
        cube = np.zeros((16, 16, 16), bool)
        cube[:4] = True  # z from 0.
        for name, array in (
            ("bool", cube),
            ("float", cube.astype("float32")),
            ("bytes", cube.astype("uint8") * 255),
        ):
            np.save(folder / f"{name}.npy", array)
            field = solids.read_solid(folder / f"{name}.npy", 8)
            self.assertAllEqual(field[:2], np.full((2, 8, 8, 1), 255))
            self.assertAllEqual(field[2:], np.zeros((6, 8, 8, 1)))
        for name, array in (
            ("no cube", np.zeros((8, 8, 4))),
            ("no cube", np.zeros((0, 0, 0))),
            ("multiple of 8", np.zeros((12, 12, 12))),
            ("type int", np.zeros((8, 8, 8), "int32")),
            ("from 0 to 1", np.full((8, 8, 8), 2.0)),
        ):
            np.save(folder / "bad.npy", array)
            with self.assertRaisesRegex(UnreadableImageError, name):
                solids.read_solid(folder / "bad.npy", 8)
        with open(folder / "bad.npy", "wb") as file:
            np.savez(file, cube)
        with self.assertRaises(UnreadableImageError):
            solids.read_solid(folder / "bad.npy", 8)
        (folder / "bad.npy").write_bytes(b"what")
        with self.assertRaises(UnreadableImageError):
            solids.read_solid(folder / "bad.npy", 8)
