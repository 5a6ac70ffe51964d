import numpy as np
from PIL import Image

from inr_keras.evaluation import evaluation_report
from inr_keras.evaluation import passports
from inr_keras.evaluation import references
from tests import testing
from tests.evaluation import small_sets


class ReportTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.temporary_folder()
        self.samples = small_sets.Images(small_sets.drawings(10, 0))
        source = small_sets.Source(small_sets.drawings(12, 1))
        self.reference = references.Reference(source, self.folder / "cache")

    def record(self, value, kimg, samples=10):
        score = passports.score("fd", value, "lower", [1.0, 2.0], paths=3)
        score.passport = {"samples": samples, "code": {"keras": "3.15"}}
        return passports.record(score, model="runs/a", kimg=kimg)

    def write(self, records, neighbours=None):
        passports.append(self.folder, records)
        evaluation_report.write(
            self.folder,
            records,
            self.samples,
            self.reference,
            neighbours,
            "python -m apps.evaluate",
        )
        return (self.folder / "report.md").read_text()

    def test_page(self):
        pair = self.samples.images(range(8)), self.reference.source.images[:8]
        text = self.write([self.record(12.3456, 4.0)], pair)
        self.assertIn("# Scores of runs/a after 4.0 thousand", text)
        self.assertIn("| fd | 12.35 | 10.96 .. 13.73 | lower | paths 3 |", text)
        self.assertIn("| keras | 3.15 | all |", text)
        self.assertIn("Nobody's.", text)
        self.assertNotIn("curves.png", text)
        for name, size in (
            # Images of 64 pixels: 8 in a row, two rows.
            ("samples.png", (2 * (8 * 66 - 2) + 16, 2 * 66 - 2)),
            ("nearest.png", (8 * 68 - 4, 2 * 68 - 4)),
        ):
            with Image.open(self.folder / name) as image:
                self.assertEqual(image.size, size)
                if name == "nearest.png":
                    corner = np.asarray(image)[:64, :64]
        expected = self.samples.images([0])[0].repeat(4, 0).repeat(4, 1)
        self.assertAllEqual(corner, expected)

    def test_curves_of_like_scores(self):
        self.write([self.record(3.0, 1.0)])
        text = self.write([self.record(2.0, 2.0, samples=99)])
        self.assertNotIn("curves.png", text)  # Not of as many samples.
        text = self.write([self.record(2.0, 2.0)])
        self.assertIn("curves.png", text)
        with Image.open(self.folder / "curves.png") as image:
            self.assertGreater(np.asarray(image).std(), 5.0)
