import numpy as np
import pytest

from inr_keras import rendering
from inr_keras.rendering import portraits
from tests import testing
from tests.rendering.generators import small_generator


class PortraitsTest(testing.TestCase):
    @pytest.mark.slow
    def test_signals_are_the_generators_values(self):
        for axes in (1, 3):
            generator = small_generator(
                coord_dim=axes, channels=1, resolution=6, alignment="center"
            )
            self.assertTrue(portraits.draws_signals(generator))
            renderer = rendering.Renderer(generator)
            styles = renderer.styles(rendering.latents_from_seeds(range(2), 6))
            values = portraits.render_signals(renderer, styles)
            self.assertEqual(values.shape, (2, *(6,) * axes, 1))
            # The last axis before the channels is x.
            coords = np.full((1, 1, axes), -1 + 1 / 6, "float32")
            coords[..., 0] = 1 - 1 / 6
            expected = generator.synthesis(styles, coords)
            last = values.reshape(2, -1, 6, 1)[:, 0, -1]
            self.assertAllClose(last, np.asarray(expected)[:, 0], atol=1e-5)
        self.assertFalse(portraits.draws_signals(small_generator()))

    def test_signals_that_memory_holds(self):
        settings = {"channels": 1, "resolution": 64, "alignment": "center"}
        sounds = small_generator(coord_dim=1, **settings)
        solids = small_generator(coord_dim=3, **settings)
        for generator, count, size in (
            (sounds, 256, 2**20),
            (solids, 1024, None),
            (solids, 1, 512),
        ):
            portraits.check_points(generator, count, size)
            with self.assertRaisesRegex(ValueError, "`height` must leave at most"):
                portraits.check_points(generator, count + 7, size)

    def test_rate_keeps_the_length(self):
        generator = small_generator(
            coord_dim=1, channels=1, resolution=100, sample_rate=4000
        )
        self.assertEqual(portraits.sample_rate(generator), 4000)
        self.assertEqual(portraits.sample_rate(generator, 200), 8000)

    def test_meshes_stand_upright(self):
        field = np.full((8, 8, 8, 1), -1.0)
        field[:, :4] = 1.0  # The upper half, as y runs downwards.
        field[:, 4:, 7:] = 1.0  # And all at the right.
        vertices, _ = portraits.solid_mesh(field)
        self.assertAllClose(vertices.min(axis=0), [-1, -1, -1], atol=0.2)
        left = vertices[vertices[:, 0] < 0.5]
        self.assertGreater(left[:, 1].min(), -0.2)
        self.assertIsNone(portraits.solid_mesh(-np.ones((4, 4, 4, 1))))

    def test_pictures(self):
        time = np.arange(4000) / 8000
        tone = np.sin(2 * np.pi * 2000 * time)[:, None]
        picture = portraits.sound_picture(tone, 8000)
        self.assertEqual(picture.shape, (128, 128, 3))
        # Half of the highest frequency: in the middle of the spectrogram.
        bright = picture[36:, 64].sum(axis=-1).argmax()
        self.assertAllClose(bright, 46, atol=3)
        empty = next(portraits.turn(-np.ones((1, 4, 4, 4, 1)), 1, 32))[0]
        self.assertAllEqual(empty, np.full((32, 32, 3), 255))
        full = next(portraits.turn(np.ones((1, 4, 4, 4, 1)), 1, 32))[0]
        self.assertLess(full[16, 16].min(), 250)

    def test_in_a_row(self):
        sounds = np.ones((2, 3, 1), "float32")
        row = portraits.in_a_row(sounds, 20, 0.1)
        self.assertAllEqual(row[:, 0], [1, 1, 1, 0, 0, 1, 1, 1])
