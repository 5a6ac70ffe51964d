import numpy as np
import pytest
from PIL import Image
from PIL import ImageSequence

from inr_keras import rendering
from inr_keras.models import VideoGenerator
from inr_keras.rendering import animation
from inr_keras.rendering import walks
from tests import testing
from tests.rendering.generators import small_generator


class AnimationTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.temporary_folder()
        self.generator = small_generator()
        self.renderer = rendering.Renderer(self.generator)

    def write(self, kind, label=None, generator=None, name="a.gif", **kwargs):
        """The images of the film, and what is said of it."""
        out = self.folder / name
        kwargs = {"seeds": (3, 4), "length": 4, "size": 16, **kwargs}
        request = animation.Request(str(out), kind, **kwargs)
        shares = []
        shown = animation.Animation(generator or self.generator, request, label)
        text = shown.write(shares.append)
        self.assertEqual(shares[-1], 1.0)
        with Image.open(out) as image:
            images = [
                np.asarray(frame.convert("RGB"))
                for frame in ImageSequence.Iterator(image)
            ]
        return np.stack(images).astype(int), text

    def styles(self, *seeds, **kwargs):
        latents = rendering.latents_from_seeds(seeds, self.generator.latent_dim)
        return self.renderer.styles(latents, **kwargs).numpy()

    def render(self, styles, box=rendering.FRAME):
        return rendering.to_uint8(self.renderer.render(styles, 16, 16, box))

    def assertShown(self, images, expected):
        self.assertEqual(images.shape, expected.shape)
        self.assertLess(np.abs(images - expected).mean(), 4)  # A GIF's colours.

    @pytest.mark.slow
    def test_styles_of_seeds_and_files(self):
        styles = self.styles(3, 4)
        path = self.folder / "style.npz"
        for_layers = styles[1:, None].repeat(5, axis=1)
        rendering.save_styles(path, self.generator, for_layers)
        images, text = self.write("w", seeds=(3,), styles=(str(path),))
        self.assertEqual(text, "4 images")
        half = styles.mean(axis=0)
        keys = np.stack([styles[0], half, styles[1], half])
        self.assertShown(images, self.render(keys))

    @pytest.mark.slow
    def test_latents_of_one_class(self):
        self.generator = small_generator(class_names=("cats", "owls"))
        self.renderer = rendering.Renderer(self.generator)
        latents = rendering.latents_from_seeds((3, 4), 6)
        way = np.concatenate(list(walks.latents_walk(latents, 4, True)))
        for label, expected in ((None, 1), ("cats", 0)):  # That of seed 3 is 1.
            images, _ = self.write("z", label)
            styles = self.renderer.styles(way, labels=[expected] * 4)
            self.assertShown(images, self.render(styles))

    @pytest.mark.slow
    def test_weights(self):
        images, _ = self.write("weights")
        self.assertShown(images[::2], self.render(self.styles(3, 4)))

    @pytest.mark.slow
    def test_truncation_of_all_seeds(self):
        images, _ = self.write("truncation", length=3, loop=False, sweep=(0.0, 1.0))
        for image, truncation in zip(images, (0.0, 0.5, 1.0)):
            expected = self.render(self.styles(3, 4, truncation=truncation))
            self.assertShown(image, rendering.sheet(expected))

    @pytest.mark.slow
    def test_zoom_and_pan(self):
        for kind, kwargs, box in (
            ("zoom", {"octaves": 1.0}, (-0.5, -0.5, 0.5, 0.5)),
            ("zoom", {"octaves": 1.0, "point": (1.0, 1.0)}, (0.0, 0.0, 1.0, 1.0)),
            ("pan", {}, (1.0, -1.0, 3.0, 1.0)),
            ("pan", {"point": (0.0, 1.0)}, (-1.0, 0.0, 1.0, 2.0)),
        ):
            images, _ = self.write(kind, length=2, loop=False, **kwargs)
            for image, region in zip(images, (rendering.FRAME, box)):
                expected = self.render(self.styles(3, 4), region)
                self.assertShown(image, rendering.sheet(expected))

    @pytest.mark.slow
    def test_videos_play_meanwhile(self):
        volume = small_generator(coord_dim=3, embedding_size=4)
        generator = VideoGenerator(volume, 3)
        images, _ = self.write("pan", generator=generator, seeds=(3,), point=(0, 0))
        renderer = rendering.Renderer(generator)
        latents = rendering.latents_from_seeds((3,), generator.latent_dim)
        video = renderer.render(renderer.styles(latents), 16)
        video = rendering.to_uint8(rendering.split_videos(video, 3)[:, 0])
        self.assertShown(images, video[[0, 1, 2, 0]])

    @pytest.mark.slow
    def test_a_sheet_of_mixed_styles(self):
        images, text = self.write(
            "mix", name="a.png", seeds=(1, 2), columns=(5, 6, 7), crossover=2, size=8
        )
        self.assertEqual(text, "2 x 3 images, layers from 2 of 5 by column")
        self.assertEqual(images.shape, (1, 24, 32, 3))
        self.assertTrue(np.all(images[0, :8, :8] == 255))
        mixed = walks.mixed(self.styles(2), self.styles(6), 2, 5)
        expected = rendering.to_uint8(self.renderer.render(mixed)[0])
        difference = images[0, 16:24, 16:24] - expected
        self.assertLessEqual(np.abs(difference).max(), 1)
        _, text = self.write("mix", name="a.png", columns=(5,))
        self.assertEqual(text, "2 x 1 images, layers from 2 of 5 by column")

    def test_wrong_requests(self):
        volume = VideoGenerator(small_generator(coord_dim=3, embedding_size=4), 3)
        signals = {"channels": 1, "resolution": 8, "alignment": "center"}
        solids = small_generator(coord_dim=3, **signals)
        for kind, kwargs, text in (
            ("z", {"styles": ("a.npz",)}, "`styles` must not .*latents.*a.npz"),
            ("truncation", {"styles": ("a.npz",)}, "`styles` must not be given"),
            ("w", {"styles": ("a.npz",)}, "`styles` must be an existing.*'a.npz'"),
            ("z", {"name": "a.png"}, "`out` must end in .mp4"),
            ("z", {"fps": 60.0}, "`fps` must be at most 50"),
            ("z", {"seeds": ()}, "`seeds` or `styles` must name an image"),
            ("turn", {"size": 1024, "generator": solids}, "1024x1024x1024 times"),
            ("mix", {}, "`out` must end in .png"),
            ("z", {"size": 2**14}, "`size` must leave .* times 2"),
            ("mix", {"name": "a.webp", "columns": range(9000), "size": 2}, "16383 a"),
            ("mix", {"name": "a.png", "crossover": 6}, "`crossover` .* to 5.* 6"),
            ("mix", {"name": "a.png", "generator": volume}, "`kind` must not be mix"),
        ):
            with self.subTest(text), self.assertRaisesRegex(ValueError, text):
                self.write(kind, **kwargs)
        self.assertEqual(list(self.folder.iterdir()), [])
        # Each key image is a video of three.
        request = animation.Request("a.gif", seeds=(1, 2), size=2**13)
        with self.assertRaisesRegex(ValueError, "`size` must leave .* times 6"):
            animation.Animation(volume, request)
        # Samples of a sound are those of one axis.
        sounds = small_generator(coord_dim=1, **signals)
        for name, kind in (("a.gif", "w"), ("a.webp", "mix")):
            request = animation.Request(
                str(self.folder / name), kind, seeds=(1, 2), columns=(3,), size=2**20
            )
            animation.Animation(sounds, request)
