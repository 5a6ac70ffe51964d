"""Comparison of finished and running runs: a table and their curves."""

import dataclasses
import os
import pathlib

import matplotlib
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from inr_keras import config as config_lib
from inr_keras.files import write_beside
from inr_keras.naming import renaming
from inr_keras.runs import config_file
from inr_keras.runs import record_files

COLUMNS = (
    "kimg",
    "of",
    "stage",
    "hours",
    "images/s",
    "waiting",
    "MiB",
    "d_loss",
    "g_loss",
    "margin",
)
# Fields that differ in most pairs of runs and do not affect training.
_NOT_COMPARED = ("name", "data.cache_dir")
_PANELS = (
    ("discriminator's loss", "d_loss"),
    ("generator's loss", "g_loss"),
    ("margin: mean logit of real less fake", "margin"),
    ("patch regularization", "patch"),
    ("norm of the generator's gradient", "g_grad"),
    ("images a second", "images_per_second"),
)


@dataclasses.dataclass(frozen=True)
class Run:
    """Contents of a run directory: its name in tables, settings and metrics."""

    name: str
    config: config_lib.Experiment
    records: list


def read(folders):
    """Reads run directories.

    Raises:
        ValueError: A folder is not a run directory, or has no metrics yet.
    """
    folders = [pathlib.Path(folder) for folder in folders]
    runs = []
    for folder, name in zip(folders, _names(folders)):
        metrics = folder / "metrics.jsonl"
        if not (folder / "config.json").is_file():
            raise ValueError(
                "`folders` must be run directories, with a config.json. "
                f"Received: {str(folder)!r}"
            )
        records = []
        if metrics.is_file():
            records = record_files.read(metrics)
        if not records:
            raise ValueError(
                "`folders` must have a line of metrics, one each `log_kimg`. "
                f"Received: {str(folder)!r}"
            )
        with renaming({"workdir": "folders"}):
            config = config_file.load_config(folder)
        runs.append(Run(name, config, records))
    return runs


def _names(folders):
    """Names runs by the last parts of their paths: the fewest for unique names."""
    parts = [folder.absolute().parts for folder in folders]
    for count in range(1, max(map(len, parts)) + 1):
        names = [os.path.join(*p[-count:]) for p in parts]
        if len(set(names)) == len(names):
            break
    return names


def format_cells(run):
    """Formats a run's values of `COLUMNS`: totals, and means over the last tenth.

    Values that a run of an earlier version did not write are dashes.
    """
    records = run.records
    last = records[-1]
    recent = records[-max(len(records) // 10, 1) :]
    seconds = sum(record_files.step_seconds(records))
    images = last["images_seen"]

    def mean(name):
        values = [value(record, name) for record in recent]
        values = [v for v in values if v is not None]
        return sum(values) / len(values) if values else None

    def text(number, form):
        return "-" if number is None else format(number, form)

    return {
        "kimg": f"{images / 1000:,.1f}",
        "of": f"{run.config.total_kimg:,.1f}",
        "stage": f"{last['stage']}/{len(run.config.resolved().stages)}",
        "hours": f"{seconds / 3600:.2f}",
        "images/s": text(mean("images_per_second"), ".1f"),
        "waiting": text(mean("data_wait"), ".1%"),
        "MiB": text(mean("memory_mib"), ",.0f"),
        "d_loss": text(mean("d_loss"), ".3f"),
        "g_loss": text(mean("g_loss"), ".3f"),
        "margin": text(mean("margin"), ".3f"),
    }


def value(record, name):
    """Returns a value of a record, or `None`; the margin comes from the logits."""
    if name == "margin" and "real_logits" in record:
        return record["real_logits"] - record["fake_logits"]
    return record.get(name)


def differing_settings(runs):
    """Lists the fields in which runs differ, as (name, text for each run)."""
    names = []
    for run in runs[1:]:
        for name, *_ in config_lib.differences(runs[0].config, run.config):
            if name not in names and name not in _NOT_COMPARED:
                names.append(name)
    fields = [config_lib.fields(run.config) for run in runs]
    return [(name, [str(f.get(name, "-")) for f in fields]) for name in names]


@matplotlib.rc_context({"axes.spines.top": False, "axes.spines.right": False})
def plot(runs, out):
    """Plots the curves of all runs over images seen, to a PNG file."""
    figure = Figure(figsize=(12, 7), layout="constrained")
    axes = figure.subplots(2, 3, sharex=True).flat
    for axis, (title, name) in zip(axes, _PANELS):
        for number, run in enumerate(runs):
            points = [
                (record["images_seen"] / 1000, value(record, name))
                for record in run.records
            ]
            points = [p for p in points if p[1] is not None]
            if points:
                axis.plot(*zip(*points), linewidth=1, color=f"C{number % 10}")
        axis.set_title(title, fontsize=10, loc="left")
        if not axis.lines:
            axis.set_axis_off()
            axis.text(
                0.5,
                0.5,
                "in none of these runs",
                ha="center",
                transform=axis.transAxes,
            )
        if axis.get_subplotspec().is_last_row():
            axis.set_xlabel("thousand images seen")
    handles = [
        Line2D([], [], color=f"C{i % 10}", label=run.name) for i, run in enumerate(runs)
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=4, frameon=False)
    write_beside(out, lambda path: figure.savefig(path, dpi=110, format="png"))
