import contextlib
import dataclasses
import io
import os
import subprocess
import sys
from unittest import mock

import pytest
import rich.table
from absl import flags

from apps import cli
from tests.apps import running

_PROGRAM = """
from absl import flags
from apps import cli
flags.DEFINE_string("out", None, "Where to.")
flags.DEFINE_integer("count", 1, "How many.", lower_bound=1)
flags.DEFINE_float("share", 0.5, "How much.", lower_bound=0.0)
cli.require("out")
def main():
    print("out", flags.FLAGS.out)
    {body}
cli.run(main, flag_of={{"folder": "out"}})
"""


def run(body, *arguments):
    return subprocess.run(
        [sys.executable, "-c", _PROGRAM.format(body=body), *arguments],
        cwd=running.ROOT,
        capture_output=True,
        text=True,
    )


class RunTest(running.TestCase):
    def test_success(self):
        process = run("cli.logging.info('busy')", "--out=x")
        self.assertSucceeded(process)
        self.assertEqual(process.stdout, "out x\n")
        self.assertRegex(process.stderr, r"^\d\d:\d\d:\d\d busy\n$")

    def test_names_that_the_terminal_cannot_show(self):
        with mock.patch.dict(os.environ, PYTHONIOENCODING="ascii"):
            process = run("print('кот')", "--out=x")
        self.assertSucceeded(process)
        self.assertIn(r"\u043a\u043e\u0442", process.stdout)

    def test_lines_of_the_log_name_flags(self):
        process = run("cli.logging.info('Left out: `%s`', 'out')", "--out=x")
        self.assertRegex(process.stderr, r"^[\d:]{8} Left out: --out\n$")

    def test_warnings_say_so(self):
        process = run("cli.logging.warning('careful %d', 3)", "--out=x")
        self.assertRegex(process.stderr, r"^[\d:]{8} warning: careful 3\n$")

    @pytest.mark.slow
    def test_wrong_input(self):
        for body, line in {
            "raise ValueError('a must be b.\\n  Received: c')": (
                "error: a must be b. Received: c\n"
            ),
            "raise ValueError": "error: ValueError\n",
            "open('/nothing/there')": (
                "error: No such file or directory: /nothing/there\n"
            ),
            "raise OSError(28, 'No space left')": "error: No space left\n",
            "raise OSError('`out` cannot be written')": (
                "error: --out cannot be written\n"
            ),
            "raise ValueError('`folder` must be new. Received: count=3')": (
                "error: --out must be new. Received: --count=3\n"
            ),
            "raise ValueError('`kind` must be a or b.')": (
                "error: `kind` must be a or b.\n"
            ),
        }.items():
            process = run(body, "--out=x")
            self.assertRefused(process)
            self.assertEqual(process.stderr, line)
            self.assertEqual(process.stdout, "out x\n")  # And not lost.

    def test_a_run_that_failed_of_itself(self):
        process = run("raise FloatingPointError('g_loss is nan')", "--out=x")
        self.assertRefused(process, "g_loss is nan", code=1)

    def test_a_missing_package(self):
        body = "from inr_keras import extras; extras.load('absent', 'signals')"
        self.assertRefused(run(body, "--out=x"), "absent", "(extra: signals)", code=2)

    def test_interruption(self):
        process = run("raise KeyboardInterrupt", "--out=x")
        self.assertRefused(process, "interrupted", code=130)

    def test_defects_keep_their_traceback(self):
        process = run("raise KeyError('defect')", "--out=x")
        self.assertEqual(process.returncode, 1)
        self.assertIn("Traceback", process.stderr)
        self.assertIn("KeyError: 'defect'", process.stderr)

    def test_flags(self):
        for arguments, texts in {
            (): ["--out", "must have a value"],
            ("--out=",): ["--out=", "must not be empty"],
            ("--out=x", "--wat=3"): ["Unknown command line flag 'wat'"],
            ("--out=x", "stray"): ["unexpected argument 'stray'"],
            ("--out=x", "--count=a"): ["--count=a"],
            ("--out=x", "--count=0"): ["--count=0"],
            ("--out=x", "--share=nan"): ["--share must be a number. Received: nan"],
        }.items():
            process = run("pass", *arguments)
            self.assertRefused(process, *texts)
            self.assertEqual(process.stdout, "")
            self.assertEqual(len(process.stderr.splitlines()), 1)

    def test_homes(self):
        home = os.path.expanduser("~")
        for argument, path in {
            "--out=~/x": f"{home}/x",
            "--out=a,~/x,~": f"a,{home}/x,{home}",
            "--out=a~/x": "a~/x",
            "--out=~10 things": "~10 things",
        }.items():
            process = run("pass", argument)
            self.assertSucceeded(process)
            self.assertEqual(process.stdout, f"out {path}\n")
        process = run("pass", "--out=~no_such_user/x")
        self.assertRefused(process, "the user and the home folder", "'~no_such_user/x'")

    def test_sigterm(self):
        process = run("import os; os.kill(os.getpid(), 15)", "--out=x")
        self.assertRefused(process, "terminated", code=143)

    def test_too_little_memory(self):
        for body in (
            "import numpy; numpy.empty(2**50)",
            "raise type('ResourceExhaustedError', (Exception,), {})('OOM  when')",
        ):
            process = run(body, "--out=x")
            self.assertRefused(process, "out of memory: ", code=1)

    def test_another_program_goes_on(self):
        program = (
            "import sys\n"
            "from runpy import run_module\n"
            "sys.argv = ['compare', '--runs=none', '--out=.']\n"
            "try:\n"
            "    run_module('apps.compare', run_name='__main__', alter_sys=True)\n"
            "except SystemExit as error:\n"
            "    print('went on after', error.code)\n"
        )
        process = subprocess.run(
            [sys.executable, "-c", program],
            cwd=running.ROOT,
            capture_output=True,
            text=True,
        )
        self.assertEqual(process.stdout, "went on after 2\n", process.stderr)
        self.assertIn("error: --out", process.stderr)

    def test_help(self):
        process = run("pass", "--help")
        self.assertSucceeded(process)
        self.assertIn("--out: Where to.", process.stdout)


