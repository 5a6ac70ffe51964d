"""Scores with all that they depend on, and which of them are alike."""

import dataclasses
import importlib.metadata
import json
import math
import pathlib

from inr_keras.evaluation import resampling
from inr_keras.files import write_beside

FILE = "scores.jsonl"
# Facts that two scores may differ in and still be held side by side.
_APART = ("seed", "code", "data")
# Scores that are shares of images; the normal interval knows no bounds.
_SHARES = ("precision", "recall", "coverage", "authenticity", "duplicates")


@dataclasses.dataclass
class Score:
    """A number and its passport.

    Attributes:
        metric: str.
        value: float.
        better: str. `lower`, `higher`, or `1` where that is best.
        interval: Two floats, 95 %, or `None` where it cannot be had.
        passport: dict of what the number depends on.
        extra: dict of more numbers that belong to it.
    """

    metric: str
    value: float
    better: str
    interval: list | None = None
    passport: dict = dataclasses.field(default_factory=dict)
    extra: dict = dataclasses.field(default_factory=dict)


def score(metric, value, better, replicates=None, **extra):
    """A score with the interval of its resampled values."""
    value = float(value)
    found = resampling.interval(value, replicates)
    if found and metric in _SHARES:
        found = [max(found[0], 0.0), min(found[1], 1.0)]
    return Score(metric, value, better, found, extra=extra)


def code():
    """The versions that numbers may depend on."""
    from inr_keras.runs import environment

    facts = environment.describe()
    names = ("inr_keras", "git_commit", "tensorflow", "keras")
    return {
        **{name: facts[name] for name in names},
        "tensorflow_gan": importlib.metadata.version("tensorflow-gan"),
    }


def record(score, **facts):
    """A score as a dict for JSON, with facts of its model."""
    values = dataclasses.asdict(score)
    extra = values.pop("extra")
    return {**values, **extra, **facts}


def append(folder, records, name=FILE):
    """Adds dicts to the folder's `scores.jsonl`, whole or not at all."""
    path = pathlib.Path(folder) / name
    before = path.read_text() if path.exists() else ""
    lines = [json.dumps(finite(record)) + "\n" for record in records]
    write_beside(path, lambda p: p.write_text(before + "".join(lines)))


def read(path, flag="--compare"):
    """All records of an evaluation's folder or `scores.jsonl`.

    Args:
        path: str or path.
        flag: str. What to name in errors.

    Raises:
        ValueError: There are none.
    """
    path = pathlib.Path(path)
    file = path / FILE if path.is_dir() else path
    try:
        records = [json.loads(line) for line in file.read_text().splitlines()]
        for record in records:
            record["metric"], record["value"], record["better"]
            record["interval"], dict(record["passport"])
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise ValueError(
            f"{flag} must name folders that apps.evaluate has written, with a "
            f"{FILE}. Received: {str(path)!r}"
        ) from error
    return records


def latest(records):
    """The last record of each metric, by its name."""
    return {record["metric"]: record for record in records}


def unlike(a, b):
    """Why two records of a metric cannot be compared, or `""`.

    Seeds of samples and the code's commit may differ, its version may not.
    """
    mine, other = a["passport"], b["passport"]
    reasons = []
    for name in sorted({*mine, *other} - set(_APART)):
        if mine.get(name) != other.get(name):
            values = [p.get(name, "unrecorded") for p in (mine, other)]
            reasons.append(f"{name} {' and '.join(map(_short, values))}")
    versions = [p.get("code", {}).get("inr_keras") for p in (mine, other)]
    if versions[0] != versions[1]:
        reasons.append(f"inr_keras {versions[0]} and {versions[1]}")
    return ", ".join(reasons)


def _short(value):
    text = str(value)
    return text[:12] if len(text) == 64 else text


def finite(record):
    """A record for JSON, which has no NaN: `null` in its place."""
    value, interval = record["value"], record["interval"]
    if value is not None and not math.isfinite(value):
        value = None
    if interval and not all(map(math.isfinite, interval)):
        interval = None
    return {**record, "value": value, "interval": interval}
