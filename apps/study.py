r"""Answers a question of the sources by measuring, and writes a page.

Suites:
  parametrizations  pictures fitted with each kind of external weights
  fourier           the same with Fourier features and with sines throughout

Example:
  python -m apps.study --suite=parametrizations --data=openmoji --images=50 \
      --resolution=64 --minutes=9 --out=docs/studies/parametrizations.md
"""

import os
import pathlib
import platform
import sys
import time

from absl import flags
from absl import logging

from apps import arguments
from apps import cli

_DATA = flags.DEFINE_string(
    "data", "openmoji", "Pictures: openmoji, tfds:NAME or a folder."
)
_IMAGES = flags.DEFINE_integer(
    "images", 50, "Pictures that are fitted.", lower_bound=1, upper_bound=10_000
)
_RESOLUTION = flags.DEFINE_integer(
    "resolution", 64, "Their side.", lower_bound=2, upper_bound=4096
)
_MINUTES = flags.DEFINE_float(
    "minutes", 9.0, "Time of all fits together.", lower_bound=0.0
)
_STEPS = flags.DEFINE_integer(
    "steps", 0, "Steps of each fit instead of --minutes.", lower_bound=0
)
_SEED = flags.DEFINE_integer(
    "seed", 0, "Of all random numbers.", lower_bound=0, upper_bound=2**31 - 1
)
_OUT = flags.DEFINE_string(
    "out", None, "Markdown page to write, or a folder for SUITE.md."
)


def _fits(suite, page):
    if not (_STEPS.value or _MINUTES.value > 0):
        raise ValueError(
            "--minutes must be positive without --steps. "
            f"Received: {_MINUTES.value}"
        )

    from inr_keras.evaluation import fit_study

    settings = fit_study.Settings(
        suite,
        source=_DATA.value,
        count=_IMAGES.value,
        resolution=_RESOLUTION.value,
        steps=_STEPS.value,
        minutes=0.0 if _STEPS.value else _MINUTES.value,
        seed=_SEED.value,
    )
    try:
        return fit_study.run(settings, page, _facts(), logging.info)
    except ValueError as error:
        text = str(error).replace("config.data.source", "--data")
        raise ValueError(text) from error


# A suite is a function of its name and of the page's path that returns the
# files written, the page first.
_SUITES = {"parametrizations": _fits, "fourier": _fits}

_SUITE = flags.DEFINE_enum("suite", None, list(_SUITES), "Which question.")
cli.require("suite", "out")


def main():
    page = _page(_OUT.value, _SUITE.value)
    for path in _SUITES[_SUITE.value](_SUITE.value, page):
        print(path)


def _page(out, suite):
    """A folder, there already or without an ending, takes SUITE.md."""
    path = pathlib.Path(out)
    if path.is_dir() or not path.suffix:
        path /= f"{suite}.md"
    elif path.suffix != ".md":
        raise ValueError(
            f"--out must end in .md or be a folder. Received: {out!r}"
        )
    arguments.check_out(path)
    return path


def _facts():
    return {
        "command": arguments.typed("study", sys.argv[1:]),
        "machine": f"{os.cpu_count()} cores, "
        f"{platform.processor() or platform.machine()}",
        "date": time.strftime("%Y-%m-%d"),
    }


if __name__ == "__main__":
    cli.run(main)
