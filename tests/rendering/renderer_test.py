import numpy as np
import pytest
import tensorflow as tf

from inr_keras import coordinates
from inr_keras import rendering
from inr_keras.models import INRGANGenerator
from inr_keras.rendering import surfaces
from tests import testing
from tests.rendering.generators import small_generator


class RendererTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.generator = small_generator()
        self.latents = rendering.latents_from_seeds(range(3), 6)
        self.renderer = None

    def render(self, *args, points=65536, truncation=1.0, **kwargs):
        """Draws with one renderer of each generator, whose graphs fit all `points`."""
        if self.renderer is None or self.renderer.generator is not self.generator:
            self.renderer = rendering.Renderer(self.generator)
        self.renderer.points = points
        styles = self.renderer.styles(self.latents, truncation)
        return self.renderer.render(styles, *args, **kwargs)

    @pytest.mark.slow
    def test_equals_the_generator_on_its_grid(self):
        for alignment in coordinates.ALIGNMENTS:
            self.generator = small_generator(alignment=alignment)
            coords = coordinates.grid(8, 8, 1, alignment)
            expected = self.generator(self.latents, tf.reshape(coords, (1, 64, 2)))
            images = self.render()
            self.assertEqual(images.dtype, np.float32)
            self.assertEqual(images.shape, (3, 8, 8, 3))
            self.assertAllClose(images.reshape(3, 64, 3), expected)
        self.assertGreater(images.std(), 0.1)  # There is something to see.

    @pytest.mark.slow
    def test_points_at_once_do_not_change_pixels(self):
        whole = self.render(9, 13)
        for points in (1, 2, 7, 117, 118, 300, 350, 10**9):
            self.assertAllClose(self.render(9, 13, points=points), whole)

    @pytest.mark.slow
    def test_never_more_points_at_once_than_asked_for(self):
        seen = []
        synthesis = self.generator.synthesis

        def spy(styles, coords):
            tf.numpy_function(
                lambda *shapes: seen.append([s.tolist() for s in shapes]),
                [tf.shape(styles), tf.shape(coords)],
                [],
            )
            return synthesis(styles, coords)

        self.generator.synthesis = spy
        # 72 x 72 points of two images are still cut into tiles.
        for size, points in ((8, 1), (8, 10), (8, 100), (8, 999), (72, 8192)):
            seen.clear()
            self.render(size, points=points)
            rows = [styles[0] * coords[1] for styles, coords in seen]
            self.assertLessEqual(max(rows), points)
            self.assertEqual(sum(rows), 3 * size**2)

    @pytest.mark.slow
    def test_crop_equals_the_crop_of_the_whole(self):
        rows, columns = slice(2, 7), slice(5, 12)
        boxes = {}
        for alignment in coordinates.ALIGNMENTS:
            # Where the crop's samples are those of the whole: a corner box
            # ends on samples, a center box half a sample beyond.
            half = 0.0 if alignment == "corner" else 0.5
            last = 15 if alignment == "corner" else 16
            boxes[alignment] = [
                -1.0 + 2.0 * position / last
                for position in (5, 2, 11 + 2 * half, 6 + 2 * half)
            ]
        for alignment, box in boxes.items():
            self.generator = small_generator(alignment=alignment)
            whole = self.render(16, 16)
            crop = self.render(5, 7, box=box)
            self.assertAllClose(crop, whole[:, rows, columns])
            tiled = self.render(5, 7, box=box, points=4)
            self.assertAllClose(tiled, whole[:, rows, columns])

    @pytest.mark.slow
    def test_larger_size_keeps_the_pixels_that_coincide(self):
        # Corner alignment: 15 samples hold the 8 of the training grid.
        self.assertAllClose(self.render(15)[:, ::2, ::2], self.render(8))

    @pytest.mark.slow
    def test_draws_beyond_the_frame(self):
        self.generator = small_generator(alignment="center")
        inside = self.render(8)
        beyond = self.render(16, box=(-2.0, -2.0, 2.0, 2.0))
        self.assertFinite(beyond)
        self.assertAllClose(beyond[:, 4:12, 4:12], inside)
        self.assertGreater(beyond[:, :4].std(), 0.1)

    @pytest.mark.slow
    def test_size_defaults_to_the_resolution_and_to_squares(self):
        self.generator = small_generator(resolution=6)
        self.assertEqual(self.render().shape, (3, 6, 6, 3))
        self.assertEqual(self.render(5).shape, (3, 5, 5, 3))
        self.assertEqual(self.render(None, 4).shape, (3, 6, 4, 3))

    def test_number_of_channels(self):
        self.generator = small_generator(channels=1)
        self.assertEqual(self.render(4).shape, (3, 4, 4, 1))

    def test_supersampling_averages_points_around_a_pixel(self):
        renderer = rendering.Renderer(self.generator, points=100)
        styles = renderer.styles(self.latents)
        for alignment in coordinates.ALIGNMENTS:
            box = (-1.0, -0.5, 1.5, 1.0)
            plane = surfaces.Plane(box, 4, 6, alignment)
            drawn = renderer.draw(styles, plane, supersample=2)
            rows, columns = (
                np.arange(size).repeat(2) + np.tile([-0.25, 0.25], size)
                for size in (4, 6)
            )
            (patch,) = plane.patches(rows, columns)
            points = renderer.render_coords(styles, patch.coords)
            expected = points.reshape(3, 4, 2, 6, 2, 3).mean((2, 4))
            self.assertAllClose(drawn, expected)
        # Cells that touch: a pixel is the mean of the pixels within it.
        plane = surfaces.Plane(rendering.FRAME, 4, 4, "center")
        finer = surfaces.Plane(rendering.FRAME, 12, 12, "center")
        fine = renderer.draw(styles, finer).reshape(3, 4, 3, 4, 3, 3)
        self.assertAllClose(
            renderer.draw(styles, plane, supersample=3), fine.mean((2, 4))
        )
        with self.assertRaisesRegex(ValueError, "`supersample` .*=0"):
            renderer.draw(styles, plane, supersample=0)

    @pytest.mark.slow
    def test_a_style_for_each_layer(self):
        renderer = rendering.Renderer(self.generator)
        styles = renderer.styles(self.latents)
        layers = np.repeat(styles.numpy()[:, None], self.generator.num_layers, axis=1)
        self.assertAllClose(renderer.render(layers), renderer.render(styles))

    def test_strips_are_rows_of_the_image(self):
        renderer = rendering.Renderer(self.generator, points=70)
        styles = renderer.styles(self.latents)
        plane = surfaces.Plane(rendering.FRAME, 7, 9, "corner")
        strips = list(renderer.strips(styles, plane))
        self.assertEqual([s.shape[1] for s in strips], [2, 2, 2, 1])
        whole = renderer.draw(styles, plane)
        self.assertAllClose(np.concatenate(strips, 1), whole)

    def test_any_points(self):
        renderer = rendering.Renderer(self.generator)
        coords = np.random.default_rng(0).uniform(-3, 3, (2, 5, 2))
        coords = coords.astype("float32")
        images = renderer.render_coords(renderer.styles(self.latents), coords)
        flat = self.generator(self.latents, coords.reshape(1, 10, 2))
        self.assertAllClose(images.reshape(3, 10, 3), flat)

    def test_truncation(self):
        mean = self.generator.mapping.mean_style.numpy()
        renderer = rendering.Renderer(self.generator)
        full = renderer.styles(self.latents).numpy()
        self.assertAllClose(
            renderer.styles(self.latents, 0.7), mean + 0.7 * (full - mean)
        )
        images = self.render(truncation=0.0)
        self.assertAllClose(images[0], images[2])

    @pytest.mark.slow
    def test_progress_rises_to_one(self):
        for points in (10, 64, 150, 65536):
            shares = []
            self.render(8, points=points, progress=shares.append)
            self.assertEqual(shares, sorted(shares))
            self.assertEqual(shares[-1], 1.0)
            self.assertGreater(shares[0], 0.0)

    @pytest.mark.slow
    @pytest.mark.usefixtures("eagerly")
    def test_tells_a_generator_of_regions(self):
        hints = []

        class Told(INRGANGenerator):
            def synthesis(self, styles, coords, grid=None, **kwargs):
                hints.append(grid)
                return super().synthesis(styles, coords, grid=grid, **kwargs)

        self.generator = Told(
            latent_dim=6,
            style_dim=5,
            mapping_lr_multiplier=0.5,
            resolution=16,
            input_resolution=8,
            width=8,
            fine_blocks=1,
            rank=2,
        )
        for box in (rendering.FRAME, (-1.2, 0.1, 0.4, 1.3)):
            hints.clear()
            whole = self.render(5, 8, box=box)
            renderer = rendering.Renderer(self.generator)
            coords = coordinates.region(box, 5, 8, "center")
            plain = renderer.render_coords(renderer.styles(self.latents), coords)
            self.assertAllClose(whole, plain, atol=1e-4)
            (rows, columns, spacing), nothing = hints
            self.assertEqual((rows, columns, nothing), (5, 8, None))
            wanted = max((box[2] - box[0]) / 8, (box[3] - box[1]) / 5)
            self.assertLessEqual(wanted, spacing * (1 + 1e-6))
            self.assertLessEqual(spacing, wanted * 1.2)
            # Whole rows, then parts of one; never more points than asked for.
            for points, shapes in (
                (20, {(2, 8), (1, 8)}),
                (5, {(1, 5), (1, 3)}),
            ):
                hints.clear()
                tiled = self.render(5, 8, box=box, points=points)
                self.assertAllClose(tiled, whole, atol=1e-4)
                self.assertEqual({hint[:2] for hint in hints}, shapes)

    def test_errors(self):
        with self.assertRaisesRegex(ValueError, "`points` .* points=0"):
            rendering.Renderer(self.generator, points=0)
        with self.assertRaisesRegex(ValueError, "`height` .*=-1"):
            self.render(-1)
        for box in ((0, 0, 0, 1), (0, 1, 1, 0), (0, 0, 1), "abcd", 3, None):
            with self.assertRaisesRegex(ValueError, "`box` must be four numbers"):
                self.render(4, box=box)
