r"""Measures speed and memory on random data; prints medians and writes JSON.

Suites:
  model       the generator against plain products, and parts of a training step
  training    whole training steps, each in a fresh process: all methods at all
              resolutions, and options that save memory or time
  generators  the papers' generators at their sizes, both forms of CIPS's and of
              INR-GAN's modulated layers, and CIPS's synthesis against plain products
  data        images a second from the pipeline, and into a training step
  rendering   images of all sizes drawn into files, and the time of CIPS's operations
  device      networks, losses and training steps on a GPU or a CPU, within --minutes;
              also on JAX without TensorFlow; writes a page beside --out

Example:
  python -m apps.benchmark --out=benchmark.json
  python -m apps.benchmark --suite=training \
      --config=configs/ms_cips_quarter256.py --out=training.json
  python -m apps.benchmark --suite=generators --runs=5 --out=generators.json
  python -m apps.benchmark --suite=device --out=gpu.json
"""

import sys

from absl import flags
from absl import logging
from ml_collections import config_flags

from apps import arguments
from apps import cli
from inr_keras import quiet_imports

_SIDES = (8, 16384)  # The least and the largest.

_CONFIG = config_flags.DEFINE_config_file(
    "config", "configs/drawings64.py", "Experiment file to measure."
)
_SUITE = flags.DEFINE_enum(
    "suite",
    "model",
    ["model", "training", "generators", "data", "rendering", "device"],
    "Suite of measurements.",
)
_RESOLUTIONS = flags.DEFINE_list(
    "resolutions", [], "Sides of images, for --suite=training, data or device (steps)."
)
flags.DEFINE_integer(
    "largest_image",
    0,
    "Largest side for methods that train on full images; 0: the config's.",
    lower_bound=0,
)
flags.DEFINE_list(
    "methods",
    ["image", "accumulate", "patch", "multi_stage"],
    "Training methods, for --suite=training or device.",
)
flags.DEFINE_list(
    "options",
    ["remat", "bfloat16", "xla", "dense_table", "sparse_table", "lean_discriminator"],
    "Ways to save memory or time, for --suite=training.",
)
_SIZES = flags.DEFINE_list(
    "sizes",
    [],
    "Sides of images, for --suite=generators (64, 128, 256), rendering (16 to 8192) or "
    "device (64; powers of two).",
)
flags.DEFINE_float(
    "limit",
    60.0,
    "Seconds after which the drawing of an image stops, for --suite=rendering.",
    lower_bound=1.0,
)
flags.DEFINE_integer(
    "batch",
    None,
    "Images in a batch, for --suite=generators (1) or device (2, on a GPU 16).",
    lower_bound=1,
)
flags.DEFINE_float(
    "minutes",
    9.0,
    "Minutes after which no new measurement starts, for --suite=device.",
    lower_bound=0.1,
)
flags.DEFINE_integer("runs", 20, "Counted runs of each measurement.", lower_bound=1)
_WIDTHS = flags.DEFINE_list(
    "widths",
    ["512"],
    "Widths of CIPS generators besides the config's, for --suite=model, or of all "
    "networks, for --suite=device.",
)
_OUT = flags.DEFINE_string("out", "benchmark.json", "JSON file to write.")

# Suites that some flags are for; all suites take the others.
_SUITES_OF = {
    "config": ("model", "training", "data", "rendering", "device"),
    "resolutions": ("training", "data", "device"),
    "methods": ("training", "device"),
    "sizes": ("generators", "rendering", "device"),
    "batch": ("generators", "device"),
    "runs": ("model", "training", "generators", "device"),
    "widths": ("model", "device"),
    "limit": ("rendering",),
    "minutes": ("device",),
    **dict.fromkeys(("options", "largest_image"), ("training",)),
}


def main():
    cli.check_belonging("suite", _SUITES_OF)
    config = cli.checked_config(_CONFIG)
    arguments.check_out(_OUT.value)
    if _OUT.value.endswith((".md", ".png")):
        rule = "--out must end in another way than the page and plot beside it"
        raise ValueError(f"{rule}. Received: {_OUT.value!r}")
    widths = arguments.parse_numbers(_WIDTHS.value, "widths", 1, 4096)
    resolutions = arguments.parse_numbers(_RESOLUTIONS.value, "resolutions", *_SIDES)
    sizes = arguments.parse_numbers(_SIZES.value, "sizes", *_SIDES)

    if _SUITE.value == "device":
        arguments.check_powers_of_two(sizes, "sizes", 8)
        quiet_imports.install(quiet_imports.BACKENDS)

    from inr_keras.benchmarks import suites

    request = cli.from_flags(
        suites.Request,
        config=config,
        widths=widths,
        resolutions=resolutions,
        sizes=sizes,
        command=arguments.typed("benchmark", sys.argv[1:], _OUT.value),
    )
    with cli.progress_bar("Measuring") as progress:
        tables, files = suites.measure(request, logging.info, progress)
    cli.show(*tables)
    for path, meaning in files:
        print(f"{path}  {meaning}")


if __name__ == "__main__":
    cli.run(main)
