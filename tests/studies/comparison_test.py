import json

from PIL import Image

from inr_keras.runs import config_file
from inr_keras.studies import comparison
from tests import testing
from tests.training import small


class ComparisonTest(testing.TestCase):
    def run_folder(self, folder, count=20, **changes):
        folder.mkdir(parents=True)
        config_file.write_config(small.small_config(**changes), folder)
        lines = [
            {
                "images_seen": 18 * i * (i + 1),
                "step": i,
                "stage": 1 + i // 8,
                "seconds": 36.0,
                "images_per_second": float(i),
                "real_logits": 2.0,
                "fake_logits": 0.5,
                "d_loss": float(i),
                "g_loss": 1.0,
            }
            for i in range(1, count + 1)
        ]
        text = "".join(json.dumps(line) + "\n" for line in lines)
        (folder / "metrics.jsonl").write_text(text)
        return folder

    def test_table_and_image(self):
        folder = self.temporary_folder()
        one = self.run_folder(folder / "x" / "one")
        two = self.run_folder(folder / "y" / "one", batch_size=8, seed=3)
        runs = comparison.read([one, two])
        self.assertEqual([run.name for run in runs], ["x/one", "y/one"])
        cells = comparison.format_cells(runs[0])
        self.assertEqual(set(cells), set(comparison.COLUMNS))
        self.assertEqual(cells["kimg"], "7.6")
        self.assertEqual(cells["stage"], "3/3")
        self.assertEqual(cells["hours"], "0.20")
        # Means of the last two of twenty lines.
        self.assertEqual(cells["d_loss"], "19.500")
        self.assertEqual(cells["images/s"], "19.5")
        self.assertEqual(cells["margin"], "1.500")
        self.assertEqual(cells["waiting"], "-")
        self.assertEqual(
            comparison.differing_settings(runs),
            [("seed", ["0", "3"]), ("batch_size", ["4", "8"])],
        )
        out = folder / "compare.png"
        comparison.plot(runs, out)
        with Image.open(out) as image:
            self.assertGreater(image.width, 800)

    def test_hours_of_a_resumed_run(self):
        folder = self.run_folder(self.temporary_folder() / "run")
        path = folder / "metrics.jsonl"
        # Its third line has the seconds of a quarter of its images.
        parts = path.read_text().split('"seconds": 36.0')
        text = '"seconds": 36.0'.join(parts[:3]) + '"seconds": 9.0'
        path.write_text(text + '"seconds": 36.0'.join(parts[3:]))
        [run] = comparison.read([folder])
        self.assertEqual(comparison.format_cells(run)["hours"], "0.20")

    def test_what_is_no_run(self):
        folder = self.temporary_folder()
        with self.assertRaisesRegex(ValueError, "`folders` must be run direct"):
            comparison.read([folder])
        run = self.run_folder(folder / "run", count=0)
        with self.assertRaisesRegex(ValueError, "`folders` must have a line of"):
            comparison.read([run])
        (run / "metrics.jsonl").unlink()
        with self.assertRaisesRegex(ValueError, "`folders` must have a line of"):
            comparison.read([run])
