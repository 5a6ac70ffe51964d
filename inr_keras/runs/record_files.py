"""Files with one JSON record per line, in which a run keeps its measurements."""

import contextlib
import json
import pathlib

from inr_keras.files import write_beside

METRICS = "metrics.jsonl"
EVALUATIONS = "evaluations.jsonl"


def is_of(record, name):
    """Tells whether a record is of the score that `evaluation.best_by` names.

    `fid` and `dfid` are called `fd` and `dfd` where the extractor is not that of the
    published numbers.
    """
    return record["metric"] in (name, name.replace("fid", "fd"))


def read(path):
    """Reads the records of a file; returns `[]` if there is no such file.

    Lines that are not JSON, such as a half-written last line, are left out.
    """
    path = pathlib.Path(path)
    if not path.exists():
        return []
    records = []
    for line in path.read_text(encoding="utf-8").splitlines():
        with contextlib.suppress(json.JSONDecodeError):
            records.append(json.loads(line))
    return records


def step_seconds(records):
    """Computes the time of the training steps that each line of the log stands for.

    The `seconds` of a line leave out images before the last start of the run. The time
    is therefore computed from the number of images and `images_per_second`.

    Args:
        records: List of dict, the records of `METRICS` from the first on.

    Returns:
        List of float, seconds for each line.

    Example:
        >>> line = {"images_seen": 60, "seconds": 1.0, "images_per_second": 20.0}
        >>> step_seconds([line])
        [3.0]
    """
    ends = [0, *(record["images_seen"] for record in records)]
    # Earlier versions wrote 0.0 of slow steps.
    rates = [record.get("images_per_second") for record in records]
    return [
        (end - begin) / rate if rate else record["seconds"]
        for begin, end, rate, record in zip(ends, ends[1:], rates, records)
    ]


def drop(path, unwanted):
    """Removes the records of a file for which `unwanted` returns true."""
    records = read(path)
    kept = [record for record in records if not unwanted(record)]
    if len(kept) < len(records):
        text = "".join(json.dumps(record) + "\n" for record in kept)
        write_beside(path, lambda p: p.write_text(text, encoding="utf-8"))
