r"""Trains a suite of runs for equal time or on equal images and writes its page.

Results are kept: the same command goes on after an interruption.

Example:
  python -m apps.experiment --suite=table1 --minutes=20 \
      --config=configs/openmoji64.py --features=efficientnet_lite0 \
      --workdir=runs/table1 --out=docs/table1.md
"""

import pathlib
import sys

from absl import flags
from absl import logging
from ml_collections import config_flags

from apps import arguments
from apps import cli

_SUITE = flags.DEFINE_enum(
    "suite",
    "table1",
    ["table1", "variants", "slides", "discriminators", "weights", "quality"],
    "Suite of runs.",
)
_CONFIG = config_flags.DEFINE_config_file(
    "config", "configs/openmoji64.py", "Experiment file with multi-stage training."
)
_AGAINST = config_flags.DEFINE_config_file(
    "against", None, "Experiment file of one more run, named as its config."
)
_ONLY = flags.DEFINE_list("only", [], "Names of the runs to make. Default: all.")
_SEEDS = flags.DEFINE_string("seeds", "0", "Seeds of each run, such as 0-1.")
_MINUTES = flags.DEFINE_float(
    "minutes", 20.0, "Training time of each run, without --kimg.", lower_bound=0.0
)
_KIMG = flags.DEFINE_string(
    "kimg",
    None,
    "Thousands of images that each run trains on, instead of --minutes, such as 16, "
    "or 60,image:12 where the run `image` has fewer.",
)
_DONE = flags.DEFINE_bool(
    "done", False, "Write the page from the runs that are done, without training."
)
_COSTS = flags.DEFINE_bool(
    "costs",
    False,
    "Measure seconds and memory of each run's step again, on a machine at rest.",
)
_SAMPLES = flags.DEFINE_integer(
    "samples",
    2000,
    "Images of each run's generator to score.",
    lower_bound=16,
    upper_bound=100_000,
)
_CURVE_KIMG = flags.DEFINE_float(
    "curve_kimg",
    0.0,
    "Thousands of images after which each run is scored during training, and again "
    "after each doubling. The page plots FD against minutes. 0: no such scores.",
    lower_bound=0.0,
)
_FIT_STEPS = flags.DEFINE_integer(
    "fit_steps",
    6000,
    "Steps for fitting the generator to the real images, whose scores the page has for "
    "comparison (--suite=quality); 0: no fit.",
    lower_bound=0,
)
_FEATURES = flags.DEFINE_string(
    "features",
    None,
    "Feature extractor, as in apps.evaluate: efficientnet_lite0, another name or a "
    ".keras file.",
)
_WORKDIR = flags.DEFINE_string("workdir", None, "Folder of the runs.")
_OUT = flags.DEFINE_string("out", None, "Markdown page to write.")
cli.require("features", "workdir", "out")


def main():
    cli.check_belonging("suite", {"fit_steps": ("quality",)})
    if _KIMG.value is not None and flags.FLAGS["minutes"].present:
        raise ValueError(
            f"--minutes must not be given with --kimg. Received: {_MINUTES.value}"
        )
    config = cli.checked_config(_CONFIG)
    seeds = arguments.parse_seeds(_SEEDS.value)
    arguments.check_out_with_images(_OUT.value)
    against = cli.checked_config(_AGAINST) if _AGAINST.value else None

    from inr_keras.benchmarks import machine
    from inr_keras.studies import quality
    from inr_keras.studies import suite
    from inr_keras.studies import suite_entries
    from inr_keras.studies import suite_report

    suite_name = _SUITE.value
    entries = suite_entries.build_entries(
        suite_name, config, seeds, against, _ONLY.value
    )
    kimg, minutes = None, _MINUTES.value
    if _KIMG.value is not None:
        known = suite_entries.names(suite_name, config, against)
        kimg = arguments.parse_kimg(_KIMG.value, known)
        minutes = 0.0
    thorough = suite_name == "quality"
    runner = suite.Runner(
        config,
        _WORKDIR.value,
        _FEATURES.value,
        minutes,
        _SAMPLES.value,
        kimg,
        thorough,
        _CURVE_KIMG.value,
    )
    if not _DONE.value:
        runner.run_all(entries, logging.info)
    done = [entry for entry in entries if runner.read(entry)]
    if not done:
        raise ValueError(
            f"--workdir must hold a finished run. Received: {_WORKDIR.value!r}"
        )
    if _COSTS.value:
        for entry in done:
            runner.measure_cost(entry)
    results = [runner.read(entry) for entry in done]
    command = arguments.typed("experiment", sys.argv[1:], _FEATURES.value)
    facts = {
        **machine.page_facts(command),
        "minutes": minutes,
        "missing": [e.folder for e in entries if e not in done],
        "samples": _SAMPLES.value,
        "features": pathlib.Path(_FEATURES.value).name,
    }
    if thorough:
        facts["ceilings"] = quality.ceilings(
            config, _FEATURES.value, _FIT_STEPS.value, _WORKDIR.value, logging.info
        )
    folders = [runner.folder(entry) / "run" for entry in done]
    files = suite_report.write(suite_name, config, results, folders, _OUT.value, facts)
    for path in files:
        print(path)


if __name__ == "__main__":
    cli.run(main)
