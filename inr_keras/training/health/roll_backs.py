"""Going back in a run to its best state, in a way that a kill cannot break.

`roll_backs.json` has an entry for each. It is written before anything is
changed and marked as done at the end; all between can be done again. What the
training was like until then stays in `rolled_back/N/`.
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
_SEEDS = 1_000_003  # Between those of the random numbers of two attempts.


def read(workdir):
    """The entries of a run, oldest first."""
    try:
        return json.loads((workdir / FILE).read_text())
    except FileNotFoundError:
        return []


def begin(workdir, finding, rate_factor):
    """Goes back because of a `watchdog.Finding`."""
    entry = {
        "illness": finding.illness,
        "images_seen": finding.images_seen,
        "since": finding.since,
        "what": finding.what,
        "rate_factor": rate_factor,
        "done": False,
    }
    _write(workdir, [*read(workdir), entry])
    finish(workdir)


def finish(workdir):
    """Ends what a kill may have interrupted.

    Training goes on from where `best.restore` goes back to; from the beginning
    where there is no checkpoint.
    """
    entries = read(workdir)
    if not entries or entries[-1]["done"]:
        return
    kept = workdir / "rolled_back" / str(len(entries))
    for name in (record_files.METRICS, record_files.EVALUATIONS):
        if (workdir / name).exists() and not (kept / name).exists():
            source = workdir / name
            write_beside(kept / name, lambda path, s=source: shutil.copyfile(s, path))
    seen = best.restore(workdir, entries[-1]["since"])
    best.retire(workdir, seen, kept)
    entries[-1] |= {"done": True, "to": seen}
    _write(workdir, entries)
    logging.info(
        "Roll back %d: from %.1f to %.1f kimg, both learning rates times %g, "
        "with other random numbers",
        len(entries),
        entries[-1]["images_seen"] / 1000.0,
        seen / 1000.0,
        rate_factor(entries),
    )


def rate_factor(entries):
    """Of the learning rates after so many roll backs."""
    return math.prod(entry["rate_factor"] for entry in entries)


def restore(gan, workdir):
    """Reads the newest checkpoint and makes what follows another attempt.

    After n roll backs the seed of crops, latents and augmentation is n *
    1,000,003 more than that of the settings, and the rates are lower than
    theirs. A run without roll backs is left as it is.

    Args:
        gan: INRGAN, as it was built.
        workdir: Path of the run directory.

    Returns:
        As `checkpoints.restore`.
    """
    rates = [_rate(optimizer) for optimizer in gan.optimizers()]
    restored = checkpoints.restore(gan, workdir / "checkpoints")
    entries = read(workdir)
    if entries:
        gan.seed = (gan.seed + _SEEDS * len(entries)) % 2**31
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


def _write(workdir, entries):
    text = json.dumps(entries, indent=2) + "\n"
    write_beside(workdir / FILE, lambda path: path.write_text(text))
