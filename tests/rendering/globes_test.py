import numpy as np

from inr_keras import rendering
from inr_keras.rendering import globes
from tests import testing


class Directions:
    """Generator whose colours are its coordinates."""

    coord_dim, channels, resolution, alignment = 3, 3, 8, "center"
    takes_grid = noise = False
    draws_any_point = True

    def synthesis(self, styles, coords):
        return coords + 0.0 * styles[:, :1, None]


class GlobesTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.renderer = rendering.Renderer(Directions())
        self.styles = np.zeros((1, 2), "float32")

    def test_the_middle_is_where_it_is_said_to_be(self):
        for longitude, latitude, expected in (
            (0.0, 0.0, (0, 0, 1)),
            (90.0, 0.0, (1, 0, 0)),
            (0.0, 90.0, (0, -1, 0)),
            (180.0, 45.0, (0, -(0.5**0.5), -(0.5**0.5))),
        ):
            [image] = globes.globe(self.renderer, self.styles, 65, longitude, latitude)
            self.assertAllClose(image[32, 32], expected, atol=1e-5)
            self.assertAllEqual(image[0, 0], [1, 1, 1])
        [image] = globes.globe(self.renderer, self.styles, 64, 20.0, 30.0)
        inside = ~(image == 1.0).all(axis=-1)
        self.assertAllClose(np.linalg.norm(image[inside], axis=-1), 1.0, atol=1e-5)
        self.assertAllClose(inside.mean(), np.pi / 4 / 1.05**2, atol=0.01)

    def test_seam(self):
        ramp = np.tile(np.arange(4.0)[None, None, :, None], (1, 2, 1, 1))
        step, others = globes.seam(ramp)
        self.assertEqual(step, 3.0)
        self.assertAllEqual(others, [1.0, 1.0, 1.0])
