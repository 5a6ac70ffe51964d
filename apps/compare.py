r"""Compares runs side by side: prints a table and plots their curves.

Example:
  python -m apps.compare --runs=runs/a,runs/b,runs/c --out=compare.png
"""

import rich.box
import rich.console
import rich.table
from absl import flags

from apps import arguments
from apps import cli

_RUNS = flags.DEFINE_list("runs", None, "Run directories, at least one.")
_OUT = flags.DEFINE_string("out", None, "Image of the curves to write, a .png.")
cli.require("runs", "out")


def main():
    arguments.check_png(_OUT.value, "out")

    from inr_keras.studies import comparison

    runs = comparison.read(arguments.joined_paths(_RUNS.value))
    console = rich.console.Console()
    if not console.is_terminal:
        console = rich.console.Console(width=120)
    table = rich.table.Table(title="Runs", box=rich.box.SIMPLE)
    table.add_column("run")
    for name in comparison.COLUMNS:
        table.add_column(name, justify="right")
    for run in runs:
        cells = comparison.format_cells(run)
        table.add_row(run.name, *(cells[c] for c in comparison.COLUMNS))
    console.print(table)
    changed = comparison.differing_settings(runs)
    if changed:
        table = rich.table.Table(title="What differs", box=rich.box.SIMPLE)
        table.add_column("setting")
        for run in runs:
            table.add_column(run.name, justify="right")
        for name, values in changed:
            table.add_row(name, *values)
        console.print(table)
    comparison.plot(runs, _OUT.value)
    print(f"{_OUT.value}  curves of {len(runs)} runs over images seen")


if __name__ == "__main__":
    cli.run(main, flag_of={"folders": "runs"})
