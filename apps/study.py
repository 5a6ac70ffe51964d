r"""Answers a question that the papers raise by measuring, and writes a page.

Suites:
  parametrizations  fits images with each kind of external weights
  authors_start     the same as in their authors' code: 5 layers, tanh, unit vectors
  fourier           fits images with Fourier features and with sines throughout
  upsampling        compares a generator's larger images with interpolated ones
  geometry          reads positions and shapes in images off the latents
  overfitting       trains on nine tenths of the images and judges the others
  prior             reads eyes and mouths of OpenMoji faces off the latents

Example:
  python -m apps.study --suite=parametrizations --data=openmoji --images=50 \
      --seeds=0-1 --out=docs/studies/parametrizations.md
  python -m apps.study --suite=upsampling --model=runs/demo \
      --features=efficientnet_lite0 --out=docs/studies
  python -m apps.study --suite=geometry --model=runs/demo --out=docs/studies
  python -m apps.study --suite=overfitting --config=configs/drawings64.py \
      --out=docs/studies
"""

import sys

from absl import flags
from absl import logging
from ml_collections import config_flags

from apps import arguments
from apps import cli

_DATA = flags.DEFINE_string(
    "data", "openmoji", "Images: openmoji, tfds:NAME or a folder."
)
flags.DEFINE_integer(
    "images", 50, "Number of images to fit.", lower_bound=1, upper_bound=10_000
)
flags.DEFINE_integer(
    "resolution", 64, "Side of the fitted images.", lower_bound=2, upper_bound=4096
)
flags.DEFINE_integer("steps", 10_000, "Steps of each fit.", lower_bound=1)
_SEEDS = flags.DEFINE_string("seeds", "0", "Seeds of the fits, such as 0-1.")
flags.DEFINE_string(
    "workdir",
    "runs/studies",
    "Folder of finished fits and detectors, from which the same command goes on.",
)
flags.DEFINE_string(
    "model",
    None,
    "Run directory, .keras file or SavedModel (upsampling, geometry), or several with "
    "commas between (prior). Without --data, the real images are the model's training "
    "images, or openmoji if the model does not name them.",
)
flags.DEFINE_integer(
    "samples",
    2000,
    "Number of --model's images to measure.",
    lower_bound=16,
    upper_bound=100_000,
)
_FEATURES = flags.DEFINE_string(
    "features",
    None,
    "Feature extractor (upsampling), as in apps.evaluate, such as efficientnet_lite0.",
)
flags.DEFINE_string(
    "detector",
    "",
    "Function that measures images (geometry), as module:function, from uint8 images "
    "(N, height, width, channels) to a dict of N numbers each. Default: image moments.",
)
cli.trust_flag()
_CONFIG = config_flags.DEFINE_config_file(
    "config", None, "Experiment file to train (overfitting)."
)
_OUT = flags.DEFINE_string(
    "out", None, "Markdown page to write, or a folder for SUITE.md."
)
_SUITE = flags.DEFINE_enum(
    "suite",
    None,
    [
        "parametrizations",
        "authors_start",
        "fourier",
        "upsampling",
        "geometry",
        "overfitting",
        "prior",
    ],
    "Suite to run.",
)
cli.require("suite", "out")

_FITS = ("parametrizations", "authors_start", "fourier")
_OF_MODELS = ("upsampling", "geometry", "prior")
# Suites that some flags are for; all suites take the others.
_SUITES_OF = {
    **dict.fromkeys(("images", "resolution", "steps", "seeds"), _FITS),
    **dict.fromkeys(("model", "samples", "trust_model"), _OF_MODELS),
    "data": (*_FITS, "upsampling"),
    "workdir": (*_FITS, "prior"),
    "features": ("upsampling",),
    "detector": ("geometry",),
    "config": ("overfitting",),
}


def main():
    cli.check_belonging("suite", _SUITES_OF)
    page = arguments.check_page(_OUT.value, _SUITE.value)
    arguments.check_out(f"{flags.FLAGS['workdir'].value}/results", "workdir")
    seeds = tuple(arguments.parse_seeds(_SEEDS.value))

    from inr_keras.benchmarks import machine
    from inr_keras.studies import questions

    command = arguments.typed("study", sys.argv[1:], _FEATURES.value)
    request = cli.from_flags(
        questions.Request,
        page=page,
        config=cli.checked_config(_CONFIG) if _CONFIG.value else None,
        facts=machine.page_facts(command),
        seeds=seeds,
        data=_DATA.value if flags.FLAGS["data"].present else None,
    )
    for path in questions.answer(request, logging.info):
        print(path)


if __name__ == "__main__":
    cli.run(main, remote=["data"])
