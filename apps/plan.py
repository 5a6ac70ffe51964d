r"""Tells, before any training, what a run will take in memory and time.

Memory is counted from the graph of a step without running it; `--measure`
runs a step of the settings as they are and says how far off the count was.

Example:
  python -m apps.plan --config=configs/openmoji_demo.py --memory_limit=1.5GB
  python -m apps.plan --config=configs/ms_cips_ffhq256.py \
      --config.data.source=PATH --config.batch_size=8 --memory_limit=16GB
"""

import rich.box
import rich.console
import rich.table
from absl import flags
from absl import logging
from ml_collections import config_flags

from apps import arguments
from apps import cli

_CONFIG = config_flags.DEFINE_config_file("config", None, "Experiment file.")
_LIMIT = flags.DEFINE_string(
    "memory_limit", "", "Memory of the process, such as 1.5GB: what fits it?"
)
_ALL = flags.DEFINE_bool(
    "all", False, "The other methods, rematerialization and bfloat16 too."
)
_MEASURE = flags.DEFINE_bool(
    "measure", False, "Measure a step's peak beside the estimate."
)
_TIME = flags.DEFINE_bool("time", True, "Measure each stage's speed, briefly.")
cli.require("config")


def main():
    config = cli.checked_config(_CONFIG)
    limit = arguments.parse_memory(_LIMIT.value) if _LIMIT.value else None

    from inr_keras.benchmarks import planning

    console = rich.console.Console()
    if not console.is_terminal:
        console = rich.console.Console(width=120)
    cases = planning.cases(config, _ALL.value)
    with cli.progress_bar("Counting") as progress:
        rows = []
        for row in planning.rows(cases, _TIME.value, _MEASURE.value):
            rows.append(row)
            progress(len(rows) / len(cases))
    console.print(_table(config, rows))
    hours = planning.hours(rows)
    if hours is not None:
        console.print(f"The whole run: {cli.duration(hours)} on this machine.")
    if limit:
        _propose(config, limit, console)


def _propose(config, limit, console):
    from inr_keras import config as config_lib
    from inr_keras.benchmarks import memory

    found, estimate = memory.fit(config, limit, logging.info)
    flags_text = " ".join(
        f"--config.{name}={new}"
        for name, _, new in config_lib.differences(config, found)
    )
    console.print(
        f"{_LIMIT.value}: about {estimate.total:.0f} MiB with "
        f"{flags_text or 'the settings as they are'}."
    )


def _table(config, rows):
    table = rich.table.Table(
        title=f"{config.name}: MiB, batch {config.batch_size}",
        box=rich.box.SIMPLE,
    )
    table.add_column("settings")
    columns = ["stage", "tensors", "weights", "tables", "Adam", "graph"]
    columns += ["step", "process", "s/step", "takes"]
    if any(row["measured"] for row in rows):
        columns += ["measured", "off by"]
    for name in columns:
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        e = row["estimate"]
        numbers = (e.activations, e.weights, e.embedding, e.optimizer)
        cells = [
            row["name"],
            str(row["stage"]),
            *(f"{n:.0f}" for n in (*numbers, e.runtime, e.step, e.total)),
            f"{row['seconds']:.3f}" if row["seconds"] else "-",
            cli.duration(row["hours"]) if row["hours"] else "-",
        ]
        if row["measured"]:
            cells += [
                f"{row['measured']:.0f}",
                f"{e.step / row['measured'] - 1:+.0%}",
            ]
        table.add_row(*cells)
    return table


if __name__ == "__main__":
    cli.run(main, flag_of={"limit": "memory_limit"})
