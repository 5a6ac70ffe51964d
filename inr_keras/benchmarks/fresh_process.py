"""Function calls in fresh processes, which share no memory and no threads.

Arguments and results, Experiments among them, are passed as JSON. Run as a program,
the module makes the one call that it reads from standard input.
"""

import importlib
import inspect
import json
import os
import subprocess
import sys
import tempfile

from inr_keras import config as config_lib
from inr_keras import quiet_imports

_OWN_TYPES = (FloatingPointError, OSError, ValueError)
_INTERRUPTED = 130
_EXPERIMENT = "__experiment__"


def call(function, /, show=False, **arguments):
    """Calls a function in a separate process and returns its result.

    Args:
        function: Function of a module, which the process imports by name.
        show: bool. Whether to show the output of the process, on standard error.
            Defaults to `False`.
        **arguments: The function's arguments.

    Raises:
        FloatingPointError, OSError, ValueError: The function raised it; the
            message is one line.
        KeyboardInterrupt: This process or the fresh one, which has ended, was
            interrupted.
        RuntimeError: The process failed otherwise, for instance for lack of
            memory.
    """
    (answer,) = stream(function, show, **arguments)
    return answer


def stream(function, /, show=False, **arguments):
    """Yields the values of a generator function that runs in a separate process.

    See `call` for the arguments and errors.
    """
    request = [function.__module__, function.__qualname__, arguments]
    # Files, as a full pipe would block the process.
    with tempfile.TemporaryFile("w+") as work, tempfile.TemporaryFile("w+") as printed:
        json.dump(request, work, default=_encoded)
        work.seek(0)
        process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            stdin=work,
            stdout=subprocess.PIPE,
            stderr=None if show else printed,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
        error = None
        try:
            for line in process.stdout:
                kind, value = json.loads(line, object_hook=_decoded)
                if kind == "answer":
                    yield value
                else:
                    error = next(t for t in _OWN_TYPES if t.__name__ == kind)(value)
            process.wait()
        except KeyboardInterrupt:
            process.wait()  # The interrupted process saves its results.
            raise
        finally:
            process.stdout.close()
            process.kill()  # The caller takes no more answers.
            process.wait()
        if process.returncode == _INTERRUPTED:
            raise KeyboardInterrupt
        if error is None and process.returncode:
            printed.seek(0)
            error = RuntimeError(_reason(process.returncode, printed.read()))
    if error:
        raise error


def _reason(code, printed):
    if code < 0:
        return f"killed by signal {-code}"
    return (printed.strip().splitlines() or [f"exit code {code}"])[-1]


def _encoded(value):
    return {_EXPERIMENT: config_lib.to_dict(value)}


def _decoded(value):
    if _EXPERIMENT in value:
        return config_lib.from_dict(value[_EXPERIMENT])
    return value


def _main():
    """Makes one call and prints each answer, or the error, as a line of JSON."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # The output of libraries is no answer.

    def send(*message):
        print(json.dumps(message, default=_encoded), file=out, flush=True)

    quiet_imports.install(quiet_imports.BACKENDS)  # The caller's backend.
    module, name, arguments = json.load(sys.stdin, object_hook=_decoded)
    try:
        result = getattr(importlib.import_module(module), name)(**arguments)
        for answer in result if inspect.isgenerator(result) else (result,):
            send("answer", answer)
    except _OWN_TYPES as error:
        kind = next(t for t in _OWN_TYPES if isinstance(error, t))
        send(kind.__name__, " ".join(str(error).split()))
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)


if __name__ == "__main__":
    _main()
