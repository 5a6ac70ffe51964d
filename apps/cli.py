"""Reading of flags and reporting of errors, for all apps.

Wrong input ends with one line on standard error and exit code 2, a run that
failed of itself with one line and exit code 1; Ctrl-C with 130. Other
exceptions are defects of the program and keep their traceback.
"""

import contextlib
import dataclasses
import os
import sys
import time

# Before TensorFlow is imported: its C++ notices name graph passes that gave
# up and GPU drivers that are not there, as errors. (Six lines that it writes
# while it is imported, in 2.21, heed no setting.)
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import rich.console  # noqa: E402
import rich.progress  # noqa: E402
from absl import app  # noqa: E402
from absl import flags  # noqa: E402
from absl import logging  # noqa: E402
from ml_collections import config_flags  # noqa: E402

from inr_keras import config as config_lib  # noqa: E402
from inr_keras import naming  # noqa: E402

_LINE_SECONDS = 10.0  # Between lines of progress without a terminal.
_COUNT_SECONDS = 30.0  # The same of numbers.


class Failure(Exception):
    """An end of a program with one line and exit code 1."""


def run(main, flag_of=None):
    """Runs `main()` after parsing flags, with the errors above.

    What an error or a line of the log names in backticks are arguments of the
    library; those of a flag are shown as the flag.

    Args:
        main: Function without arguments.
        flag_of: dict from an argument to its flag, where it has another name.
    """

    def checked(argv):
        if len(argv) > 1:
            _stop(2, f"unexpected argument {argv[1]!r}")
        names = {name: f"--{name}" for name in flags.FLAGS}
        names |= {name: f"--{flag}" for name, flag in (flag_of or {}).items()}
        logging.use_absl_handler()
        logging.set_verbosity(logging.INFO)
        logging.get_absl_handler().setFormatter(_Line(names))
        try:
            main()
        except (ValueError, OSError) as error:
            _stop(2, naming.renamed(_one_line(error), names))
        except (Failure, FloatingPointError) as error:
            _stop(1, naming.renamed(_one_line(error), names))
        except KeyboardInterrupt:
            _stop(130, "interrupted")

    app.run(checked, flags_parser=_parse)


def require(*names):
    """Marks flags that must be given, and not be empty."""
    flags.mark_flags_as_required(names)
    for name in names:
        flags.register_validator(
            name,
            lambda value: value not in ("", []),
            message="must not be empty.",
        )


def checked_config(holder):
    """The settings of a `--config` flag, without what is wrong in them."""
    config = holder.value
    if not isinstance(config, config_lib.Experiment):
        path = config_flags.get_config_filename(flags.FLAGS[holder.name])
        rule = "be an existing file"
        if os.path.exists(path):
            rule = "have a get_config() that returns an Experiment"
        raise ValueError(f"--config must {rule}. Received: {path!r}")
    config.validate()
    return config


def from_flags(kind, **values):
    """A dataclass of the flags that are called as its fields.

    Args:
        kind: Class of a dataclass.
        **values: Its fields that have no such flag.
    """
    names = {field.name for field in dataclasses.fields(kind)} - values.keys()
    return kind(**{name: flags.FLAGS[name].value for name in names}, **values)


@contextlib.contextmanager
def progress_bar(description):
    """A bar on a terminal; yields a function of the share done, 0 to 1.

    The function takes another description, too. Without a terminal a line
    every ten seconds says what is left.
    """
    begun = last_line = time.monotonic()
    with rich.progress.Progress(
        *rich.progress.Progress.get_default_columns(),
        console=rich.console.Console(stderr=True),
        disable=not sys.stderr.isatty(),
        transient=True,
    ) as bar:
        task = bar.add_task(description, total=1.0)

        def update(share, text=description):
            nonlocal last_line
            bar.update(task, completed=share, description=text)
            now = time.monotonic()
            if bar.disable and now - last_line >= _LINE_SECONDS and 0 < share < 1:
                last_line = now
                left = duration((now - begun) * (1 - share) / share / 3600)
                logging.info("%s: %.0f %%, %s left", text, 100 * share, left)

        yield update


@contextlib.contextmanager
def counting_bar(description):
    """A bar with numbers and their rate; yields a function of those numbers.

    The function takes how many are done, how many were done before, and how
    many there are. Without a terminal a line says the same every half minute.
    """
    begun = last_line = None
    with rich.progress.Progress(
        rich.progress.TextColumn(description),
        rich.progress.BarColumn(),
        rich.progress.MofNCompleteColumn(),
        rich.progress.TextColumn("{task.fields[rate]}"),
        rich.progress.TimeRemainingColumn(),
        console=rich.console.Console(stderr=True),
        disable=not sys.stderr.isatty(),
    ) as bar:
        task = bar.add_task("", total=None, rate="")

        def update(done, before, total):
            nonlocal begun, last_line
            now = time.monotonic()
            if begun is None:  # The work itself has begun.
                begun = last_line = now
            rate = (done - before) / max(now - begun, 1e-3)
            text = f"{rate:.0f} a second"
            bar.update(task, completed=done, total=total, rate=text)
            if bar.disable and (now - last_line > _COUNT_SECONDS or done == total):
                last_line = now
                left = duration((total - done) / rate / 3600.0)
                logging.info(
                    "%d of %d %s, %s, %s left",
                    done,
                    total,
                    description.lower(),
                    text,
                    left,
                )

        yield update


def show(*tables):
    """Prints rich tables, in 120 columns where there is no terminal."""
    console = rich.console.Console()
    if not console.is_terminal:
        console = rich.console.Console(width=120)
    for table in tables:
        console.print(table)


def duration(hours):
    """Hours as somebody would say them: `45 s`, `12 min`, `3.4 h`, `2.1 d`."""
    for limit, factor, unit in (
        (1 / 60, 3600, "s"),
        (1, 60, "min"),
        (48, 1, "h"),
    ):
        if hours < limit:
            value = hours * factor
            return f"{value:.1f} {unit}" if value < 10 else f"{value:.0f} {unit}"
    return f"{hours / 24:.1f} d"


def _parse(argv):
    try:
        return flags.FLAGS(argv)
    except SystemExit:
        sys.exit(0)  # After --help, which absl takes for a failure.
    except flags.Error as error:
        if "Traceback" in str(error):
            _stop(2, _config_error(error, argv))
        _stop(2, _one_line(error))
    # A config file is a program: whatever is wrong in it, and a field that it
    # lacks, shows here.
    except Exception as error:
        _stop(2, _config_error(error, argv))


def _config_error(error, argv):
    reason = (str(error).strip().splitlines() or [type(error).__name__])[-1]
    reason = reason.strip().strip('"')
    return (
        "--config must be a file of settings and --config.FIELD one of them "
        f"({reason}). Received: {' '.join(argv[1:])}"
    )


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
    """`12:34:56 message`, with the level only where it is a warning.

    Args:
        names: dict of flags by the names of their arguments.
    """

    def __init__(self, names):
        super().__init__()
        self._names = names

    def format(self, record):
        text = naming.renamed(record.getMessage(), self._names)
        clock = self.formatTime(record, "%H:%M:%S")
        if record.levelname == "INFO":
            return f"{clock} {text}"
        return f"{clock} {record.levelname.lower()}: {text}"
