import json
import shutil

import h5py
import numpy as np
import pytest

from tests import soak
from tests import testing
from tests.apps import running

# Ten steps of each stage, which take less time than making graphs of them.
SHORT = (
    *soak.SETTINGS,
    "--config.log_kimg=0.004",
    "--config.sample_kimg=0.02",
    "--config.checkpoint_kimg=0.008",
    *(f"--config.stages[{i}].kimg=0.04" for i in range(2)),
)


def start(workdir):
    arguments = (*SHORT, f"--workdir={workdir}")
    return running.Started("train", arguments, before=running.EAGERLY)


class SoakTest(testing.TestCase):
    @pytest.mark.slow
    def test_two_kills(self):
        folder = self.temporary_folder()
        found, done = soak.soak(folder, kills=2, seed=1, start=start)
        self.assertEqual(found, [])
        self.assertGreaterEqual(done, 1)

    def test_differences_are_found(self):
        calm = self.temporary_folder() / "calm"
        (calm / "checkpoints").mkdir(parents=True)
        with h5py.File(calm / "checkpoints" / "images_4.h5", "w") as file:
            file["a/b"] = np.array([1.0, 2.0])
        line = json.dumps({"images_seen": 4, "seconds": 1.0, "d_loss": 2.0})
        (calm / "metrics.jsonl").write_text(line + "\n")
        self.assertEqual(soak.differences(calm, calm), [])

        def copy(name):
            folder = calm.parent / name
            shutil.copytree(calm, folder)
            return folder

        other = copy("weights")
        with h5py.File(other / "checkpoints" / "images_4.h5", "r+") as file:
            file["a/b"][0] = np.nextafter(1.0, 2.0)
        (text,) = soak.differences(calm, other)
        self.assertEqual(text, "a/b differs")

        other = copy("metrics")
        (other / "metrics.jsonl").write_text((line + "\n") * 2)
        self.assertIn("2 lines", soak.differences(calm, other)[0])

        other = copy("seconds")
        (other / "metrics.jsonl").write_text(line.replace("1.0", "9.0"))
        self.assertEqual(soak.differences(calm, other), [])

        other = copy("left")
        (other / ".writing_7_a.h5").write_text("")
        self.assertIn("left behind", soak.differences(calm, other)[0])
