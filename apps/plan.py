r"""Estimates the memory and time of a run before any training.

Memory is counted from the graph of a step without running the step; `--measure` runs a
step with these settings and shows the error of the count.

Example:
  python -m apps.plan --config=configs/openmoji_demo.py --memory_limit=1.5GB
  python -m apps.plan --config=configs/ms_cips_ffhq256.py \
      --config.data.source=PATH --config.batch_size=8 --memory_limit=16GB
"""

from absl import flags
from absl import logging
from ml_collections import config_flags

from apps import arguments
from apps import cli

_CONFIG = config_flags.DEFINE_config_file("config", None, "Experiment file.")
_LIMIT = flags.DEFINE_string(
    "memory_limit", "", "Memory of the process, such as 1.5GB: propose settings for it."
)
_ALL = flags.DEFINE_bool(
    "all", False, "Estimate the other methods, rematerialization and bfloat16 as well."
)
_MEASURE = flags.DEFINE_bool("measure", False, "Measure a step's peak memory as well.")
_TIME = flags.DEFINE_bool("time", True, "Measure each stage's speed for a few seconds.")
cli.require("config")


def main():
    config = cli.checked_config(_CONFIG)
    limit = arguments.parse_memory(_LIMIT.value) if _LIMIT.value else None

    from inr_keras.benchmarks import planning

    cases = planning.list_cases(config, _ALL.value)
    rows = []
    with cli.progress_bar("Counting") as progress:
        for row in planning.plan_cases(cases, _TIME.value, _MEASURE.value):
            rows.append(row)
            progress(len(rows) / len(cases))
    cli.show(planning.table(config, rows, cli.duration))
    hours = planning.total_hours(rows)
    if hours is not None:
        print(f"The whole run: {cli.duration(hours)} on this machine.")
    if limit:
        _propose(config, limit)


def _propose(config, limit):
    from inr_keras import config as config_lib
    from inr_keras.benchmarks import memory

    fitting, estimate = memory.fit(config, limit, logging.info)
    changes = " ".join(
        f"--config.{name}={new}"
        for name, _, new in config_lib.differences(config, fitting)
    )
    print(
        f"{_LIMIT.value}: about {estimate.total:.0f} MiB with "
        f"{changes or 'the settings as they are'}."
    )


if __name__ == "__main__":
    cli.run(main, flag_of={"limit": "memory_limit"})
