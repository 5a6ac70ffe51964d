from unittest import mock

import numpy as np
import pytest
import tensorflow as tf

from inr_keras import rendering
from inr_keras.evaluation import extractors
from inr_keras.models import INRGANGenerator
from inr_keras.models import INRHyperNetwork
from inr_keras.models import VideoGenerator
from inr_keras.rendering import inversion as inversion_module
from inr_keras.rendering.inversion import Inversion
from inr_keras.rendering.target_image import TargetImage
from tests import testing
from tests.rendering.generators import small_generator


def drawn(generator, seed, labels=None):
    """What a generator draws of a seed, uint8."""
    renderer = rendering.Renderer(generator)
    latents = rendering.latents_from_seeds([seed], generator.latent_dim)
    styles = renderer.styles(latents, labels=labels)
    return rendering.to_uint8(renderer.render(styles)[0])


def target_of(generator, seed=3, mask=None, labels=None):
    pixels = drawn(generator, seed, labels)
    return TargetImage(pixels, generator.resolution, generator.alignment, mask)


class InversionTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        patch = mock.patch.object(inversion_module, "CANDIDATES", 4)
        patch.start()
        self.addCleanup(patch.stop)
        # A few steps take less time than making graphs of them.
        self.addCleanup(tf.config.run_functions_eagerly, False)
        tf.config.run_functions_eagerly(True)

    def test_features_see_known_images_of_all_sizes(self):
        generator = small_generator()
        for side in (44, 48, 81, 88):
            pixels = np.zeros((side, side, 3), "uint8")
            inversion = object.__new__(Inversion)
            inversion.features_side = 32
            inversion.extractor = mock.Mock()
            inversion.extractor.tensors = lambda images: {"features": images}
            inversion.target = TargetImage(pixels, side, generator.alignment)
            inversion._prepare_features()
            self.assertAllEqual(inversion._seen, np.ones((32, 32, 1)))

    def test_features_see_both_images_at_the_same_places(self):
        y, x = np.mgrid[0:16, 0:16] * 12.0
        pixels = np.stack([x, y, x], axis=-1).astype("uint8")
        for alignment in ("corner", "center"):
            inversion = object.__new__(Inversion)
            inversion.features_side = 8
            inversion.extractor = mock.Mock()
            inversion.extractor.tensors = lambda images: {"features": images}
            inversion.target = TargetImage(pixels, 16, alignment)
            inversion._prepare_features()
            # The coordinate at which a generator of this ramp draws a level.
            edge = 1.0 if alignment == "corner" else 15 / 16
            colors = np.array([-edge, -edge]) + np.stack(
                [x[0, :2], x[0, :2]], axis=-1
            ) / 180.0 * (2 * edge)
            slope = (colors[1, 0] - colors[0, 0]) / 12.0
            drawn = (inversion._grid.numpy() + edge) / slope
            drawn = drawn.reshape(8, 8, 4, 2).mean(axis=2)
            seen = inversion._target_features[0].numpy()[..., :2]
            self.assertAllClose(drawn, seen, atol=1e-3)

    @pytest.mark.slow
    def test_finds_a_generated_image(self):
        tf.config.run_functions_eagerly(False)
        generator = small_generator()
        target = target_of(generator)
        for space, shape in (
            ("z", (1, 5)),
            ("wplus", (1, 5, 5)),
        ):
            inversion = Inversion(generator, target, space, points=128)
            snapshots = list(inversion.search(40, snapshots=4))
            self.assertEqual(
                [snapshot.step for snapshot in snapshots], [0, 10, 20, 30, 40]
            )
            last = snapshots[-1]
            # Of random weights, latents are hard to find.
            better = 1.0 if space == "z" else 3.0
            self.assertGreater(last.psnr, snapshots[0].psnr + better, space)
            self.assertLess(last.loss, snapshots[0].loss, space)
            self.assertEqual(last.styles.shape, shape)
            # The figure is that of the image.
            images = rendering.Renderer(generator).render(
                tf.convert_to_tensor(last.styles)
            )
            error = np.mean(np.square(images[0] - target.pixels))
            self.assertAllClose(last.psnr, 10.0 * np.log10(4.0 / error), rtol=1e-3)
            if space == "z":
                styles = generator.mapping(last.latents)
                self.assertAllClose(styles, last.styles)

    @pytest.mark.slow
    def test_is_the_same_again(self):
        generator = small_generator()
        first, again = (
            list(
                Inversion(generator, target_of(generator), points=20, seed=1).search(4)
            )
            for _ in range(2)
        )
        self.assertAllEqual(first[-1].styles, again[-1].styles)
        moved = np.abs(first[-1].styles - first[0].styles)
        self.assertGreater(moved.max(), 1e-3)

    @pytest.mark.slow
    def test_what_is_masked_does_not_matter(self):
        generator = small_generator()
        mask = np.ones((8, 8), bool)
        mask[:, 4:] = False
        found = []
        for value in (0, 255):
            target = target_of(generator, mask=mask)
            target.pixels[:, 4:] = value / 127.5 - 1.0
            inversion = Inversion(generator, target, points=64)
            found.append(list(inversion.search(5))[-1])
        self.assertAllEqual(found[0].styles, found[1].styles)
        self.assertEqual(found[0].psnr, found[1].psnr)

    @pytest.mark.slow
    def test_every_generator_kind_descends(self):
        common = {"latent_dim": 4, "style_dim": 4, "mapping_layers": 1}
        generators = (
            INRGANGenerator(
                resolution=8,
                input_resolution=4,
                width=4,
                fine_blocks=1,
                rank=2,
                **common,
            ),
            INRHyperNetwork(width=8, layers=2, resolution=8, basis="siren", **common),
        )
        for generator in generators:
            target = target_of(generator)
            inversion = Inversion(generator, target, points=64)
            snapshots = list(inversion.search(6, snapshots=1))
            self.assertLess(snapshots[-1].loss, snapshots[0].loss, generator.name)

    @pytest.mark.slow
    def test_classes(self):
        generator = small_generator(
            class_names=("cats", "owls"), channels=4, alignment="center"
        )
        target = target_of(generator, labels=[1])
        inversion = Inversion(generator, target, "z", label=1, points=64)
        self.assertAllEqual(inversion.labels, [1])
        snapshots = list(inversion.search(10, snapshots=1))
        self.assertLess(snapshots[-1].loss, snapshots[0].loss)
        styles = generator.mapping(snapshots[-1].latents, labels=np.array([1]))
        self.assertAllClose(styles, snapshots[-1].styles)

    @pytest.mark.slow
    def test_features(self):
        generator = small_generator()

        class Means:
            def tensors(self, images):
                return {"features": tf.nn.avg_pool2d(images, 4, 4, "VALID")}

        inversion = Inversion(
            generator,
            target_of(generator),
            "w",
            losses={"features": 1.0},
            extractor=Means(),
            features_side=16,
        )
        snapshots = list(inversion.search(10, snapshots=1))
        self.assertLess(snapshots[-1].loss, 0.9 * snapshots[0].loss)
        self.assertGreater(snapshots[-1].psnr, snapshots[0].psnr)

    def test_an_extractor_without_gradients(self):
        generator = small_generator()
        inversion = Inversion(
            generator,
            target_of(generator),
            losses={"features": 1.0},
            extractor=extractors.open_extractor("pixels"),
            features_side=8,
        )
        with self.assertRaisesRegex(ValueError, "`extractor` must let .*Resize"):
            list(inversion.search(1))

    @pytest.mark.slow
    def test_ends_early(self):
        generator = small_generator()
        inversion = Inversion(generator, target_of(generator), points=16)

        def steps(**kwargs):
            return list(inversion.search(6, snapshots=6, **kwargs))[-1].step

        self.assertEqual(steps(goal=1.0), 1)
        self.assertEqual(steps(), 6)
        inversion.rate = 1e-9
        self.assertEqual(steps(patience=3), 4)

    @pytest.mark.slow
    def test_a_prior_draws_styles_to_the_mean(self):
        generator = small_generator()
        inversion = Inversion(
            generator, target_of(generator), points=16, prior=100.0, rate=0.3
        )
        inversion.variable.assign(np.ones((1, 5, 5)))
        list(inversion.search(6, snapshots=1))
        self.assertLess(np.abs(inversion.variable.numpy()).max(), 0.5)

    def test_a_model_without_gradients(self):
        generator = small_generator()
        target = target_of(generator)
        draw = generator.synthesis

        def synthesis(styles, coords):
            return tf.stop_gradient(draw(styles, coords))

        with mock.patch.object(generator, "synthesis", synthesis):
            inversion = Inversion(generator, target, points=16, prior=0.0)
            with self.assertRaisesRegex(ValueError, "`generator` must let grad"):
                list(inversion.search(1))

    @pytest.mark.slow
    def test_wrong_arguments(self):
        generator = small_generator()
        target = target_of(generator)
        volume = small_generator(coord_dim=3, embedding_size=4)
        for rule, options in (
            (
                "`space` must be one of z, w, wplus. Received: 'x'",
                {"space": "x"},
            ),
            ("`losses` must be one of .* Received: 'ssim'", {"losses": {"ssim": 1}}),
            ("`extractor` must be given", {"losses": {"features": 1.0}}),
            ("`points` must be a positive", {"points": 0}),
            ("`error` must be l1 or l2", {"error": "l3"}),
        ):
            with self.assertRaisesRegex(ValueError, rule):
                Inversion(generator, target, **options)
        with self.assertRaisesRegex(ValueError, "a generator of images"):
            Inversion(VideoGenerator(volume, 3), target)
        tiny = np.zeros((8, 8), bool)
        tiny[::2, ::2] = True
        target = target_of(generator, mask=tiny)
        with self.assertRaisesRegex(ValueError, "no whole cell of 2 pixels"):
            Inversion(generator, target, losses={"multiscale": 1.0})
