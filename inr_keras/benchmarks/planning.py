"""Plans of runs: memory from the graph of a step, time from a short trial."""

import rich.box
import rich.table

from inr_keras import config as config_lib
from inr_keras.benchmarks import fresh_process
from inr_keras.benchmarks import memory
from inr_keras.benchmarks import training_cost

_MEMORY = {
    "remat": {"generator.remat": True},
    "bfloat16": {"dtype": "mixed_bfloat16"},
    "remat, bfloat16": {"generator.remat": True, "dtype": "mixed_bfloat16"},
}


def list_cases(config, everything=False):
    """Lists the cases of a plan, as (name, Experiment, index of a stage).

    Cases are the config's own stages, and with `everything` the last stage of each
    method: plain, with rematerialization, with bfloat16 and with both.
    """
    listed = [(config.method, config, i) for i in range(len(config.resolved().stages))]
    if not everything:
        return listed
    for method in dict.fromkeys((config.method, "image", "patch")):
        changed = config_lib.changed(config, {"method": method})
        if method != config.method:
            listed.append((method, changed, -1))
        for name, changes in _MEMORY.items():
            case = config_lib.changed(changed, changes)
            if case != changed:
                listed.append((f"{method}, {name}", case, -1))
    for _, case, _ in listed:
        case.validate()
    return listed


def plan_cases(cases, timing=True, measuring=False):
    """Estimates the memory and time of each case.

    Args:
        cases: List from `list_cases`; the stages of the config itself, which come
            first, are timed and measured if the memory suffices.
        timing: bool. Whether to time some steps of each stage.
        measuring: bool. Whether to measure the last stage's peak memory.

    Yields:
        dict: `name`, `stage` (from 1), `estimate`, and `seconds` of a step,
        `hours` of the stage, `measured` MiB, each `None` where unknown.
    """
    import psutil

    own = cases[0][1]
    counted = memory.estimate_each([(case, index) for _, case, index in cases])
    for (name, case, index), estimate in zip(cases, counted):
        stages = case.resolved().stages
        index %= len(stages)
        row = dict.fromkeys(("seconds", "hours", "measured"))
        row.update(name=name, stage=index + 1, estimate=estimate)
        available = psutil.virtual_memory().available / memory.MIB
        if case == own and estimate.step < available:
            if timing:
                rate = fresh_process.call(
                    training_cost.images_per_second,
                    config=case,
                    index=index,
                    seconds=4.0,
                )
                row["seconds"] = case.batch_size / rate
                row["hours"] = stages[index].kimg * 1000.0 / rate / 3600.0
            if measuring and index == len(stages) - 1:
                row["measured"] = training_cost.measure(case, 3)["memory_mib"]
        yield row


def table(config, rows, duration):
    """Builds a rich table of a plan.

    Args:
        config: Experiment that is planned.
        rows: List of dicts from `plan_cases`.
        duration: Function that formats hours.
    """
    result = rich.table.Table(
        title=f"{config.name}: MiB, batch {config.batch_size}",
        box=rich.box.SIMPLE,
    )
    result.add_column("settings")
    columns = ["stage", "tensors", "weights", "tables", "Adam", "graph"]
    columns += ["step", "process", "s/step", "takes"]
    if any(row["measured"] for row in rows):
        columns += ["measured", "off by"]
    for name in columns:
        result.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        e = row["estimate"]
        numbers = (e.activations, e.weights, e.embedding, e.optimizer)
        cells = [
            row["name"],
            str(row["stage"]),
            *(f"{n:.0f}" for n in (*numbers, e.runtime, e.step, e.total)),
            f"{row['seconds']:.3f}" if row["seconds"] else "-",
            duration(row["hours"]) if row["hours"] else "-",
        ]
        if row["measured"]:
            error = e.step / row["measured"] - 1
            cells += [f"{row['measured']:.0f}", f"{error:+.0%}"]
        result.add_row(*cells)
    return result


def total_hours(rows):
    """Adds up the hours of the whole run; `None` where a stage was not timed."""
    own = [row["hours"] for row in rows if row["name"] == rows[0]["name"]]
    return None if None in own else sum(own)
