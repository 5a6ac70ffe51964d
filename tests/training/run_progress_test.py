import json

from inr_keras.training import checkpoints
from inr_keras.training import run_progress
from tests import testing


class KimgTest(testing.TestCase):
    def test_of_each_generator_of_a_run(self):
        run = self.temporary_folder()
        self.assertIsNone(run_progress.kimg(run))
        line = json.dumps({"images_seen": 19_900}) + "\n"
        (run / "metrics.jsonl").write_text(line)
        self.assertEqual(run_progress.kimg(run), 19.9)
        # The generator is that of the last checkpoint.
        (run / "checkpoints").mkdir()
        for seen in (5000, 10_000):
            checkpoints.path_of(run / "checkpoints", seen).touch()
        self.assertEqual(run_progress.kimg(run), 10.0)
        for name in ("generator.keras", "best_generator.keras", "other.keras"):
            (run / name).touch()
        self.assertEqual(run_progress.kimg(run / "generator.keras"), 10.0)
        self.assertIsNone(run_progress.kimg(run / "best_generator.keras"))
        self.assertIsNone(run_progress.kimg(run / "other.keras"))
        (run / "best.json").write_text(json.dumps({"images_seen": 5000}))
        self.assertEqual(run_progress.kimg(run / "best_generator.keras"), 5.0)
