"""Scores with passports, the facts that they depend on, and their comparability."""

import dataclasses
import importlib.metadata
import json
import math
import pathlib

from inr_keras.evaluation import resampling
from inr_keras.files import write_beside

FILE = "scores.jsonl"
# Facts by the names that they had in earlier versions.
_RENAMED = {"real_pictures": "real_images"}
# Facts in which two comparable scores may differ.
_MAY_DIFFER = ("seed", "code", "data")
_SHARES = ("precision", "recall", "coverage", "authenticity", "duplicates")
# Bounds of scores, to which their normal intervals are clipped.
_BOUNDS = {
    **dict.fromkeys(_SHARES, (0.0, 1.0)),
    **dict.fromkeys(("density", "diversity"), (0.0, math.inf)),
}


@dataclasses.dataclass
class Score:
    """Number with its passport.

    Attributes:
        metric: str. Name of the score.
        value: float.
        better: str. `lower`, `higher`, or `1` where 1 is best.
        interval: Two floats, the 95 % interval, or `None` where it is unknown.
        passport: dict of facts that the number depends on.
        extra: dict of further numbers that belong to it.
    """

    metric: str
    value: float
    better: str
    interval: list | None = None
    passport: dict = dataclasses.field(default_factory=dict)
    extra: dict = dataclasses.field(default_factory=dict)


def score(metric, value, better, replicates=None, **extra):
    """Creates a score with the interval of its resampled values."""
    value = float(value)
    interval = resampling.interval(value, replicates)
    if interval and metric in _BOUNDS:
        low, high = _BOUNDS[metric]
        interval = [max(interval[0], low), min(interval[1], high)]
    return Score(metric, value, better, interval, extra=extra)


def code(backend="numpy"):
    """Versions of the code that numbers may depend on.

    Args:
        backend: str. See `metrics.Settings`.
    """
    from inr_keras.runs import environment

    facts = environment.describe()
    names = ("inr_keras", "git_commit", "tensorflow", "keras")
    return {
        **{name: facts[name] for name in names},
        **({"tensorflow_gan": _version()} if backend == "tfgan" else {}),
    }


def _version():
    return importlib.metadata.version("tensorflow-gan")


def record(score, **facts):
    """Converts a score to a dict for JSON, with facts of its model."""
    values = dataclasses.asdict(score)
    extra = values.pop("extra")
    return {**values, **extra, **facts}


def append(folder, records, name=FILE):
    """Adds records to the `scores.jsonl` of a folder, whole or not at all."""
    path = pathlib.Path(folder) / name
    old_text = path.read_text(encoding="utf-8") if path.exists() else ""
    lines = [json.dumps(finite(record)) + "\n" for record in records]
    write_beside(
        path, lambda p: p.write_text(old_text + "".join(lines), encoding="utf-8")
    )


def read(path):
    """Reads all records of an evaluation's folder or `scores.jsonl`.

    Args:
        path: str or path.

    Raises:
        ValueError: There are no records.
    """
    path = pathlib.Path(path)
    file = path / FILE if path.is_dir() else path
    try:
        records = [
            json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()
        ]
        for record in records:
            record["metric"], record["value"], record["better"]
            record["interval"], dict(record["passport"])
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise ValueError(
            "`path` must name folders that apps.evaluate has written, with a "
            f"{FILE}. Received: {str(path)!r}"
        ) from error
    return records


def latest(records):
    """Last record of each metric, by its name."""
    return {record["metric"]: record for record in records}


def unlike(a, b):
    """Reasons why two records of a metric cannot be compared; `""` if they can.

    Seeds of samples and the code's commit may differ; the code's version must not.
    """
    passport, other_passport = (
        {_RENAMED.get(name, name): value for name, value in record["passport"].items()}
        for record in (a, b)
    )
    reasons = []
    for name in sorted({*passport, *other_passport} - set(_MAY_DIFFER)):
        if passport.get(name) != other_passport.get(name):
            values = [p.get(name, "unrecorded") for p in (passport, other_passport)]
            reasons.append(f"{name} {' and '.join(map(short, values))}")
    versions = [p.get("code", {}).get("inr_keras") for p in (passport, other_passport)]
    if versions[0] != versions[1]:
        reasons.append(f"inr_keras {versions[0]} and {versions[1]}")
    return ", ".join(reasons)


def short(value):
    """Shortens a checksum to 12 digits; returns other values as text."""
    text = str(value)
    return text[:12] if len(text) == 64 else text


def finite(record):
    """Replaces NaN in a record, which JSON does not have, by `None`."""
    value, interval = record["value"], record["interval"]
    if value is not None and not math.isfinite(value):
        value = None
    if interval and not all(map(math.isfinite, interval)):
        interval = None
    return {**record, "value": value, "interval": interval}
