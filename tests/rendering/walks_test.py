import numpy as np
import pytest

from inr_keras import rendering
from inr_keras.rendering import walks
from tests import testing
from tests.rendering.generators import small_generator


class WalksTest(testing.TestCase):
    def test_images_between_keys(self):
        self.assertEqual(
            list(walks.surrounding_keys(2, 3, False)),
            [(0, 1, 0.0), (0, 1, 0.5), (0, 1, 1.0)],
        )
        self.assertEqual(
            list(walks.surrounding_keys(3, 6, True)),
            [(i, (i + 1) % 3, share) for i in range(3) for share in (0.0, 0.5)],
        )
        self.assertEqual(list(walks.surrounding_keys(1, 2, False)), [(0, 0, 0.0)] * 2)
        self.assertEqual(list(walks.surrounding_keys(3, 1, False)), [(0, 1, 0.0)])

    def test_there_and_back(self):
        self.assertAllClose(list(walks.shares_of_way(3, False)), [0, 0.5, 1])
        self.assertAllClose(list(walks.shares_of_way(4, True)), [0, 0.5, 1, 0.5])
        self.assertEqual(list(walks.shares_of_way(1, False)), [0.0])

    def test_spherical(self):
        a, b = np.array([2.0, 0.0]), np.array([0.0, 2.0])
        self.assertAllClose(walks.spherical(a, b, 0.0), a)
        self.assertAllClose(walks.spherical(a, b, 1.0), b)
        expected = 2.0 * np.array([np.cos(np.pi / 6), np.sin(np.pi / 6)])
        self.assertAllClose(walks.spherical(a, b, 1 / 3), expected)
        half = walks.spherical(a, 2.0 * b, 0.5)
        self.assertAllClose(np.linalg.norm(half), 3.0)
        for other in (a, -a, a * (1 + 1e-7)):  # No great circle of its own.
            self.assertFinite(walks.spherical(a, other, 0.5))

    def test_styles(self):
        styles = np.array([[0.0, 1.0], [2.0, 3.0]])
        found = np.concatenate(list(walks.styles_walk(styles, 3, False)))
        self.assertAllClose(found, [[0, 1], [1, 2], [2, 3]])
        found = np.concatenate(list(walks.latents_walk(styles, 4, True)))
        self.assertAllClose(found[[0, 2]], styles)
        self.assertAllClose(found[1], found[3])

    def test_zoom_keeps_its_point(self):
        boxes = list(walks.zoom((0.5, -1.0), 2, 3, False))
        self.assertAllClose(boxes[0], [-1, -1, 1, 1])
        self.assertAllClose(boxes[1], [-0.25, -1, 0.75, 0])
        self.assertAllClose(boxes[2], [0.125, -1, 0.625, -0.5])

    def test_pan(self):
        boxes = list(walks.pan((2.0, -1.0), 3, False))
        self.assertAllClose(boxes[0], [-1, -1, 1, 1])
        self.assertAllClose(boxes[1], [0, -1.5, 2, 0.5])
        self.assertAllClose(boxes[2], [1, -2, 3, 0])

    @pytest.mark.slow
    def test_weights_pass_through_the_keys(self):
        generator = small_generator()
        rng = np.random.default_rng(0)
        styles = rng.normal(size=(3, 5)).astype("float32")
        expected = rendering.Renderer(generator).render(styles, 4)
        drawn = [
            renderer.render(styles[:1], 4)[0]
            for renderer in walks.weights_walk(generator, styles, 6, True)
        ]
        self.assertAllClose(np.stack(drawn[::2]), expected, atol=1e-4)
        self.assertGreater(np.abs(drawn[1] - drawn[0]).max(), 1e-3)

    def test_mixed(self):
        coarse, fine = np.zeros((1, 2)), np.ones((1, 3, 2))
        styles = walks.mixed(coarse, fine, 1, 3)
        self.assertAllEqual(styles[0, :, 0], [0, 1, 1])
        self.assertAllEqual(walks.mixed(coarse, fine, 3, 3), np.zeros((1, 3, 2)))
        self.assertAllEqual(walks.mixed(coarse, fine, 0, 3), fine)
