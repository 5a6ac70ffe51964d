"""How every app reads flags and reports errors.

Wrong input ends with one line on standard error and exit code 2, a run that
failed of itself with one line and exit code 1; Ctrl-C with 130. Other
exceptions are defects of the program and keep their traceback.
"""

import contextlib
import os
import sys

# Before TensorFlow is imported: its C++ notices name graph passes that gave
# up and GPU drivers that are not there, as errors.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import rich.console  # noqa: E402
import rich.progress  # noqa: E402
from absl import app  # noqa: E402
from absl import flags  # noqa: E402
from absl import logging  # noqa: E402


def run(main):
    """Runs `main()` after parsing flags, with the errors above."""

    def checked(argv):
        if len(argv) > 1:
            _stop(2, f"unexpected argument {argv[1]!r}")
        logging.use_absl_handler()
        logging.set_verbosity(logging.INFO)
        logging.get_absl_handler().setFormatter(_Line())
        try:
            main()
        except (ValueError, OSError) as error:
            _stop(2, _one_line(error))
        except FloatingPointError as error:
            _stop(1, _one_line(error))
        except KeyboardInterrupt:
            _stop(130, "interrupted")

    app.run(checked, flags_parser=_parse)


@contextlib.contextmanager
def progress_bar(description):
    """A bar on a terminal; yields a function of the share done, 0 to 1."""
    with rich.progress.Progress(
        *rich.progress.Progress.get_default_columns(),
        console=rich.console.Console(stderr=True),
        disable=not sys.stderr.isatty(),
        transient=True,
    ) as bar:
        task = bar.add_task(description, total=1.0)
        yield lambda share: bar.update(task, completed=share)


def _parse(argv):
    try:
        return flags.FLAGS(argv)
    # A config file is a program: whatever is wrong in it, and a field that it
    # lacks, shows here.
    except Exception as error:
        if isinstance(error, SystemExit):
            raise
        _stop(2, _one_line(error))


def _stop(code, message):
    print(f"error: {message}", file=sys.stderr, flush=True)
    # Not sys.exit: TensorFlow's prefetching threads may hold the exit up.
    sys.stdout.flush()
    os._exit(code)


def _one_line(error):
    if isinstance(error, OSError) and error.strerror:
        where = f": {error.filename}" if error.filename else ""
        return f"{error.strerror}{where}"
    text = " ".join(str(error).split())
    return text or type(error).__name__


class _Line(logging.PythonFormatter):
    """`12:34:56 message`, with the level only where it is a warning."""

    def format(self, record):
        text = record.getMessage()
        clock = self.formatTime(record, "%H:%M:%S")
        if record.levelname == "INFO":
            return f"{clock} {text}"
        return f"{clock} {record.levelname.lower()}: {text}"
