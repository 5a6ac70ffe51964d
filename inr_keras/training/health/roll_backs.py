"""Roll backs: returns of a run to its best state, which survive a kill.

`roll_backs.json` has an entry for each. The entry is written before anything is
changed and marked as done at the end; all steps between can be repeated. The records
of the attempt that was given up stay in `rolled_back/N/`.
"""

import json
import math
import shutil

import keras
from absl import logging

from inr_keras.files import write_beside
from inr_keras.runs import record_files
from inr_keras.training import checkpoints
from inr_keras.training.health import best

FILE = "roll_backs.json"
_SEED_STEP = 1_000_003  # Difference between the seeds of two attempts.


def read(workdir):
    """Reads the entries of a run, the oldest first."""
    try:
        return json.loads((workdir / FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []


def begin(workdir, finding, rate_factor):
    """Rolls a run back because of a finding.

    Args:
        workdir: Path of the run directory.
        finding: watchdog.Finding.
        rate_factor: float. Factor of both learning rates from here on.
    """
    entry = {
        "illness": finding.illness,
        "images_seen": finding.images_seen,
        "since": finding.since,
        "what": finding.what,
        "rate_factor": rate_factor,
        "done": False,
    }
    write(workdir, [*read(workdir), entry])
    finish(workdir)


def finish(workdir):
    """Completes a roll back that has begun, perhaps in a process that was killed.

    Training resumes from the checkpoint that `best.restore` chooses, or from the
    beginning if there is none.
    """
    entries = read(workdir)
    if not entries or entries[-1]["done"]:
        return
    folder = workdir / "rolled_back" / str(len(entries))
    for name in (record_files.METRICS, record_files.EVALUATIONS):
        if (workdir / name).exists() and not (folder / name).exists():
            source = workdir / name
            write_beside(folder / name, lambda path, s=source: shutil.copyfile(s, path))
    seen = best.restore(workdir, entries[-1]["since"])
    best.retire(workdir, seen, folder)
    entries[-1] |= {"done": True, "to": seen}
    write(workdir, entries)
    logging.info(
        "Roll back %d: from %.1f to %.1f kimg, both learning rates times %g, "
        "with other random numbers",
        len(entries),
        entries[-1]["images_seen"] / 1000.0,
        seen / 1000.0,
        rate_factor(entries),
    )


def rate_factor(entries):
    """Multiplies the factors of the learning rates over all roll backs."""
    return math.prod(entry["rate_factor"] for entry in entries)


def restore(gan, workdir):
    """Reads the newest checkpoint, and after a roll back changes seed and rates.

    After n roll backs, the seed of crops, latents and augmentation is that of the
    settings plus n * 1,000,003, and the learning rates are those of the settings times
    `rate_factor`. A run without roll backs is not changed.

    Args:
        gan: INRGAN, as it was built.
        workdir: Path of the run directory.

    Returns:
        Path of the checkpoint, or `None` where there is none.
    """
    rates = [_rate(optimizer) for optimizer in gan.optimizers()]
    restored = checkpoints.restore(gan, workdir / "checkpoints")
    entries = read(workdir)
    if entries:
        gan.seed = (gan.seed + _SEED_STEP * len(entries)) % 2**31
        for optimizer, rate in zip(gan.optimizers(), rates):
            _set_rate(optimizer, rate * rate_factor(entries))
    return restored


def _rate(optimizer):
    schedule = optimizer._learning_rate
    if hasattr(schedule, "rate"):
        return schedule.rate
    return float(keras.ops.convert_to_numpy(schedule))


def _set_rate(optimizer, rate):
    schedule = optimizer._learning_rate
    if hasattr(schedule, "rate"):
        schedule.rate = rate
    else:
        schedule.assign(rate)


def write(workdir, entries):
    """Writes the entries of a run."""
    text = json.dumps(entries, indent=2) + "\n"
    write_beside(workdir / FILE, lambda path: path.write_text(text, encoding="utf-8"))
