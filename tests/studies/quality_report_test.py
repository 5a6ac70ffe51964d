from inr_keras.studies import quality
from inr_keras.studies import quality_report
from tests import testing


def scores(fd):
    shares = {
        f"{name}_{k}": fd / 1000 + k / 100
        for name in ("precision", "recall", "density", "coverage")
        for k in (3, 5)
    }
    of_view = {
        "fd": fd,
        "fd_mean": fd / 4,
        **shares,
        "diversity": 0.5,
        "duplicates": 0.25,
        "nearest": 1.5,
    }
    views = dict.fromkeys(quality.VIEWS, of_view)
    return {**views, "pattern": 0.1, "border_ink": 0.25}


class QualityReportTest(testing.TestCase):
    def test_tables_and_spread(self):
        results = [
            {"name": "plain", "title": "the recipe", "seed": seed, "quality": s}
            for seed, s in enumerate(map(scores, (100.0, 80.0)))
        ]
        results[0]["loads"] = [0.5, 1.25]
        text = quality_report.section(
            results, [{"title": "half", "scores": scores(20.0)}]
        )
        row = "| the recipe | 0 | 100.0 | 25.0 | 0.130 | 0.130 | 0.13 | 0.130 | 0.50 |"
        self.assertEqual(text.count(row), 3)
        self.assertEqual(text.count(row.replace("13", "15")), 3)
        self.assertIn("| half |  | 20.0 | 5.0 |", text)
        self.assertIn("| the recipe | 0 | 0.100 | 25.0% | 0.5, 1.2 |", text)
        self.assertIn("differ by at most: FD 20.0, of means 5.0, precision 0.020", text)
        self.assertIn("runs are not ranked", quality_report.section(results[:1], []))
        del results[0]["quality"]
        with self.assertRaisesRegex(ValueError, "`workdir` must hold .*the recipe"):
            quality_report.section(results, [])
