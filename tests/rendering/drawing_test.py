import re

import numpy as np
import pytest
from PIL import Image

from inr_keras import rendering
from inr_keras.models import VideoGenerator
from inr_keras.rendering import drawing
from tests import testing
from tests.rendering.generators import small_generator


class DrawingTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.temporary_folder()
        self.out = self.folder / "sheet.png"
        self.generator = small_generator()
        self.renderer = rendering.Renderer(self.generator)

    def drawing(self, label=None, generator=None, **kwargs):
        kwargs = {"out": str(self.out), "seeds": (0, 1, 2), **kwargs}
        request = drawing.Request(**kwargs)
        return drawing.Drawing(generator or self.generator, request, label)

    def styles(self, *seeds, **kwargs):
        latents = rendering.latents_from_seeds(seeds, self.generator.latent_dim)
        return self.renderer.styles(latents, **kwargs)

    def assertDrawn(self, expected, path=None):
        with Image.open(path or self.out) as image:
            pixels = np.asarray(image).astype(int)
        self.assertEqual(pixels.shape, expected.shape)
        self.assertLessEqual(np.abs(pixels - expected).max(), 1)
        self.assertGreater(expected.std(), 1.0)

    def test_region_size_and_truncation(self):
        box = (-1.5, -1.0, 0.5, 1.0)
        seeds = (0, 1, 2, 3, 9, 7)
        shares = []
        drawn = self.drawing(seeds=seeds, height=24, width=32, box=box, truncation=0.7)
        self.assertEqual((drawn.count, drawn.surface.width), (6, 32))
        self.assertEqual(drawn.write(shares.append), "")
        self.assertEqual(shares[-1], 1.0)
        styles = self.styles(*seeds, truncation=0.7)
        images = self.renderer.render(styles, 24, 32, box)
        self.assertDrawn(rendering.sheet(images).astype(int))

    @pytest.mark.slow
    def test_an_aspect_is_the_middle_of_the_frame(self):
        drawn = self.drawing(seeds=(4,), height=48, aspect=(3, 2))
        self.assertEqual((drawn.surface.height, drawn.surface.width), (32, 48))
        drawn.write()
        whole = rendering.sheet(self.renderer.render(self.styles(4), 48))
        self.assertDrawn(whole[8:40].astype(int))
        drawn = self.drawing(aspect=(1, 2))  # Of the generator's own resolution.
        self.assertEqual((drawn.surface.height, drawn.surface.width), (8, 4))

    @pytest.mark.slow
    def test_surface_and_trust_of_a_panorama(self):
        trust = self.folder / "trust.PNG"
        box = (-1.0, -1.0, 3.0, 1.0)
        drawn = self.drawing(
            height=20,
            width=48,
            surface="cylinder",
            box=box,
            supersample=2,
            trust_map=str(trust),
        )
        self.assertRegex(drawn.trust.warning(), "54.2% of the points lie beyond")
        drawn.write()
        self.assertTrue(trust.read_bytes().startswith(b"\x89PNG"))
        surface = rendering.surface("cylinder", self.generator, 20, 48, box)
        images = self.renderer.draw(self.styles(0, 1, 2), surface, 2)
        self.assertDrawn(rendering.sheet(images).astype(int))

    @pytest.mark.slow
    def test_a_gaze_draws_a_part_of_the_points(self):
        points = self.folder / "points.png"
        drawn = self.drawing(
            height=48,
            width=64,
            gaze=(0.5, -0.25),
            points_share=0.2,
            points_map=str(points),
            against_full=True,
        )
        self.assertRegex(
            drawn.write(),
            r"^614 of 3072 points of an image drawn \(19.99%\), "
            r"[\d.]+ dB overall, exact in the fovea, [\d.]+ dB around it, to",
        )
        with Image.open(points) as image:
            chosen = np.asarray(image) == 255
        self.assertEqual((chosen.shape, chosen.sum()), ((48, 64), 614))
        with Image.open(self.out) as image:
            pixels = np.asarray(image)[:, :64].astype(int)
        full = self.renderer.render(self.styles(0), 48, 64)
        difference = np.abs(pixels - rendering.to_uint8(full[0]))
        self.assertLessEqual(difference[chosen].max(), 1)
        # The gaze's pixel, in the fovea.
        self.assertTrue(chosen[14:22, 44:52].all())

    @pytest.mark.slow
    def test_a_density_weighs_the_difference(self):
        density = self.folder / "density.png"
        ramp = np.linspace(0, 255, 16).astype("uint8")[None].repeat(16, axis=0)
        Image.fromarray(ramp).save(density)
        drawn = self.drawing(
            height=16, density=str(density), points_share=0.5, against_full=True
        )
        text = drawn.write()
        self.assertRegex(text, r"^128 of 256 points .* dB weighted by the density$")
        self.assertNotIn("fovea", text)
        text = self.drawing(height=16, density=str(density)).write()
        self.assertEqual(text, "64 of 256 points of an image drawn (25.00%)")

    @pytest.mark.slow
    def test_a_style_in_place_of_seeds(self):
        path = self.folder / "style.npz"
        styles = self.styles(3, 4).numpy()
        rendering.save_styles(path, self.generator, styles)
        drawn = self.drawing(style=str(path), height=12)
        self.assertEqual(drawn.count, 1)
        drawn.write()
        expected = rendering.to_uint8(self.renderer.render(styles[:1], 12))[0]
        self.assertDrawn(expected.astype(int))

    @pytest.mark.slow
    def test_a_class_for_all(self):
        self.generator = small_generator(class_names=("cats", "owls"))
        self.renderer = rendering.Renderer(self.generator)
        for label, labels in (("owls", [1, 1, 1]), (None, [0, 1, 0])):
            self.drawing(label).write()
            styles = self.styles(0, 1, 2, labels=labels)
            images = self.renderer.render(styles)
            self.assertDrawn(rendering.sheet(images).astype(int))

    def test_videos_are_films(self):
        volume = small_generator(coord_dim=3, embedding_size=4, resolution=16)
        generator = VideoGenerator(volume, 5)
        path = self.folder / "a.gif"
        self.drawing(generator=generator, out=str(path), seeds=range(4)).write()
        with Image.open(path) as image:
            self.assertEqual((image.n_frames, image.size), (5, (32, 32)))
        for kwargs, text in (
            ({}, "`out` must end in .mp4, .webp, .gif"),
            ({"out": str(path), "gaze": (0, 0)}, "`gaze` and `density` must not"),
            ({"out": str(path), "height": 2**12 + 2**9}, "4608x4608 times 15"),
        ):
            with self.assertRaisesRegex(ValueError, re.escape(text)):
                self.drawing(generator=generator, **kwargs)

    def test_wrong_requests(self):
        for kwargs, text in (
            ({"out": "a.txt"}, "`out` must end in .png.*'a.txt'"),
            ({"out": "a.jpg", "height": 70_000}, "`out` must be a format that holds"),
            ({"aspect": (3, 2), "width": 8}, r"`aspect` must not be .* \(3, 2\)"),
            ({"aspect": (3, 2), "surface": "cylinder"}, "`aspect` must not be given"),
            ({"gaze": (0, 0), "density": "a.png"}, "`gaze` must not .* `density`"),
            ({"gaze": (0, 0), "supersample": 2}, "`supersample` must be 1.* 2"),
            ({"gaze": (0.1, 0.1), "fovea": 0.0}, "`gaze` must .* within `fovea`=0.0"),
            (
                {"gaze": (0, 0), "height": 2**11, "seeds": range(65)},
                "`height` must leave at most 268435456 points in all.* times 65",
            ),
            ({"style": "none.npz"}, "`style` must be an existing file.*'none.npz'"),
            ({"surface": "torus.npy"}, "`surface` must .*'torus.npy'"),
        ):
            with self.assertRaisesRegex(ValueError, text):
                self.drawing(**kwargs)
        self.assertEqual(list(self.folder.iterdir()), [])
