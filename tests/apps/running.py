"""Runs apps as an operator does, each in a process of its own."""

import pathlib
import subprocess
import sys

from tests import testing

ROOT = pathlib.Path(__file__).parents[2]
ONE_STAGE = "tests/apps/one_stage.py"


_AFTER = """
import runpy
runpy.run_module("apps.{app}", run_name="__main__", alter_sys=True)
"""


def command(app, *arguments, before=""):
    """`python -m apps.APP ARGUMENTS`; its process runs `before` first."""
    program = ["-m", f"apps.{app}"]
    if before:
        program = ["-c", before + _AFTER.format(app=app)]
    return [sys.executable, *program, *map(str, arguments)]


def run_app(app, *arguments, before=""):
    """Runs `command` in the root folder and keeps its output."""
    return subprocess.run(
        command(app, *arguments, before=before),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )


def full_disk(size):
    """For `before`: no file can grow beyond `size` bytes."""
    return (
        "import resource\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))\n"
    )


def files(folder):
    """Contents of all files below a folder by their relative path."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


class TestCase(testing.TestCase):
    """Adds what every app does with wrong input."""

    def assertRefused(self, process, *texts, code=2):
        """One last line of standard error says what is wrong."""
        self.assertEqual(process.returncode, code, process.stderr)
        self.assertNotIn("Traceback", process.stderr)
        lines = process.stderr.splitlines()
        errors = [line for line in lines if line.startswith("error: ")]
        self.assertEqual(errors, lines[-1:], process.stderr)
        for text in texts:
            self.assertIn(str(text), errors[0])

    def assertSucceeded(self, process):
        self.assertEqual(process.returncode, 0, process.stderr)
        self.assertNotIn("Traceback", process.stderr)
        self.assertNotIn("error: ", process.stderr)
