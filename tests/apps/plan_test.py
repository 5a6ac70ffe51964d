import pytest

from tests.apps import running

TINY = "--config=configs/tiny.py"


class PlanTest(running.TestCase):
    @pytest.mark.slow
    def test_table_and_proposal(self):
        process = running.run_app(
            *("plan", TINY, "--config.method=patch", "--memory_limit=8GB"),
            *("--measure", "--time"),
        )
        self.assertSucceeded(process)
        for text in ("tiny: MiB, batch 4", "measured", "The whole run:"):
            self.assertIn(text, process.stdout)
        self.assertIn("8GB: about", process.stdout)
        self.assertIn("with the settings as they are.", process.stdout)

    @pytest.mark.slow
    def test_what_does_not_fit(self):
        small = ("--config.method=patch", "--config.batch_size=2")
        limit = "--memory_limit=10MB"
        process = running.run_app("plan", TINY, *small, limit, "--notime")
        self.assertRefused(process, "--memory_limit must be at least")
        workdir = self.temporary_folder() / "run"
        process = running.run_app("train", TINY, *small, limit, f"--workdir={workdir}")
        self.assertRefused(process, "--memory_limit must be at least")
        self.assertFalse(workdir.exists())

    def test_bad_input(self):
        self.assertRefused(
            running.run_app("plan", TINY, "--memory_limit=much"),
            *("--memory_limit must be", "Received: 'much'"),
        )
        self.assertRefused(
            running.run_app("plan", TINY, "--config.batch_size=0"),
            "config.batch_size must be positive",
        )
