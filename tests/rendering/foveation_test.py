import numpy as np
import pytest
from PIL import Image

from inr_keras import rendering
from inr_keras.rendering import foveation
from inr_keras.rendering import surfaces
from tests import testing
from tests.rendering.generators import small_generator


def plane(height=48, width=64, box=rendering.FRAME):
    return surfaces.Plane(box, height, width, "center")


class WeightsTest(testing.TestCase):
    def test_fall_with_the_square_of_the_distance(self):
        surface = plane(64, 64)
        weights = foveation.gaze_weights(surface, (0.5, -0.5), 0.2)
        (patch,) = surface.patches(np.arange(64), np.arange(64))
        distance = np.hypot(patch.coords[..., 0] - 0.5, patch.coords[..., 1] + 0.5)
        self.assertAllEqual(np.isinf(weights), distance <= 0.2)
        beyond = distance > 0.2
        self.assertAllClose(weights[beyond], (0.2 / distance[beyond]) ** 2)

    def test_of_a_volume(self):
        sphere = surfaces.Sphere(16, 32, surfaces.on_sphere, 3)
        weights = foveation.gaze_weights(sphere, (0, 0, 1), 0.3)
        rows, columns = np.nonzero(np.isinf(weights))
        self.assertEqual((rows.min() + rows.max()) / 2, 7.5)
        self.assertEqual((columns.min() + columns.max()) / 2, 16)  # The front.

    def test_of_an_image(self):
        path = self.temporary_folder() / "a.png"
        grey = np.zeros((8, 8), "uint8")
        grey[:, 4:] = 255
        Image.fromarray(grey).save(path)
        weights = foveation.file_weights(path, plane(8, 16))
        self.assertEqual(weights.shape, (8, 16))
        self.assertAllClose(weights[:, -4:], np.ones((8, 4)))
        self.assertAllClose(weights[:, :4], np.full((8, 4), 1 / 255))

    def test_errors(self):
        cube = surfaces.Cube(4, surfaces.mirrored(rendering.FRAME), 2)
        for surface, gaze, radius, rule in (
            (plane(), (0, 0, 0), 0.2, "`gaze` must have 2 .* 0,0,0"),
            (plane(), (3, 0), 0.2, "`gaze` must have a pixel .* 3,0, 2.02 f"),
            (plane(2049, 2048), (0, 0), 0.2, "`surface` must be .* 2048x2049"),
            (cube, (0, 0), 0.2, "`surface` must not be cube"),
        ):
            with self.assertRaisesRegex(ValueError, rule):
                foveation.gaze_weights(surface, gaze, radius)
        with self.assertRaisesRegex(ValueError, "`density` must be .*no.png"):
            foveation.file_weights("no.png", plane())


class ChooseTest(testing.TestCase):
    def test_as_dense_as_the_weights_and_whole_where_they_are_infinite(self):
        weights = np.repeat([1.0, 2.0, 4.0, np.inf], 32)[None].repeat(128, 0)
        chosen = foveation.choose(weights, 0.425)
        self.assertEqual(chosen.sum(), round(0.425 * chosen.size))
        shares = chosen.reshape(128, 4, 32).mean((0, 2))
        self.assertAllClose(shares, [0.1, 0.2, 0.4, 1], atol=0.005)
        self.assertTrue(chosen[[0, 0, -1, -1], [0, -1, 0, -1]].all())

    def test_points_are_spread_evenly(self):
        chosen = foveation.choose(np.ones((96, 96)), 1 / 16)
        counts = chosen.reshape(12, 8, 12, 8).sum((1, 3))
        self.assertAllClose(counts.mean(), 4)
        self.assertLess(counts.std(), 1)  # Of random points it is 2.

    def test_a_seed_alone_says_which(self):
        weights = np.ones((20, 20))
        one, same, other = (foveation.choose(weights, 0.3, seed) for seed in (0, 0, 1))
        self.assertAllEqual(one, same)
        self.assertGreater(np.count_nonzero(one != other), 50)
        self.assertTrue(foveation.choose(weights, 1.0).all())

    def test_errors(self):
        weights = np.ones((10, 10))
        weights[:5] = np.inf
        for share in (0.5, 0.0, 1.1):  # Two corners are beyond the fovea.
            with self.assertRaisesRegex(
                ValueError, f"must be at most 1 .* 0.5200 of .* {share}"
            ):
                foveation.choose(weights, share)


