from inr_keras.runs import config_file
from tests.apps import running
from tests.training import small


class CompareTest(running.TestCase):
    def test_one_run(self):
        folder = self.temporary_folder()
        run = folder / "run"
        run.mkdir()
        config_file.write_config(small.small_config(), run)
        (run / "metrics.jsonl").write_text(
            '{"images_seen": 4, "step": 1, "stage": 1, "seconds": 2.0, '
            '"d_loss": 1.25, "g_loss": 0.5}\n'
        )
        out = folder / "out.png"
        process = running.run_app("compare", f"--runs={run}", f"--out={out}")
        self.assertSucceeded(process)
        self.assertIn("1.250", process.stdout)
        self.assertGreater(out.stat().st_size, 1000)

    def test_bad_input(self):
        folder = self.temporary_folder()
        self.assertRefused(
            running.run_app("compare", f"--runs={folder}", f"--out={folder / 'a.png'}"),
            *("--runs must be run directories", folder),
        )
        self.assertRefused(
            running.run_app("compare", f"--runs={folder}", f"--out={folder}"),
            "--out must end in .png",
        )
        self.assertRefused(
            running.run_app("compare", "--runs=", "--out=a.png"), "--runs"
        )
