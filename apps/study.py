r"""Answers a question of the sources by measuring, and writes a page.

Suites:
  parametrizations  images fitted with each kind of external weights
  fourier           the same with Fourier features and with sines throughout
  upsampling        a generator's larger images against interpolated ones
  geometry          where things are in images, read off the latents

Example:
  python -m apps.study --suite=parametrizations --data=openmoji --images=50 \
      --resolution=64 --minutes=9 --out=docs/studies/parametrizations.md
  python -m apps.study --suite=upsampling --model=runs/demo \
      --features=FILE.keras --out=docs/studies
  python -m apps.study --suite=geometry --model=runs/demo --out=docs/studies
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
    "data", "openmoji", "Images: openmoji, tfds:NAME or a folder."
)
_IMAGES = flags.DEFINE_integer(
    "images", 50, "Images that are fitted.", lower_bound=1, upper_bound=10_000
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
_MODEL = flags.DEFINE_string(
    "model",
    None,
    "Run directory, .keras file or SavedModel (upsampling, geometry); real "
    "images are a run's own, unless --data is given.",
)
_SAMPLES = flags.DEFINE_integer(
    "samples",
    2000,
    "Images of --model that are judged.",
    lower_bound=16,
    upper_bound=100_000,
)
_FEATURES = flags.DEFINE_string(
    "features",
    None,
    "Feature extractor (upsampling): a .keras file, or as apps.evaluate takes.",
)
_DETECTOR = flags.DEFINE_string(
    "detector",
    "",
    "module:function from uint8 images (N, height, width, channels) to a "
    "dict of N numbers each (geometry). Default: image moments.",
)
_OUT = flags.DEFINE_string(
    "out", None, "Markdown page to write, or a folder for SUITE.md."
)


def _fits(suite, page):
    if not (_STEPS.value or _MINUTES.value > 0):
        raise ValueError(
            f"--minutes must be positive without --steps. Received: {_MINUTES.value}"
        )

    from inr_keras.studies import fit_study

    settings = fit_study.Settings(
        suite,
        source=_DATA.value,
        count=_IMAGES.value,
        resolution=_RESOLUTION.value,
        steps=_STEPS.value,
        minutes=0.0 if _STEPS.value else _MINUTES.value,
        seed=_SEED.value,
    )
    return fit_study.run(settings, page, _facts(), logging.info)


def _upsampling(suite, page):
    if not _FEATURES.value:
        raise ValueError(
            "--features must be given for --suite=upsampling. "
            f"Received: {_FEATURES.value!r}"
        )

    from inr_keras.evaluation import extractors
    from inr_keras.studies import upsampling_study

    extractor = extractors.open_extractor(_FEATURES.value)
    generator = _generator()
    data = _real_images()
    facts = {**_facts(_FEATURES.value), "features": extractor.name}
    return upsampling_study.run(
        generator, data, extractor, page, facts, _SAMPLES.value, tell=logging.info
    )


def _geometry(suite, page):
    from inr_keras.studies import geometry_study
    from inr_keras.studies import image_moments

    detector = image_moments.moments
    if _DETECTOR.value:
        detector = image_moments.find_detector(_DETECTOR.value)
    return geometry_study.run(
        _generator(),
        detector,
        page,
        {**_facts(), "detector": _DETECTOR.value or "image moments"},
        _SAMPLES.value,
        logging.info,
    )


def _generator():
    from inr_keras import runs

    if not _MODEL.value:
        raise ValueError(
            f"--model must be given for --suite={_SUITE.value}. "
            f"Received: {_MODEL.value!r}"
        )
    return runs.load_generator(_MODEL.value)


def _real_images():
    """The settings of the real images: a run's own, or --data."""
    from inr_keras import config as config_lib
    from inr_keras.runs import config_file

    run = pathlib.Path(_MODEL.value)
    if (run / "config.json").is_file() and not flags.FLAGS["data"].present:
        return config_file.load_config(run).data
    return config_lib.Data(source=_DATA.value)


# A suite is a function of its name and of the page's path that returns the
# files written, the page first.
_SUITES = {
    "parametrizations": _fits,
    "fourier": _fits,
    "upsampling": _upsampling,
    "geometry": _geometry,
}

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
        raise ValueError(f"--out must end in .md or be a folder. Received: {out!r}")
    arguments.check_out(path)
    return path


def _facts(*paths):
    return {
        "command": arguments.typed("study", sys.argv[1:], *paths),
        "machine": f"{os.cpu_count()} cores, "
        f"{platform.processor() or platform.machine()}",
        "date": time.strftime("%Y-%m-%d"),
    }


# Arguments of the library that are not called as the flags are.
_FLAG_OF = {
    "path": "model",
    "generator": "model",
    "name": "features",
    "extractor": "features",
    "config.data.source": "data",
}

if __name__ == "__main__":
    cli.run(main, _FLAG_OF)
