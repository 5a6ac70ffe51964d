"""Shards: parts of the samples, each drawn by a process of its own.

A shard is a folder that appears only when it is complete, so that a finished shard is
not drawn again. It holds the `Measurements` of its samples and the facts that they
depend on.
"""

import json
import pathlib
import re

from inr_keras import files
from inr_keras.evaluation import measurements
from inr_keras.evaluation.passports import short

_NAME = re.compile(r"shard_(\d{1,6})_of_(\d{1,6})", re.ASCII)
_FACTS = "facts.json"


def part(count, number, total):
    """Numbers of the samples of a shard, in whole blocks of `measurements.BLOCK`.

    Args:
        count: int. Number of all samples.
        number: int. Number of the shard, from 1.
        total: int. Number of shards.

    Example:
        >>> part(1000, 2, 3)
        range(256, 512)
    """
    size = measurements.BLOCK
    blocks = -(-count // size)
    if not 1 <= number <= total <= blocks:
        raise ValueError(
            f"`shard` must be K/N with K from 1 to N, and N at most {blocks}, the "
            f"blocks of {size} in {count} samples. Received: {number}/{total}"
        )
    first, last = (blocks * n // total * size for n in (number - 1, number))
    return range(first, min(last, count))


def name(number, total):
    """Name of a shard's folder."""
    return f"shard_{number}_of_{total}"


def write(folder, name, facts, drawing):
    """Draws a shard unless it is there.

    Args:
        folder: str or path. Folder of all shards.
        name: str. Name of the shard.
        facts: dict of what its measurements depend on.
        drawing: `measurements.Drawing` of its samples.

    Returns:
        bool: whether it was drawn.
    """
    folder = pathlib.Path(folder)
    _check(folder, facts)
    if (folder / name).exists():
        return False

    def draw(path):
        path.mkdir()
        drawing.measure(path).save(path)
        (path / _FACTS).write_text(json.dumps(facts, indent=2), encoding="utf-8")

    files.sweep(folder)
    files.write_beside(folder / name, draw)
    return True


def read(folder, facts, scratch):
    """Joins the `Measurements` of all shards.

    Args:
        folder: str or path. Folder of all shards.
        facts: dict of what they must depend on.
        scratch: Path of a folder that joined rows are written to.
    """
    names = all_names(folder)
    _check(folder, facts)
    parts = [measurements.Measurements.load(pathlib.Path(folder) / n) for n in names]
    return measurements.joined(parts, scratch)


def all_names(folder):
    """Names of all shards of a folder, in the order of their samples.

    Raises:
        ValueError: Some are missing.
    """
    found = _found(folder)
    totals = sorted({int(_NAME.fullmatch(n)[2]) for n in found})
    if len(totals) != 1:
        raise ValueError(
            "`shards` must be a folder with the shards of one division. "
            f"Received: {str(folder)!r} with {', '.join(found) or 'none'}"
        )
    [total] = totals
    names = [name(number, total) for number in range(1, total + 1)]
    missing = [n for n in names if n not in found]
    if missing:
        numbers = ", ".join(_NAME.fullmatch(n)[1] for n in missing)
        raise ValueError(
            f"`shards` must hold {total} shards; missing: {numbers}. "
            f"Received: {str(folder)!r}"
        )
    return names


def _found(folder):
    paths = pathlib.Path(folder).glob("shard_*")
    return sorted(path.name for path in paths if _NAME.fullmatch(path.name))


def _check(folder, facts):
    """Refuses shards that depend on other facts."""
    expected = json.loads(json.dumps(facts))
    for shard in _found(folder):
        try:
            text = (pathlib.Path(folder) / shard / _FACTS).read_text(encoding="utf-8")
            found = dict(json.loads(text))
        except (OSError, ValueError) as error:
            raise ValueError(
                f"`shards` must hold whole shards; remove {shard} of {str(folder)!r} "
                f"to draw it again. Received: {error}"
            ) from error
        unlike = [key for key in expected if found.get(key) != expected[key]]
        if unlike:
            reasons = "; ".join(
                f"{key} {short(found.get(key))} and not {short(expected[key])}"
                for key in unlike
            )
            raise ValueError(
                "`shards` must be of the same model, data and settings. "
                f"Received: {shard} of {reasons}"
            )
