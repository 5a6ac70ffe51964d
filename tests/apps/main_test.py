import contextlib
import io
import os
import subprocess
import sys
from unittest import mock

from apps import __main__ as command
from apps import cli
from tests.apps import running


class CommandTest(running.TestCase):
    def call(self, *arguments):
        """Standard output and error of the command, and its exit code."""
        out, error = io.StringIO(), io.StringIO()
        code = 0
        with (
            mock.patch.object(sys, "argv", ["inr-keras", *arguments]),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(error),
        ):
            try:
                command.main()
            except SystemExit as stop:
                code = stop.code
        return out.getvalue(), error.getvalue(), code

    def test_the_verbs_are_listed(self):
        for arguments in ((), ("--help",)):
            out, _, code = self.call(*arguments)
            self.assertEqual(code, 0)
            self.assertRegex(out, r"(?m)^  train +Trains an INR GAN .*\.$")
            self.assertRegex(out, r"(?m)^  prepare_data +Prepares ")
        self.assertFalse({"cli", "arguments", "one_signal"} & command.verbs().keys())

    def test_an_unknown_verb(self):
        _, error, code = self.call("trian", "--config=x")
        self.assertEqual(code, 2)
        self.assertRegex(error, r"^error: VERB must be one of .*, such as train\. ")
        self.assertEqual(error.count("\n"), 1)
        for verb in ("__main__", "--main--", "../apps/train", "cli"):
            self.assertEqual(self.call(verb)[2], 2)

    def test_a_verb_runs_its_program(self):
        with mock.patch("runpy.run_module") as run_module:
            self.call("prepare-data", "--out=x")
            run_module.assert_called_once_with(
                "apps.prepare_data", run_name="__main__", alter_sys=True
            )

    def test_a_program_reports_and_ends_as_it_does_alone(self):
        process = subprocess.run(
            [sys.executable, "-m", "apps", "compare", "--out=x", "--nothing=1"],
            cwd=running.ROOT,
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
        self.assertEqual(process.returncode, 2)
        self.assertRegex(process.stderr, "^error: Unknown command line flag 'nothing'")

    def test_configs_by_name(self):
        folder = self.temporary_folder()
        path = running.ROOT / "configs" / "openmoji_demo.py"
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(folder)
        for flag in ("--config", "-config", "--against"):
            found = cli.with_configs(f"{flag}=openmoji_demo")
            self.assertEqual(found, f"{flag}={path}")
        for other in ("--config=nothing", "--model=openmoji_demo", "--config=a/b.py"):
            self.assertEqual(cli.with_configs(other), other)
        (folder / "tiny").write_text("")
        self.assertEqual(cli.with_configs("--config=tiny"), "--config=tiny")