class AppsTest(running.TestCase):
    def test_start_without_tensorflow(self):
        # So that help and wrong flags answer at once.
        for app in ("train", "generate", "export", "benchmark"):
            program = f"import sys, apps.{app}\nsys.exit('tensorflow' in sys.modules)"
            process = subprocess.run([sys.executable, "-c", program], cwd=running.ROOT)
            self.assertEqual(process.returncode, 0, app)

    def test_help_names_an_example(self):
        for app in ("train", "generate", "export", "benchmark"):
            process = running.run_app(app, "--help")
            self.assertSucceeded(process)
            self.assertIn(f"python -m apps.{app} ", process.stdout)


class FromFlagsTest(running.TestCase):
    def test_fields_are_flags_of_their_names(self):
        @dataclasses.dataclass
        class Request:
            out: str
            count: int
            other: str = "default"

        values = flags.FlagValues()
        flags.DEFINE_string("out", "x", "", flag_values=values)
        flags.DEFINE_integer("count", 1, "", flag_values=values)
        values(["app", "--count=3"])
        with mock.patch.object(cli.flags, "FLAGS", values):
            request = cli.from_flags(Request, other="given")
        self.assertEqual(request, Request("x", 3, "given"))


class CountingBarTest(running.TestCase):
    def test_lines_with_rate_without_a_terminal(self):
        clock = iter((100.0, 110.0, 131.0, 140.0))
        stderr = io.StringIO()
        with (
            contextlib.redirect_stderr(stderr),
            mock.patch.object(cli.time, "monotonic", lambda: next(clock)),
            mock.patch.object(cli.logging, "info") as info,
            cli.counting_bar("Images") as update,
        ):
            for done in (50, 60, 112, 130):  # 50 were done before.
                update(done, 50, 130)
        self.assertEqual(stderr.getvalue(), "")
        lines = [call.args[0] % call.args[1:] for call in info.call_args_list]
        self.assertEqual(
            lines,
            [
                "112 of 130 images, 2 a second, 9.0 s left",
                "130 of 130 images, 2 a second, 0.0 s left",
            ],
        )


class ShowTest(running.TestCase):
    def test_tables_are_wide_without_a_terminal(self):
        table = rich.table.Table()
        table.add_column("x" * 100)
        with contextlib.redirect_stdout(io.StringIO()) as out:
            cli.show(table, table)
        self.assertEqual(out.getvalue().count("x" * 100), 2)


class ProgressBarTest(running.TestCase):
    def lines(self, *shares):
        """What is told without a terminal, 4 seconds after one another."""
        clock = iter(range(100, 1000, 4))
        stderr = io.StringIO()
        with (
            contextlib.redirect_stderr(stderr),
            mock.patch.object(cli.time, "monotonic", lambda: next(clock)),
            mock.patch.object(cli.logging, "info") as info,
        ):
            with cli.progress_bar("drawing") as progress:
                for share in shares:
                    progress(share)
        self.assertEqual(stderr.getvalue(), "")
        return [call.args[0] % call.args[1:] for call in info.call_args_list]

    def test_is_silent_where_nobody_need_wait(self):
        self.assertEqual(self.lines(0.0, 0.5, 1.0), [])

    def test_a_line_now_and_then_without_a_terminal(self):
        shares = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 1.0]
        self.assertEqual(
            self.lines(*shares),
            ["drawing: 30 %, 28 s left", "drawing: 60 %, 16 s left"],
        )
