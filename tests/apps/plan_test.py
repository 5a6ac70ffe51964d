import pytest

from tests.apps import running

TINY = "--config=configs/tiny.py"


class PlanTest(running.TestCase):
    @pytest.fixture(autouse=True)
    def _images(self, images):
        self.config = (
            f"--config={running.ONE_STAGE}",
            f"--config.data.source={images}",
        )

    @pytest.mark.slow
    def test_table_and_proposal(self):
        flags = ("--memory_limit=8GB", "--measure", "--time")
        process = running.run_app("plan", *self.config, *flags, before=running.HERE)
        self.assertSucceeded(process)
        for text in ("one_stage: MiB, batch 4", "measured", "The whole run:"):
            self.assertIn(text, process.stdout)
        self.assertIn("8GB: about", process.stdout)
        self.assertIn("with the settings as they are.", process.stdout)

    @pytest.mark.slow
    def test_what_does_not_fit(self):
        leanest = ("--config.generator.remat=true", "--config.batch_size=1")
        settings = (*self.config, *leanest, "--memory_limit=10MB")
        before = {"before": running.HERE}
        process = running.run_app("plan", *settings, "--notime", **before)
        self.assertRefused(process, "--memory_limit must be more than a process takes")
        workdir = self.temporary_folder() / "run"
        process = running.run_app("train", *settings, f"--workdir={workdir}", **before)
        self.assertRefused(process, "--memory_limit must be more than a process takes")
        self.assertFalse(workdir.exists())

    @pytest.mark.slow
    def test_bad_input(self):
        self.assertRefused(
            running.run_app("plan", TINY, "--memory_limit=much"),
            *("--memory_limit must be", "Received: 'much'"),
        )
        self.assertRefused(
            running.run_app("plan", TINY, "--config.batch_size=0"),
            "config.batch_size must be positive",
        )
