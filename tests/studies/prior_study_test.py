import json
from unittest import mock

import numpy as np
import pytest
from PIL import Image

from inr_keras.studies import keypoint_detector
from inr_keras.studies import prior_study
from tests import testing
from tests.rendering.generators import small_generator

FACTS = {"command": "python -m apps.study", "machine": "m", "date": "d"}


class ScoresTest(testing.TestCase):
    def test_linear_keypoints_are_predicted(self):
        random = np.random.default_rng(0)
        inputs = random.normal(size=(400, 6))
        keypoints = (inputs @ random.normal(size=(6, 10))).reshape(400, 5, 2)
        keypoints[:, 4] = random.normal(size=(400, 2))  # Noise in the last.
        scores = prior_study._scores(inputs, keypoints)
        for name in keypoint_detector.NAMES[:4]:
            self.assertAllClose(scores[name], [1.0] * 3, atol=1e-3)
        value, low, high = scores[keypoint_detector.NAMES[4]]
        self.assertLess(value, 0.1)
        self.assertLess(low, value)
        self.assertLess(value, high)
        self.assertTrue(0.5 < scores["all"][0] < 1.0)

    def test_who_is_ahead(self):
        def result(title, low, high):
            scores = {"all": [(low + high) / 2, low, high]}
            return {"title": title, "scores": {"latents": scores, "styles": scores}}

        apart = [result("A", 0.5, 0.6), result("A", 0.55, 0.7), result("B", 0.2, 0.4)]
        text = prior_study._verdict(apart)
        self.assertIn("From latents, A is predicted best in every run.", text)
        text = prior_study._verdict([*apart, result("B", 0.45, 0.52)])
        self.assertIn("From styles, intervals overlap: no model is ahead.", text)


class PriorStudyTest(testing.TestCase):
    def test_too_few_samples(self):
        with self.assertRaisesRegex(ValueError, "`samples` must be 32 or more.*31"):
            prior_study.run(["none"], "p.md", FACTS, "none", 31, 1)

    @pytest.mark.slow
    def test_page(self):
        folder = self.temporary_folder()
        models = []
        for name in ("a", "b"):
            models.append(str(folder / f"{name}.keras"))
            small_generator().save(models[-1])

        def detect(model, images):
            brightness = images.mean(axis=(1, 2, 3)) / 255
            return np.tile(brightness[:, None, None], (1, 5, 2)), brightness * 0

        lines = []
        with mock.patch.object(keypoint_detector, "detect", detect):
            for _ in range(2):
                files = prior_study.run(
                    models, folder / "p.md", FACTS, folder, 48, 1, lines.append
                )
        # The detector is trained once.
        self.assertEqual(sum("detector" in line for line in lines), 1)
        text = files[0].read_text()
        self.assertIn(f"| CIPSGenerator, `{models[0]}` | 48 |", text)
        numbers = json.loads(files[-1].read_text())
        self.assertEqual(len(numbers["results"]), 2)
        side = small_generator().resolution * 4
        size = Image.open(files[1]).size
        self.assertEqual(size[0], 12 * (side + 2) - 2)

    def test_errors(self):
        folder = self.temporary_folder()
        paths = []
        for side in (8, 16):
            paths.append(str(folder / f"{side}.keras"))
            small_generator(resolution=side).save(paths[-1])
        with self.assertRaisesRegex(ValueError, r"`models` must.*one size.*\[8, 16\]"):
            prior_study.run(paths, folder / "p.md", FACTS, folder)
