import numpy as np
import pytest
from PIL import Image

from inr_keras import coordinates
from inr_keras import export
from inr_keras import rendering
from inr_keras import runs
from inr_keras.models import SphereGenerator
from inr_keras.rendering import animation
from inr_keras.rendering import drawing
from inr_keras.rendering import surfaces
from tests import testing
from tests.rendering.generators import small_generator


def small_sphere(**kwargs):
    settings = {"coord_dim": 3, "embedding_size": 4, "alignment": "center"}
    return SphereGenerator(small_generator(**{**settings, "resolution": 8, **kwargs}))


class SphereGeneratorTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.sphere = small_sphere()
        self.latents = rendering.latents_from_seeds(range(2), 6)
        self.styles = self.sphere.mapping(self.latents)

    def test_an_aspect_of_a_panorama_is_refused(self):
        request = drawing.Request(out="a.png", seeds=[0], aspect=(3, 2))
        with self.assertRaisesRegex(ValueError, "`aspect` must not be given for a pan"):
            drawing.Drawing(self.sphere, request)

    @pytest.mark.slow
    def test_draws_what_the_surface_draws_in_its_volume(self):
        # Columns of the surface begin where cells of the frame have their borders.
        x = np.arange(8) / 4.0 - 1.0
        y = (np.arange(4) + 0.5) / 2.0 - 1.0
        coords = np.stack(np.meshgrid(x, y), axis=-1).reshape(1, -1, 2)
        rgb = self.sphere.synthesis(self.styles, coords.astype("float32"))
        surface = surfaces.Sphere(4, 8, surfaces.on_sphere, 3)
        volume = rendering.Renderer(self.sphere.volume)
        expected = volume.draw(self.styles, surface)
        self.assertAllClose(rgb, expected.reshape(2, 32, -1), atol=1e-4)

    def test_ends_meet_and_poles_are_points(self):
        points = [[-1.0, 0.3], [1.0, 0.3], [3.0, 0.3], [0.2, 1.0], [-0.7, 1.0]]
        rgb = testing.to_numpy(self.sphere.synthesis(self.styles, np.array([points])))
        self.assertAllClose(rgb[:, 1], rgb[:, 0], atol=1e-5)
        self.assertAllClose(rgb[:, 2], rgb[:, 0], atol=1e-5)
        self.assertAllClose(rgb[:, 4], rgb[:, 3], atol=1e-5)
        self.assertGreater(np.abs(rgb[:, 3] - rgb[:, 0]).max(), 1e-3)

    @pytest.mark.slow
    def test_reload(self):
        path = self.temporary_folder() / "generator.keras"
        self.sphere.save(path)
        loaded = runs.load_generator(path)
        coords = coordinates.grid(8, 8, 1, "center")
        again, images = (
            rendering.Renderer(g).render_coords(g.mapping(self.latents), coords)
            for g in (loaded, self.sphere)
        )
        self.assertAllEqual(again, images)
        self.assertTrue(loaded.wraps)

    @pytest.mark.slow
    def test_drawn_as_panorama_and_on_surfaces(self):
        folder = self.temporary_folder()
        sizes = {"plane": (16, 8), "sphere": (16, 8), "cube": (48, 8)}
        for surface, size in sizes.items():
            path = str(folder / f"{surface}.png")
            request = drawing.Request(path, seeds=(0,), surface=surface)
            drawn = drawing.Drawing(self.sphere, request)
            drawn.write()
            self.assertEqual(Image.open(path).size, size)
            self.assertEqual(drawn.surface.axes, 2 if surface == "plane" else 3)

    def test_errors(self):
        with self.assertRaisesRegex(ValueError, "`volume`.*3.*coord_dim=2"):
            SphereGenerator(small_generator())

    @pytest.mark.slow
    def test_an_exported_panorama_is_drawn_like_its_run(self):
        folder = self.temporary_folder() / "small"
        export.export(self.sphere, folder, "By me. Licence: CC0", test=False)
        loaded = runs.load_generator(folder)
        for surface in ("plane", "sphere", "cube"):
            images = []
            for generator in (self.sphere, loaded):
                out = folder.parent / "a.png"
                request = drawing.Request(str(out), seeds=(3,), surface=surface)
                drawing.Drawing(generator, request).write()
                with Image.open(out) as image:
                    images.append(np.asarray(image).astype(int))
            self.assertEqual(images[0].shape, images[1].shape)
            self.assertLessEqual(np.abs(images[0] - images[1]).max(), 1, surface)

    def test_films_are_as_wide_as_images(self):
        out = self.temporary_folder() / "a.gif"
        request = animation.Request(str(out), seeds=(3, 4), length=2)
        animation.Animation(self.sphere, request).write()
        with Image.open(out) as image:
            self.assertEqual(image.size, (16, 8))
