import json

import numpy as np
from PIL import Image

from inr_keras.studies import fit_page
from inr_keras.studies import fit_study
from tests import testing
from tests.studies.fit_study_test import save_images
from tests.studies.fit_study_test import small_settings

FACTS = {"command": "python -m apps.study", "machine": "m", "date": "d"}
OURS = dict(zip(fit_page.SLIDES, (0.04, 0.05, 0.30, 0.20, 0.10, 0.06, 0.08, 0.12)))


class FitPageTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.temporary_folder()
        self.source = save_images(self.folder)

    def write(self, suite, seeds, maes):
        """Writes a page of errors `maes(arguments of an entry, seed)`."""
        settings = small_settings(suite, self.source, seeds=seeds)
        results = []
        for seed in seeds:
            for title, changes in fit_study.entries(suite).items():
                mae = maes(changes, seed)
                sizes = {"external_per_layer": 20, "external": 1234, "shared": 5}
                history = [[0.0, 0, 1.0], [1.0, 1, 0.5], [2.0, 2, mae]]
                scores = {"mae": mae, "psnr": 20.0, "steps": 2, "history": history}
                scores["deviation"] = 1.5 + seed
                results.append(
                    {"title": title, "seed": seed, **changes, **sizes, **scores}
                )
                path = fit_study.result_path(settings, self.folder, title, seed)
                path.parent.mkdir(exist_ok=True)
                images = np.full((2, 8, 8, 3), 9, "uint8")
                np.save(path.with_suffix(".npy"), images)
        page = self.folder / f"{suite}.md"
        files = fit_page.write(settings, self.folder, results, page, FACTS)
        self.assertEqual(files[0], page)
        numbers = json.loads((page.with_suffix("") / "fit.json").read_text())
        self.assertEqual(numbers["results"], results)
        for file in files:
            self.assertTrue(file.exists(), file)
        return page

    def test_order_and_the_slides(self):
        page = self.write(
            "parametrizations",
            (0, 1),
            lambda changes, seed: (
                OURS.get(changes["parametrization"], 5.0)
                + seed * 0.012
                + changes.get("unit_vectors", 0)
            ),
        )
        text = page.read_text()
        self.assertIn(
            "| Linear | n^2 + n | 20 | 1,234 | 5 | 0.047 | 0.0460 | 0.0060 |", text
        )
        self.assertIn("| AdaIN | 2n | 20 | 1,234 | 5 | 0.089 | 0.1260 |", text)
        # Seeds are 0.012 apart: rows 0.01 apart are even, rows 0.02 apart are not.
        self.assertIn(
            "worst: Linear = SELinear = Factorized (r = 10) < FactorizedSE (r = 10) < "
            "mFiLM, no normalization, scale < AdaIN < mFiLM, no normalization < mFiLM"
            " < Factorized (r = 10), unit vectors",
            text,
        )
        # Ranks by hand, of the order of `SLIDES`: ours 1 2 8 7 5 3 4 6, theirs
        # 1 2 8 7 4.5 6 3 4.5; 1 - 6 sum d^2 / (8 * 63) with ties is Pearson's of ranks.
        ranks = [1, 2, 8, 7, 5, 3, 4, 6], [1, 2, 8, 7, 4.5, 6, 3, 4.5]
        ours = np.corrcoef(ranks)[0, 1]
        self.assertIn(f"{ours:.2f} (p = 0.007, 8 rows) with our initial", text)
        # With unit vectors: 1 2 8 7 3 5 ... as the rows with them come last.
        units = [1, 2, 8, 7, 3, 5, 6, 4], [1, 2, 8, 7, 4.5, 6, 3, 4.5]
        theirs = np.corrcoef(units)[0, 1]
        self.assertRegex(
            text, rf"{theirs:.2f} \(p = 0\.\d+, 8 rows\) with the authors'"
        )
        sheet = Image.open(page.with_suffix("") / "sheet.jpg")
        # Two images a row, originals and thirteen kinds.
        self.assertEqual(sheet.size, (2 * 10 - 2, 14 * 10 - 2))

    def test_order_from_the_authors_start(self):
        kinds = list(fit_page.SLIDES)
        page = self.write(
            "authors_start",
            (0, 1),
            lambda changes, seed: 0.1 * kinds.index(changes["parametrization"]),
        )
        text = page.read_text()
        self.assertIn(": 5 layers of n = 4 before the colours, tanh of the last", text)
        self.assertIn("| mFiLM | 3n | 20 | 1,234 | 5 | 0.914 | 2.00 | 0.2000 |", text)
        # Ranks by hand: 1 ... 8 against those of the slides, in the order of `SLIDES`.
        theirs = [1, 2, 8, 7, 4.5, 6, 3, 4.5]
        ours = np.corrcoef(np.arange(8), theirs)[0, 1]
        self.assertIn(f"two columns: {ours:.2f} (p =", text)

    def test_one_seed_ranks_nothing_within_noise(self):
        page = self.write("fourier", (3,), lambda changes, seed: 0.25)
        text = page.read_text()
        self.assertIn("one seed (3)", text)
        self.assertIn("From the best to the worst, of one seed:", text)
        self.assertNotIn("slides' MAE", text)
        # A pixel of 8 is 2 / 8 of the axis wide.
        self.assertIn("0.25 at 1, 2.50 at 10, 7.50 at 30", text)
