import json

import numpy as np
import pytest

from inr_keras import rendering
from inr_keras.layers import external_dense
from inr_keras.models import ExternalINR
from inr_keras.studies import fit_study
from tests import testing


def save_images(folder):
    """Writes three random images of 8x8 to a folder, and returns it."""
    rng = np.random.default_rng(0)
    for i in range(3):
        image = rng.integers(0, 256, (8, 8, 3)).astype("uint8")
        rendering.save_image(folder / f"images/{i}.png", image)
    return str(folder / "images")


def small_settings(suite, source, **changes):
    sizes = {"count": 2, "resolution": 8, "steps": 2, "width": 4, "layers": 2}
    return fit_study.Settings(suite, source=source, **{**sizes, **changes})


class FitStudyTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.temporary_folder()
        self.source = save_images(self.folder)
        self.lines = []

    @pytest.mark.slow
    def test_fits_are_made_once(self):
        settings = small_settings("parametrizations", self.source)
        results = fit_study.run(settings, self.folder, self.lines.append)
        self.assertEqual(
            {r["parametrization"] for r in results} | {"shared"},
            set(external_dense.PARAMETRIZATIONS),
        )
        units = [r["parametrization"] for r in results if "unit_vectors" in r]
        self.assertEqual(units, list(fit_study.UNIT_VECTORS))
        for r in results:
            inr = ExternalINR(r["parametrization"], width=4, layers=2)
            self.assertEqual(r["external"], inr.num_external_params)
            self.assertEqual(r["external_per_layer"], inr.external_sizes[1])
            self.assertEqual(r["shared"], inr.count_params())
            self.assertEqual(r["history"][-1][1:], [2, r["mae"]])
        self.assertRegex(
            self.lines[0], r"^Linear, seed 0: 50%.*fit 1 of 13, about \d+ min"
        )

        # One fit is lost: that one alone is made again, with the same numbers.
        lost = fit_study.result_path(settings, self.folder, results[5]["title"], 0)
        before = json.loads(lost.read_text())["result"]["mae"]
        lost.unlink()
        self.lines.clear()
        again = fit_study.run(settings, self.folder, self.lines.append)
        self.assertEqual(
            {line.partition(",")[0] for line in self.lines}, {"Factorized (r = 10)"}
        )
        self.assertEqual(again[5]["mae"], before)
        self.assertEqual(again[:5] + again[6:], results[:5] + results[6:])

        other = small_settings("parametrizations", self.source, steps=3)
        with self.assertRaisesRegex(
            ValueError, "`workdir` must be empty or hold fits of the same"
        ):
            fit_study.run(other, self.folder)

    def test_entries(self):
        self.assertEqual(len(fit_study.entries("parametrizations")), 13)
        self.assertEqual(len(fit_study.entries("authors_start")), 8)
        fourier = fit_study.entries("fourier")
        scales = [
            c["fourier_scale"]
            for c in fourier.values()
            if c["basis"] == "fourier" and c["parametrization"] == "linear"
        ]
        self.assertEqual(scales, [1.0, 10.0, 30.0, 100.0, 300.0])
        self.assertEqual(
            fourier["SIREN, slides' init, Linear"],
            {"basis": "siren", "initialization": "slides", "parametrization": "linear"},
        )

    def test_images_are_drawn_by_the_first_seed(self):
        drawn = [
            fit_study.load_images(small_settings("fourier", self.source, seeds=seeds))[
                0
            ]
            for seeds in ((0,), (0, 1), (1,), (2,), (3,))
        ]
        self.assertAllEqual(drawn[0], drawn[1])
        self.assertTrue(any(np.any(drawn[0] != d) for d in drawn[2:]))
