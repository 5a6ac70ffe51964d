import json

import numpy as np
import pytest
from PIL import Image

from inr_keras import rendering
from inr_keras.layers import external_dense
from inr_keras.models import ExternalINR
from inr_keras.studies import fit_study
from tests import testing

FACTS = {"command": "python -m apps.study", "machine": "m", "date": "d"}


class FitStudyTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.temporary_folder()
        rng = np.random.default_rng(0)
        for i in range(3):
            image = rng.integers(0, 256, (8, 8, 3)).astype("uint8")
            rendering.save_image(self.folder / f"images/{i}.png", image)
        self.lines = []

    def run_suite(self, suite):
        settings = fit_study.Settings(
            suite,
            source=str(self.folder / "images"),
            count=2,
            resolution=8,
            steps=2,
            width=4,
            layers=2,
        )
        page = self.folder / "docs" / f"{suite}.md"
        files = fit_study.run(settings, page, FACTS, self.lines.append)
        self.assertEqual(files[0], page)
        for file in files:
            self.assertTrue(file.exists(), file)
        numbers = json.loads((page.with_suffix("") / "fit.json").read_text())
        return page, numbers

    @pytest.mark.slow
    def test_parametrizations(self):
        page, numbers = self.run_suite("parametrizations")
        results = numbers["results"]
        self.assertEqual(
            [r["parametrization"] for r in results] + ["shared"],
            list(external_dense.PARAMETRIZATIONS),
        )
        self.assertEqual(len(self.lines), 8)
        text = page.read_text()
        for r in results:
            inr = ExternalINR(r["parametrization"], width=4, layers=2)
            self.assertEqual(r["external"], inr.num_external_params)
            self.assertEqual(r["external_per_layer"], inr.external_sizes[1])
            self.assertEqual(r["shared"], inr.count_params())
            self.assertEqual(r["steps"], 2)
            self.assertEqual(r["history"][-1][2], r["mae"])
            self.assertIn(f"| {r['title']} |", text)
            self.assertIn(f"| {r['mae']:.4f} |", text)
        best = min(results, key=lambda r: r["mae"])["title"]
        self.assertIn(f"From the best to the worst: {best};", text)
        self.assertIn("parametrizations/sheet.png", text)
        sheet = Image.open(page.with_suffix("") / "sheet.png")
        # Two images a row, originals and eight kinds.
        self.assertEqual(sheet.size, (2 * 10 - 2, 9 * 10 - 2))

    @pytest.mark.slow
    def test_fourier_against_siren(self):
        page, numbers = self.run_suite("fourier")
        kinds = [
            (r["parametrization"], r["basis"], r.get("initialization"))
            for r in numbers["results"]
        ]
        self.assertEqual(len(set(kinds)), 6)
        self.assertIn(("linear", "siren", "slides"), kinds)
        self.assertIn("SIREN, original init, Linear", page.read_text())

    def test_images_are_drawn_by_the_seed(self):
        drawn = [
            fit_study.load_images(
                fit_study.Settings(
                    "fourier",
                    source=str(self.folder / "images"),
                    count=2,
                    resolution=8,
                    seed=seed,
                )
            )[0]
            for seed in (0, 0, 1, 2, 3)
        ]
        self.assertAllEqual(drawn[0], drawn[1])
        self.assertTrue(any(np.any(drawn[0] != d) for d in drawn[2:]))
