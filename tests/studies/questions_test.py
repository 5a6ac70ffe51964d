import sys
from unittest import mock

import numpy as np
import pytest

from configs import tiny
from inr_keras import rendering
from inr_keras.runs import config_file
from inr_keras.studies import questions
from inr_keras.studies import upsampling_study
from tests import testing
from tests.rendering.generators import small_generator

FACTS = {"command": "python -m apps.study", "machine": "2 cores", "date": "2026-11-21"}


class QuestionsTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.temporary_folder()
        self.page = self.folder / "page.md"

    def answer(self, suite, **kwargs):
        return questions.answer(questions.Request(suite, self.page, FACTS, **kwargs))

    @pytest.mark.slow
    def test_fits(self):
        for i in range(2):
            image = np.full((8, 8, 3), 100 * i, "uint8")
            rendering.save_image(self.folder / f"images/{i}.png", image)
        files = self.answer(
            "fourier",
            data=str(self.folder / "images"),
            images=2,
            resolution=8,
            steps=1,
            workdir=str(self.folder / "fits"),
        )
        self.assertEqual(files[0], self.page)
        self.assertIn("# fourier: 2 images at 8x8", self.page.read_text())

    def test_geometry_by_a_detector_of_ones_own(self):
        small_generator().save(self.folder / "small.keras")
        (self.folder / "brightness.py").write_text(
            "def detect(images):\n    return {'brightness': images.mean((1, 2, 3))}\n"
        )
        with mock.patch.object(sys, "path", [*sys.path, str(self.folder)]):
            self.answer(
                "geometry",
                model=str(self.folder / "small.keras"),
                detector="brightness:detect",
                samples=40,
            )
        text = self.page.read_text()
        self.assertIn("Detector: brightness:detect.", text)
        self.assertIn("| brightness |", text)

    def test_real_images_are_a_runs_own_or_those_named(self):
        run = self.folder / "run"
        small_generator().save(self.folder / "generator.keras")
        run.mkdir()
        (self.folder / "generator.keras").rename(run / "generator.keras")
        config = tiny.get_config()
        config_file.write_config(config, run)
        asked = []

        def judge(generator, data, extractor, page, facts, samples, tell):
            asked.append(data)
            self.assertEqual(facts, {**FACTS, "features": "pixels"})

        with mock.patch.object(upsampling_study, "run", judge):
            for model in (run, run / "generator.keras"):
                for data in (None, "elsewhere"):
                    self.answer(
                        "upsampling", model=str(model), data=data, features="pixels"
                    )
        self.assertEqual(asked[0], config.data)
        self.assertEqual(asked[2], config.data)  # Of a file in a run.
        sources = [data.source for data in asked[1:]]
        self.assertEqual(sources, ["elsewhere", "openmoji", "elsewhere"])

    def test_trust_is_passed_on(self):
        loaded = mock.Mock(side_effect=ValueError("loaded"))
        for target, suite in (
            ("inr_keras.runs.load_generator", "geometry"),
            ("inr_keras.runs.load_generator", "prior"),
            ("inr_keras.evaluation.extractors.open_extractor", "upsampling"),
        ):
            with (
                mock.patch(target, loaded),
                self.assertRaisesRegex(ValueError, "loaded"),
            ):
                self.answer(suite, model="a", features="b", trust_model=True)
            self.assertTrue(loaded.call_args.args[1], suite)

    def test_wrong_requests(self):
        for suite, kwargs, text in (
            ("upsampling", {}, "`features` must be given for the suite up.* None"),
            ("geometry", {}, "`model` must be given for the suite geometry.* None"),
        ):
            with self.assertRaisesRegex(ValueError, text):
                self.answer(suite, **kwargs)
