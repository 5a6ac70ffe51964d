"""Runs apps as an operator does, each in a separate process.

It is forked from a server that has imported TensorFlow and most of the library, which
takes six seconds.
"""

import atexit
import gc
import multiprocessing
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
from multiprocessing import reduction

from tests import testing

ROOT = pathlib.Path(__file__).parents[2]
ONE_STAGE = "tests/apps/one_stage.py"
TWO_STAGES = "tests/apps/two_stages.py"

_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(
    [
        *("tensorflow", "tensorflow_datasets", "matplotlib.figure", "apps.cli"),
        *("inr_keras.training.trainer", "tests.apps.frozen"),
    ]
)
_AFTER = """
import runpy
runpy.run_module("apps.{app}", run_name="__main__", alter_sys=True)
"""


class Started:
    """An app that runs, forked from the server.

    Args:
        app: str. Its name.
        arguments: Sequence. Its flags.
        before: str. Python that its process runs first.
        environment: Dict of further environment variables.
    """

    def __init__(self, app, arguments, before="", environment=None):
        self._name = app
        self._outputs = [tempfile.TemporaryFile() for _ in range(2)]
        self.process = _SERVER.Process(
            target=_run,
            args=(
                [f"{ROOT}/apps/{app}.py", *map(str, arguments)],
                before + _AFTER.format(app=app),
                environment or {},
                *(reduction.DupFd(file.fileno()) for file in self._outputs),
            ),
        )
        self.process.start()

    def first_line(self):
        """The first line of its output, once it is there."""
        while True:
            ended = self.process.exitcode is not None
            # Leaves the place where the process writes alone.
            text = os.pread(self._outputs[0].fileno(), 4096, 0).decode()
            if ended or "\n" in text:
                return text.partition("\n")[0]
            time.sleep(0.02)

    def finish(self, timeout=600):
        """Waits for its end; returns a `subprocess.CompletedProcess`."""
        self.process.join(timeout)
        if self.process.exitcode is None:
            self.process.kill()
            self.process.join()
        texts = []
        for file in self._outputs:
            with file:
                file.seek(0)
                texts.append(file.read().decode())
        code = self.process.exitcode
        return subprocess.CompletedProcess(self._name, code, *texts)


def run_app(app, *arguments, before=""):
    """Runs an app in the root folder and keeps its output."""
    return Started(app, arguments, before).finish()


def _run(arguments, program, environment, *outputs):
    for number, output in enumerate(outputs, 1):
        os.dup2(output.detach(), number)
    os.chdir(ROOT)
    os.environ.update(environment)
    sys.argv = arguments
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # The search for cycles is a tenth of the time that graphs take to make.
    gc.freeze()
    gc.set_threshold(20_000)
    try:
        exec(program, {"__name__": "__main__"})
    finally:
        atexit._run_exitfuncs()


# For `before`: no graphs, whose making takes longer than a few small steps.
EAGERLY = "import tensorflow\ntensorflow.config.run_functions_eagerly(True)\n"

# For `before`: calls of fresh processes, which start TensorFlow each time, are made in
# the app's own, with what JSON leaves of their arguments, and time steps for a moment.
HERE = """
import inspect
import json
from inr_keras.benchmarks import fresh_process

def stream(function, show=False, **arguments):
    text = json.dumps(arguments, default=fresh_process._encoded)
    arguments = json.loads(text, object_hook=fresh_process._decoded)
    if "seconds" in arguments:
        arguments["seconds"] = 0.1
    result = function(**arguments)
    yield from result if inspect.isgenerator(result) else (result,)

fresh_process.stream = stream
"""


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
