import json
import types
from unittest import mock

import numpy as np

from inr_keras import runs
from inr_keras.models import INRGANGenerator
from inr_keras.models import INRHyperNetwork
from inr_keras.studies import geometry_study
from tests import testing
from tests.rendering.generators import small_generator

FACTS = {
    "command": "python -m apps.study --suite=geometry",
    "machine": "2 cores",
    "date": "2026-11-21",
    "detector": "brightness",
}


def brightness(images):
    """What is nearly linear in a small generator's styles, and what is not."""
    means = images.mean((1, 2, 3))
    noise = np.random.default_rng(len(images)).normal(size=len(images))
    return {
        "brightness": means,
        "noise": noise,
        "constant": np.zeros(len(images)),
    }


class GeometryStudyTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.page = self.temporary_folder() / "docs" / "geometry.md"

    def run_study(self, detector=brightness, generator=None, **kwargs):
        generator = generator or small_generator()
        return geometry_study.run(generator, detector, self.page, FACTS, **kwargs)

    def test_page_scores_and_images(self):
        files = self.run_study(samples=240)
        text = self.page.read_text()
        self.assertEqual(files[0], self.page)
        for path in files[1:3]:
            self.assertTrue(path.read_bytes().startswith(b"\x89PNG"), path)
            self.assertIn(f"({path.relative_to(self.page.parent)})", text)
        scores = json.loads(files[3].read_text())["r_squared"]
        self.assertEqual(
            list(scores),
            ["latents", "styles", "modulation", "other images' styles"],
        )
        self.assertGreater(scores["styles"]["brightness"], 0.5)
        self.assertLess(abs(scores["styles"]["noise"]), 0.2)
        self.assertLess(scores["other images' styles"]["brightness"], 0.2)
        self.assertIsNone(scores["styles"]["constant"])
        self.assertIn(f"{scores['styles']['brightness']:.3f}", text)
        self.assertIn("| constant | - | - | - | - |", text)
        self.assertIn("180 images", text)
        self.assertIn("R^2 is of the 60 others", text)
        self.assertIn("6 latents, 5 styles", text)
        self.assertIn(FACTS["command"], text)
        self.assertNotIn("Classes", text)

    def test_modulation_is_every_scale(self):
        generator = small_generator()
        styles = np.ones((2, 5), "float32")
        layers = [generator.first, *generator.dense, *generator.to_rgb]
        found = geometry_study.modulation(generator, styles)
        sizes = [layer.kernel.shape[0] for layer in layers]
        self.assertEqual(found.shape, (2, sum(sizes)))
        scales = np.sort(np.asarray(layers[0].to_scale(styles))[0])
        self.assertTrue(np.all(np.isin(np.float32(scales), np.float32(found))))

    def test_an_exported_generator_has_none(self):
        exported = mock.Mock(spec=runs.SavedModelGenerator)
        self.assertIsNone(geometry_study.modulation(exported, None))

    def test_parameters_of_a_hypernetwork(self):
        hyper = mock.Mock(spec=INRHyperNetwork)
        hyper.num_layers = 2
        hyper.layer_params = lambda i, styles: styles[:, :2] * (i + 1)
        found = geometry_study.modulation(hyper, np.array([[1.0, 2.0, 3.0]]))
        self.assertAllEqual(found, [[1.0, 2.0, 2.0, 4.0]])

    def test_factors_of_factorized_layers(self):
        generator = INRGANGenerator(
            latent_dim=6, style_dim=5, resolution=16, input_resolution=4, width=4
        )
        layers = [layer for block in generator.dense for layer in block]
        sizes = [layer.to_factors.kernel.shape[1] for layer in layers]
        sizes += [layer.to_scale.kernel.shape[1] for layer in generator.to_rgb]
        found = geometry_study.modulation(generator, np.ones((2, 5), "float32"))
        self.assertEqual(found.shape, (2, sum(sizes)))

    def test_classes_take_turns(self):
        generator = small_generator(class_names=("cats", "owls"))
        self.run_study(generator=generator, samples=40)
        text = self.page.read_text()
        self.assertIn("styles of another. Classes take turns;", text)

    def test_videos_are_refused_before_they_are_drawn(self):
        video = types.SimpleNamespace(channels=24, video_length=8, coord_dim=2)
        with self.assertRaisesRegex(ValueError, "`generator` must draw .*8 images"):
            geometry_study.run(video, brightness, self.page, FACTS)

    def test_names_that_change(self):
        names = iter("ab")

        def detector(images):
            return {next(names): np.zeros(len(images))}

        with self.assertRaisesRegex(ValueError, "the same names.*'a', 'b'"):
            self.run_study(detector, samples=120)
        self.assertFalse(self.page.exists())
