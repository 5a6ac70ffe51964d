"""Tables of scores for a terminal."""

import rich.box
import rich.table

from inr_keras.evaluation import passports
from inr_keras.naming import renaming


def scores(title, records):
    """A rich table of the records of one evaluation."""
    table = rich.table.Table(title=title, box=rich.box.SIMPLE)
    for column in ("metric", "score", "95 % interval", "best", "samples"):
        table.add_column(column, justify="left" if column == "metric" else "right")
    for record in records:
        table.add_row(
            record["metric"],
            _number(record["value"]),
            _interval(record["interval"]),
            record["better"],
            str(record["passport"]["samples"]),
        )
    return table


def side_by_side(folders):
    """The last scores of two evaluations, where they are alike.

    A column's head names the thousands of images after which the generator was scored;
    if scores of a folder differ in it, each names its own.

    Args:
        folders: Two paths of folders with scores.

    Returns:
        A rich table, and a list of texts about scores that are missing in it and the
        reasons.

    Raises:
        ValueError: There are not two folders, or one holds no scores.
    """
    if len(folders) != 2:
        raise ValueError(
            f"`folders` must name two folders of scores. Received: {list(folders)}"
        )
    with renaming({"path": "folders"}):
        sides = [passports.latest(passports.read(path)) for path in folders]
    table = rich.table.Table(title="Side by side", box=rich.box.SIMPLE)
    table.add_column("metric")
    mixed = []
    for path, side in zip(folders, sides):
        ages = {_age(record) for record in side.values()}
        mixed.append(len(ages) > 1)
        head = str(path) if mixed[-1] else f"{path}{ages.pop()}"
        table.add_column(head, justify="right", overflow="fold")
    table.add_column("best", justify="right")
    refused = {}
    for metric in [m for m in sides[0] if m in sides[1]]:
        a, b = sides[0][metric], sides[1][metric]
        reason = passports.unlike(a, b)
        if reason:
            refused.setdefault(reason, []).append(metric)
            continue
        cells = [
            f"{_number(r['value'])}  ({_interval(r['interval'])})"
            f"{_age(r) if is_mixed else ''}"
            for r, is_mixed in zip((a, b), mixed)
        ]
        table.add_row(metric, *cells, a["better"])
    reasons = [f"{', '.join(refused[text])}: {text}" for text in refused]
    if not table.row_count and not reasons:
        reasons = ["no metric is in both"]
    return table, reasons


def _number(value):
    return "-" if value is None else f"{value:.4g}"


def _age(record):
    kimg = record.get("kimg")
    return "" if kimg is None else f", {kimg:,.1f} kimg"


def _interval(bounds):
    return f"{_number(bounds[0])} .. {_number(bounds[1])}" if bounds else "-"
