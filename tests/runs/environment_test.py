import json
import subprocess
from unittest import mock

import tensorflow as tf

import inr_keras
from inr_keras.runs import environment
from tests import testing


class EnvironmentTest(testing.TestCase):
    def test_every_start_is_kept(self):
        folder = self.temporary_folder()
        with mock.patch("sys.argv", ["/a/train.py", "--config=a.py"]):
            environment.record(folder)
        environment.record(folder)
        path = folder / "environment.json"
        first, second = json.loads(path.read_text())
        self.assertEqual(first["command"], ["train.py", "--config=a.py"])
        self.assertEqual(first["tensorflow"], tf.__version__)
        self.assertEqual(first["inr_keras"], inr_keras.__version__)
        self.assertGreater(first["memory_gib"], 0.1)
        self.assertGreaterEqual(second["started"], first["started"])

    def test_a_damaged_file_does_not_stop_a_run(self):
        folder = self.temporary_folder()
        (folder / "environment.json").write_text("[{")
        environment.record(folder)
        starts = json.loads((folder / "environment.json").read_text())
        self.assertEqual(len(starts), 2)

    def test_attribution(self):
        folder = self.temporary_folder()
        self.assertEqual(environment.attribution(folder), "")
        environment.record(folder, "By them.")
        environment.record(folder, "By us.")
        for path in (folder, folder / "generator.keras"):
            self.assertEqual(environment.attribution(path), "By us.")
        (folder / "environment.json").write_text('[{"started": "then"}]')
        self.assertEqual(environment.attribution(folder), "")

    def test_outside_a_repository(self):
        with mock.patch.object(subprocess, "run", side_effect=FileNotFoundError("git")):
            self.assertIsNone(environment.describe()["git_commit"])

    def test_nothing_is_locked_in_a_repository(self):
        with mock.patch.object(subprocess, "run") as run:
            run.return_value.stdout = "abc\n"
            environment.describe()
        for call in run.call_args_list:
            self.assertEqual(call.args[0][:2], ["git", "--no-optional-locks"])
        self.assertTrue(run.call_args_list)
