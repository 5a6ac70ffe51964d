import numpy as np

from inr_keras.config import Data
from inr_keras.data import sources
from inr_keras.rendering import film
from tests import testing


def grey_film(levels, side=16):
    """Images of one level each, twice as wide as high, with black sides."""
    images = np.zeros((len(levels), side, 2 * side, 3), "uint8")
    images[:, :, side // 2 : -side // 2] = np.array(levels)[:, None, None, None]
    return images


class FilmFolderTest(testing.TestCase):
    def open(self, folder, **kwargs):
        data = Data(source=str(folder), video_length=4, motion="film", **kwargs)
        return sources.open_source(data, 8)

    def test_images_are_spread_over_each_film(self):
        folder = self.temporary_folder()
        film.write_film(folder / "a.gif", grey_film(range(0, 240, 20)), 10)  # 12.
        film.write_film(folder / "b.webp", grey_film([40, 200]), 10)
        film.write_film(folder / "c.gif", grey_film([90]), 10)
        (folder / "d.mp4").write_bytes(b"what")
        (folder / "e.gif").write_bytes(b"")
        source = self.open(folder)
        self.assertEqual(source.shape, (8, 8, 12))
        levels = source.images.reshape(2, 64, 4, 3).mean(axis=(1, 3))
        # The middles of four parts of three images: 1, 4, 7 and 10.
        self.assertAllClose(levels[0], [20, 80, 140, 200], atol=4)
        self.assertAllClose(levels[1], [40, 40, 200, 200], atol=4)
        self.assertEqual(sorted(source.skipped), ["c.gif", "d.mp4", "e.gif"])
        self.assertIn("still image", source.skipped["c.gif"])
        grey = self.open(folder, channels=1)
        self.assertEqual(grey.images.shape, (2, 8, 8, 4))

    def test_errors(self):
        folder = self.temporary_folder()
        with self.assertRaisesRegex(ValueError, "config.data.source.*one film"):
            self.open(folder)
        with self.assertRaisesRegex(ValueError, "config.data.source.*existing"):
            self.open(folder / "none")