class FillTest(testing.TestCase):
    def test_planes_come_back(self):
        rows, columns = np.mgrid[:40, :50].astype("float32")
        image = np.stack([rows, columns, rows - 2 * columns], -1)[None]
        chosen = foveation.choose(np.ones((40, 50)), 0.2)
        filled = foveation.fill(np.where(chosen[..., None], image, 0), chosen)
        self.assertAllEqual(filled[:, chosen], image[:, chosen])
        # The mirror beyond the border bends them there.
        inner = np.s_[:, 8:-8, 8:-8]
        self.assertAllClose(filled[inner], image[inner], atol=0.01)
        self.assertFinite(filled)

    def test_few_points_fill_all(self):
        chosen = np.zeros((60, 80), bool)
        chosen[[0, 0, -1, -1], [0, -1, 0, -1]] = True
        image = np.ones((2, 60, 80, 1), "float32")
        filled = foveation.fill(image * chosen[..., None], chosen)
        self.assertAllClose(filled, image)

    def test_wraps(self):
        angle = np.arange(64) * (2 * np.pi / 64)
        # Steepest where the ends meet.
        image = np.sin(angle)[None, None, :, None].repeat(20, 1)
        chosen = foveation.choose(np.ones((20, 64)), 0.3)
        errors = [
            np.abs(foveation.fill(image, chosen, wraps) - image)[:, :, [0, -1]]
            for wraps in (False, True)
        ]
        self.assertLess(errors[1].max(), 0.01)
        self.assertGreater(errors[0].max(), 5 * errors[1].max())

    def test_psnr(self):
        one = np.zeros((1, 2, 2, 3))
        other = np.full((1, 2, 2, 3), 0.2)
        other[:, 1] = 5  # Beyond white.
        weights = np.array([[1, 1], [0, 0]])
        self.assertAllClose(foveation.psnr(one, other, weights), 20)
        self.assertAllClose(foveation.psnr(one, other), 10 * np.log10(4 / 0.52))
        self.assertAllClose(foveation.psnr(one, one), 10 * np.log10(4e10))


@pytest.mark.slow
class DrawTest(testing.TestCase):
    def draws(self, generator, name, gaze, size=(32, 40)):
        renderer = rendering.Renderer(generator, 500)
        styles = renderer.styles(rendering.latents_from_seeds(range(2), 6))
        surface = surfaces.surface(name, generator, *size)
        weights = foveation.gaze_weights(surface, gaze, 0.3)
        chosen = foveation.choose(weights, 0.25)
        shares = []
        drawn = foveation.draw(renderer, styles, surface, chosen, shares.append)
        self.assertEqual(shares, sorted(shares))
        self.assertEqual(shares[-1], 1.0)
        full = renderer.draw(styles, surface)
        self.assertGreater(full.std(), 0.05)
        return drawn, full, chosen, weights

    def test_a_quarter_of_the_points(self):
        generator = small_generator()
        drawn, full, chosen, weights = self.draws(
            generator, "plane", (0.2, -0.2), (48, 64)
        )
        self.assertEqual(chosen.mean(), 0.25)
        self.assertAllClose(drawn[:, chosen], full[:, chosen], atol=1e-5)
        self.assertTrue(chosen[np.isinf(weights)].all())
        self.assertGreater(foveation.psnr(drawn, full, np.isinf(weights)), 100)
        self.assertGreater(foveation.psnr(drawn, full), 30)
        # A square lattice of as many points, every other in each direction.
        lattice = np.zeros_like(chosen)
        lattice[::2, ::2] = lattice[-1, [0, -1]] = lattice[0, -1] = True
        even = foveation.fill(full * lattice[..., None], lattice)
        near = weights > 0.25
        self.assertGreater(
            foveation.psnr(drawn, full, near), foveation.psnr(even, full, near)
        )

    def test_other_surfaces(self):
        volume = small_generator(coord_dim=3, embedding_size=4)
        for generator, name, gaze in (
            (small_generator(), "cylinder", (-0.9, 0)),
            (small_generator(), "sphere", (0, 0)),
            (volume, "cylinder", (0, 0, 1)),
        ):
            with self.subTest(f"{name}, {len(gaze)} axes"):
                drawn, full, chosen, _ = self.draws(generator, name, gaze)
                self.assertAllClose(drawn[:, chosen], full[:, chosen], atol=1e-5)
                self.assertGreater(foveation.psnr(drawn, full), 25)
