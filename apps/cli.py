"""Reading of flags, progress and reporting of errors, for all apps.

Wrong input, or a package that is missing, ends with one line on standard error and exit
code 2, a run that fails with one line and exit code 1, Ctrl-C with 130 and SIGTERM with
143. Other exceptions are defects of the program and keep their traceback.
"""

import contextlib
import dataclasses
import io
import os
import pathlib
import re
import signal
import sys
import threading
import time

import rich.console
import rich.progress
from absl import app
from absl import flags
from absl import logging
from ml_collections import config_flags

from inr_keras import config as config_lib
from inr_keras import naming
from inr_keras import paths
from inr_keras import quiet_imports
from inr_keras import remote_paths

quiet_imports.install()

_LINE_SECONDS = 10.0  # Between lines of progress without a terminal.
_COUNT_SECONDS = 30.0  # Between lines of counts without a terminal.
_ENDS = {signal.SIGINT: "interrupted", signal.SIGTERM: "terminated"}
_ARGUMENT = re.compile(r"(--?[\w.\[\]]+=)?(.*)", re.DOTALL)
_CONFIG = re.compile(r"(--?(?:config|against)=)([A-Za-z]\w*)")
CONFIGS = pathlib.Path(__file__).parents[1] / "configs"
_interrupts = []  # Signals that have ended the work.


class Failure(Exception):
    """Error that ends a program with one line and exit code 1."""


def interrupt(number, frame=None):
    """Handles a signal: raises `KeyboardInterrupt`, whose exit code is the signal's."""
    _interrupts.append(number)
    raise KeyboardInterrupt


def run(main, flag_of=None, remote=()):
    """Parses flags, runs `main()` and reports its errors (see the module's docstring).

    Errors and lines of the log name arguments of the library in backticks; where an
    argument comes from a flag, the flag is shown instead.

    Args:
        main: Function without arguments.
        flag_of: dict from an argument to its flag, where their names differ.
        remote: Sequence of str. Names of flags whose paths may be remote.
    """

    def checked(argv):
        if len(argv) > 1:
            _stop(2, f"unexpected argument {argv[1]!r}")
        for name in flags.FLAGS:
            if flags.FLAGS[name].value != flags.FLAGS[name].value:  # NaN passes bounds.
                _stop(2, f"--{name} must be a number. Received: nan")
        names = {name: f"--{name}" for name in flags.FLAGS}
        names |= {name: f"--{flag}" for name, flag in (flag_of or {}).items()}
        logging.use_absl_handler()
        logging.set_verbosity(logging.INFO)
        logging.get_absl_handler().setFormatter(_Line(names))
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):  # Not a notebook's.
                stream.reconfigure(errors="backslashreplace")
        if threading.current_thread() is threading.main_thread():
            # Like Ctrl-C, SIGTERM removes half-written files and keeps what is done.
            signal.signal(signal.SIGTERM, interrupt)
        try:
            _check_local(set(flags.FLAGS) - set(remote))
            main()
        except (ValueError, OSError, quiet_imports.UnfitEnvironment) as error:
            _stop(2, naming.renamed(_one_line(error), names))
        except (Failure, FloatingPointError) as error:
            _stop(1, naming.renamed(_one_line(error), names))
        except KeyboardInterrupt:
            [number] = _interrupts[:1] or [signal.SIGINT]
            _stop(128 + number, _ENDS[number])
        except Exception as error:
            names_of_kinds = {kind.__name__ for kind in type(error).__mro__}
            # The latter is TensorFlow's, which is not imported for it.
            if not names_of_kinds & {"MemoryError", "ResourceExhaustedError"}:
                raise
            _stop(1, f"out of memory: {_one_line(error).partition(' [Op:')[0]}")

    app.run(checked, flags_parser=_parse)


def check_belonging(switch, values_of):
    """Refuses given flags that have no effect.

    Args:
        switch: str. Name of the flag that decides, such as `suite`.
        values_of: dict from names of flags to the values of `switch` with which they
            have an effect.

    Raises:
        ValueError: A flag is given, and `switch` has another value.
    """
    value = flags.FLAGS[switch].value
    for name, values in values_of.items():
        if flags.FLAGS[name].present and value not in values:
            needed = ", ".join(map(str, values))
            raise ValueError(
                f"--{name} must be given with --{switch}={needed}. "
                f"Received: --{switch}={value}"
            )


def require(*names):
    """Marks flags as required and not empty."""
    flags.mark_flags_as_required(names)
    for name in names:
        flags.register_validator(
            name,
            lambda value: value not in ("", []),
            message="must not be empty.",
        )


def _check_local(names):
    """Refuses remote paths in flags before the work.

    The fields of a config, `--config.FIELD`, are checked by `paths.in_settings`.
    """
    for name in names:
        if "." in name:
            continue
        value = flags.FLAGS[name].value
        for text in value if isinstance(value, list) else [value]:
            remote_paths.check_local(text, f"--{name}")


