import numpy as np
import tensorflow as tf
from PIL import Image

from inr_keras.training.patches import crop_density
from inr_keras.training.patches.frame import Frame
from tests import testing
from tests.training import small


class LoadTest(testing.TestCase):
    def test_center_is_highest_in_the_middle_and_nowhere_zero(self):
        self.assertIsNone(crop_density.load("", 16))
        bell = crop_density.load("center", 16)
        self.assertEqual(bell.shape, (16, 16))
        self.assertAllClose(bell, bell[::-1])
        self.assertAllClose(bell, bell.T)
        self.assertEqual(np.max(bell), bell[7, 8])
        self.assertGreater(np.min(bell), 0)

    def test_an_image(self):
        path = self.temporary_folder() / "map.png"
        image = np.zeros((16, 16, 3), "uint8")
        image[:8, :, 0] = 255
        Image.fromarray(image).save(path)
        density = crop_density.load(str(path), 16)
        self.assertAllClose(density[:8], np.full((8, 16), 85.0))
        self.assertAllClose(density[8:], np.zeros((8, 16)))

    def test_errors(self):
        folder = self.temporary_folder()
        black = folder / "black.png"
        Image.new("L", (16, 16)).save(black)
        text = folder / "text.png"
        text.write_text("no image")
        for path, reason in (
            (folder / "missing.png", "No such file"),
            (text, "not an image"),
            (black, "not all black"),
        ):
            with self.assertRaises(ValueError) as caught:
                crop_density.load(str(path), 16)
            message = str(caught.exception)
            self.assertNotIn("\n", message)
            self.assertIn("config.data.density must be", message)
            self.assertIn(reason, message)
            self.assertIn(f"Received: {str(path)!r}", message)


class CropDrawTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.map = np.random.default_rng(0).uniform(size=(12, 12)) ** 3
        self.map[:, 8:] = 0.0

    def test_crops_come_as_often_as_their_mean_density(self):
        draw = crop_density.CropDraw(self.map, 4, 2)
        expected = np.zeros((5, 5))
        for i in range(5):
            for j in range(5):
                crop = self.map[2 * i : 2 * i + 4, 2 * j : 2 * j + 4]
                expected[i, j] = crop.mean()
        expected /= expected.sum()
        self.assertAllClose(draw.probabilities, expected)
        self.assertEqual(np.max(expected[:, 4]), 0)
        uniform = tf.random.stateless_uniform((20000, 2), (1, 2))
        crops = np.array(draw(uniform))
        counts = np.zeros((5, 5))
        np.add.at(counts, tuple(crops.T), 1)
        self.assertAllClose(counts / 20000, expected, atol=0.01)
        self.assertEqual(np.sum(counts[:, 4]), 0)

    def test_the_ends_of_the_draw(self):
        draw = crop_density.CropDraw(self.map, 4, 2)
        top = np.nextafter(np.float32(1), np.float32(0))
        ends = draw(tf.constant([[0.0, 0.0], [top, top]]))
        self.assertAllEqual(ends, [[0, 0], [4, 3]])

    def test_a_frame_draws_by_its_map_on_every_grid(self):
        corner = np.zeros((32, 32))
        corner[:8, 24:] = 1.0  # Above to the right.
        frame = Frame(32, 8, "center", [4, 2, 1], density=corner, replay_every=2)
        offsets = np.array(frame.offsets(small.crop_draws(96)))
        for grid in frame.grids(96):
            crops = offsets[list(grid.members)]
            self.assertTrue(np.all(crops % grid.crop_step == 0))
            reach = 8 * grid.stride
            rows, columns = crops.T * grid.stride
            self.assertTrue(np.all(rows < 8))
            self.assertTrue(np.all(columns + reach > 24))
            self.assertLess(np.max(columns + reach), 33)
