"""Measurements in fresh processes, which share no memory and no threads."""

import json
import subprocess
import sys


def ask(module, work):
    """What `answer` in a fresh process of `module` makes of `work`.

    Args:
        module: str. Full name of a module that calls `answer` when it is run.
        work: Value as JSON has it.

    Raises:
        RuntimeError: The process failed, of lack of memory for instance.
    """
    process = subprocess.run(
        [sys.executable, "-m", module],
        input=json.dumps(work),
        capture_output=True,
        text=True,
    )
    if process.returncode:
        lines = process.stderr.strip().splitlines() or ["killed"]
        raise RuntimeError(lines[-1])
    return json.loads(process.stdout.strip().splitlines()[-1])


def answer(function):
    """Prints what `function` makes of the work that this process was given."""
    print(json.dumps(function(json.loads(sys.stdin.read()))))
