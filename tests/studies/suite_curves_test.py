import json

import numpy as np
from PIL import Image

from inr_keras.studies import suite_curves
from tests import testing


def line(seen, rate, cores=2.0, seconds=30.0):
    """A line of `metrics.jsonl`; its images are those since the last start."""
    return {
        "images_seen": seen,
        "seconds": seconds,
        "processor_seconds": cores * seconds,
        "images_per_second": rate,
    }


def score(seen, value, metric="fd"):
    return {"images_seen": seen, "metric": metric, "value": value}


class SuiteCurvesTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.temporary_folder()

    def run_of(self, name, logs, scores, seed=0):
        """Writes the files of a run; returns its results and its folder."""
        folder = self.folder / f"{name}{seed}"
        folder.mkdir()
        for file, records in (("metrics", logs), ("evaluations", scores)):
            text = "".join(json.dumps(record) + "\n" for record in records)
            (folder / f"{file}.jsonl").write_text(text)
        return {"name": name, "title": name, "seed": seed}, folder

    def test_minutes_at_scores(self):
        logs = [line(600, 10.0), line(1200, 5.0)]
        # Before, at and between lines of the log, and after the last.
        scores = [score(n, n / 2) for n in (300, 600, 900, 1500)]
        scores += [score(600, 0.5, "kid"), score(600, None)]
        _, folder = self.run_of("image", logs, scores)
        seen, values, minutes, processor = suite_curves.read(folder).T
        self.assertAllEqual(seen, [300, 600, 900, 1500])
        self.assertAllEqual(values, seen / 2)
        self.assertAllClose(minutes, [0.5, 1.0, 2.0, 4.0])
        self.assertAllClose(processor, 2 * minutes)

    def test_page(self):
        logs = [line(n, 10.0, 1.0) for n in range(600, 6001, 600)]
        rows = {
            "image": (400.0, 300.0, 310.0),
            "patch": (600.0, 500.0, 400.0),
            "multi_stage": (305.0, 200.0, 100.0),
        }
        pairs = [
            self.run_of(
                name, logs, [score(1200 * i, v) for i, v in enumerate(values, 1)]
            )
            for name, values in rows.items()
        ]
        images = self.folder / "page"
        text, [path] = suite_curves.write(
            [*pairs, self.run_of("none", logs, [])], images
        )
        self.assertIn("## FD against minutes of processor time\n", text)
        self.assertIn("| 2.4 | 300.0 at 4.0 min | 500.0 at 4.0 min | 200.0 ", text)
        # It is the second point of image-based training that is as low as 310, and its
        # first that is as low as 400.
        first = "| multi_stage, seed 0 | 100.0 | 6.0 | 310.0 | 2.0 | 2.0 | 1.0 |\n"
        self.assertIn(first, text)
        last = "| patch, seed 0 | 400.0 | 6.0 | 400.0 | 6.0 | 2.0 | 0.3 |\n"
        self.assertIn(last, text)
        self.assertNotIn("none", text)
        self.assertIn(f"({path.relative_to(self.folder)})", text)
        with Image.open(path) as image:
            self.assertGreater(np.std(image), 0.0)

        older = [{k: v for k, v in log.items() if "proc" not in k} for log in logs]
        other = self.run_of("image", older, [score(600, 9.0)], seed=1)
        text, _ = suite_curves.write([pairs[0], other], images)
        self.assertIn("## FD against minutes\n", text)
        row = "| image, seed 1 | 9.0 | 1.0 | 9.0 | 1.0 | 1.0 | 1.0 |\n"
        self.assertIn(row, text)
        self.assertEqual(suite_curves.write([], images), ("", []))