def trust_flag():
    """Defines `--trust_model`; returns its holder."""
    return flags.DEFINE_bool(
        "trust_model",
        False,
        "Take a SavedModel even if its operations touch files, the network or Python.",
    )


def checked_config(holder):
    """Returns the settings of a `--config` flag after checking them."""
    config = holder.value
    if not isinstance(config, config_lib.Experiment):
        path = config_flags.get_config_filename(flags.FLAGS[holder.name])
        rule = "be an existing file"
        if os.path.exists(path):
            rule = "have a get_config() that returns an Experiment"
        raise ValueError(f"--config must {rule}. Received: {path!r}")
    config.validate()
    return paths.in_settings(config)


def from_flags(kind, **values):
    """Builds a dataclass whose fields take the values of the flags of the same names.

    Args:
        kind: Class of a dataclass.
        **values: Values of fields that have no such flag.
    """
    names = {field.name for field in dataclasses.fields(kind)} - values.keys()
    return kind(**{name: flags.FLAGS[name].value for name in names}, **values)


@contextlib.contextmanager
def progress_bar(description):
    """Shows a progress bar; yields a function that takes the share done, 0 to 1.

    As a second argument, the function takes a new description. Without a terminal, a
    line every ten seconds states the time left.
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
    """Shows a progress bar with counts and their rate; yields its update function.

    The function takes the number of items done, the number done before this run and
    the number of all items. Without a terminal, a line every half minute states these
    numbers.
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
    """Prints rich tables, in 120 columns without a terminal."""
    console = rich.console.Console()
    if not console.is_terminal:
        console = rich.console.Console(width=120)
    for table in tables:
        console.print(table)


def duration(hours):
    """Formats hours in a fitting unit: `45 s`, `12 min`, `3.4 h`, `2.1 d`."""
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
        argv = [with_configs(_with_homes(argument)) for argument in argv]
    except ValueError as error:
        _stop(2, _one_line(error))
    try:
        return flags.FLAGS(argv)
    except SystemExit as error:
        names = {a.lstrip("-").partition("=")[0] for a in argv[1:] if a[:1] == "-"}
        if names & {"?", "help", "helpshort", "helpfull", "helpxml"}:
            sys.exit(0)  # absl would report a failure.
        _stop(2, _config_error(error, argv))  # Raised by the config file.
    except flags.Error as error:
        if "Traceback" in str(error):
            _stop(2, _config_error(error, argv))
        _stop(2, _one_line(error))
    # A config file is a program: any of its errors arrives here, as does the error for
    # a field that does not exist.
    except Exception as error:
        _stop(2, _config_error(error, argv))


def _with_homes(argument):
    """Expands each `~`, which a shell leaves alone behind `=` and commas."""
    flag, value = _ARGUMENT.fullmatch(argument).groups("")
    # A text without a slash, such as "~10", may be no path.
    return flag + ",".join(
        paths.expanded(part) if part == "~" or "/" in part else part
        for part in value.split(",")
    )


def with_configs(argument):
    """Replaces the name of a config file of this project by its path."""
    match = _CONFIG.fullmatch(argument)
    if match and not os.path.exists(match[2]):
        path = CONFIGS / f"{match[2]}.py"
        if path.is_file():
            return f"{match[1]}{path}"
    return argument


def _config_error(error, argv):
    reason = (str(error).strip().splitlines() or [type(error).__name__])[-1]
    reason = reason.strip().strip('"')
    unknown = re.match(r"Field (\S+) not found", reason)
    if unknown:
        reason = f"no setting there is called {unknown[1]}"
    # With the values that stand apart, as in `--config FILE`.
    received = [
        given
        for before, given in zip(argv, argv[1:])
        if _is_config(given)
        or (_is_config(before) and "=" not in before and given[:1] != "-")
    ]
    return (
        "--config must be a file of settings and --config.FIELD one of them "
        f"({reason}). Received: {' '.join(received)}"
    )


def _is_config(argument):
    return bool(re.match("--?config", argument))


def leave(code):
    """Ends the process at once, or the program alone where another one runs it."""
    sys.stdout.flush()
    if _is_own_process():
        os._exit(code)  # Not sys.exit, which threads of TensorFlow may delay.
    raise SystemExit(code)


def _stop(code, message):
    print(f"error: {message}", file=sys.stderr, flush=True)
    leave(code)


def _is_own_process():
    """Tells whether the interpreter was started for an app, not by a notebook, say."""
    arguments = zip(sys.orig_argv, sys.orig_argv[1:])
    return any(
        (a == "-m" and b.split(".")[0] == "apps")
        or pathlib.Path(b).stem == "inr-keras"  # The console command.
        for a, b in arguments
    )


def _one_line(error):
    if isinstance(error, OSError) and error.strerror:
        where = f": {error.filename}" if error.filename else ""
        return f"{error.strerror}{where}"
    text = " ".join(str(error).split())
    return text or type(error).__name__


class _Line(logging.PythonFormatter):
    """Formats log records as `12:34:56 message`, with the level of warnings.

    Args:
        names: dict from the names of arguments to their flags.
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
