r"""Trains a suite of runs for equal time and writes a page about them.

Results are kept: the same command goes on after an interruption.

Example:
  python -m apps.experiment --suite=table1 --minutes=20 \
      --config=configs/openmoji_demo.py --features=FILE.keras \
      --workdir=runs/table1 --out=docs/table1.md
"""

import pathlib
import sys

from absl import flags
from absl import logging
from ml_collections import config_flags

from apps import arguments
from apps import cli

_SUITE = flags.DEFINE_enum("suite", "table1", ["table1", "variants"], "Suite of runs.")
_CONFIG = config_flags.DEFINE_config_file(
    "config", "configs/openmoji_demo.py", "Experiment file with multi-stage training."
)
_AGAINST = config_flags.DEFINE_config_file(
    "against", None, "Experiment file of one more run, named as its config."
)
_ONLY = flags.DEFINE_list("only", [], "Names of the runs to make. Default: all.")
_SEEDS = flags.DEFINE_string("seeds", "0", "Seeds of each run, such as 0-1.")
_MINUTES = flags.DEFINE_float(
    "minutes", 20.0, "Training time of each run.", lower_bound=0.0
)
_SAMPLES = flags.DEFINE_integer(
    "samples",
    2000,
    "Images of each run's generator to score.",
    lower_bound=16,
    upper_bound=100_000,
)
_FEATURES = flags.DEFINE_string("features", None, "Feature extractor, a .keras file.")
_WORKDIR = flags.DEFINE_string("workdir", None, "Folder of the runs.")
_OUT = flags.DEFINE_string("out", None, "Markdown page to write.")
cli.require("features", "workdir", "out")


def main():
    config = cli.checked_config(_CONFIG)
    seeds = arguments.parse_seeds(_SEEDS.value)
    arguments.check_out(_OUT.value)
    against = cli.checked_config(_AGAINST) if _AGAINST.value else None

    from inr_keras.benchmarks import machine
    from inr_keras.studies import suite
    from inr_keras.studies import suite_report

    entries = suite.build_entries(_SUITE.value, config, seeds, against, _ONLY.value)
    runner = suite.Runner(
        config, _WORKDIR.value, _FEATURES.value, _MINUTES.value, _SAMPLES.value
    )
    results = runner.run_all(entries, logging.info)
    command = arguments.typed("experiment", sys.argv[1:], _FEATURES.value)
    facts = {
        **machine.page_facts(command),
        "minutes": _MINUTES.value,
        "samples": _SAMPLES.value,
        "features": pathlib.Path(_FEATURES.value).name,
    }
    folders = [runner.folder(entry) / "run" for entry in entries]
    files = suite_report.write(
        _SUITE.value, config, results, folders, _OUT.value, facts
    )
    for path in files:
        print(path)


if __name__ == "__main__":
    cli.run(main)
