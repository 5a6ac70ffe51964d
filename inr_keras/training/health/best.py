"""Keeps the best checkpoint and generator of a run."""

import json
import math
import os
import shutil

from inr_keras.evaluation import passports
from inr_keras.files import checksum
from inr_keras.files import write_beside
from inr_keras.training import checkpoints
from inr_keras.training import strategies

CHECKPOINT = "best.weights.h5"


class BestState:
    """State with the best score so far, as a run keeps it.

    The state lies in `checkpoints/best.weights.h5` and `best_generator.keras`;
    `best.json` has the score with its passport.

    Args:
        gan: INRGAN.
        workdir: Path of the run directory.
        name: str. Name of the score, such as `swd`.
    """

    def __init__(self, gan, workdir, name):
        self.gan = gan
        self.workdir = workdir
        self.name = name

    def is_better(self, record):
        """Tells whether a score is better than the one that is kept.

        A kept score of another metric or passport is not comparable and counts as
        worse.

        Args:
            record: Dict of a score with its passport, see `passports.record`.
        """
        value, best = record["value"], self.read()
        if value is None:
            return False
        if best is None or best["metric"] != record["metric"]:
            return True
        if passports.unlike(best, record):
            return True
        lower = record["better"] == "lower"
        return value < best["value"] if lower else value > best["value"]

    def keep(self, record):
        """Writes the present state as the best; all workers must call it.

        Args:
            record: Dict of its score, see `is_better`.
        """
        target = self.workdir / "checkpoints" / CHECKPOINT
        checkpoints.write(self.gan, target)
        checkpoints.save_generator(self.gan, self.workdir / "best_generator.keras")
        if not strategies.is_chief(self.gan.distribute_strategy):
            return
        text = json.dumps(record, indent=2) + "\n"
        # Last: until it is there, the same state counts as better again.
        path = self.workdir / "best.json"
        write_beside(path, lambda p: p.write_text(text, encoding="utf-8"))

    def read(self):
        """Reads the record of the best score, see the function `read`."""
        return read(self.workdir)


def read(workdir):
    """Reads the record of a run's best score; `None` where there is none."""
    try:
        record = json.loads((workdir / "best.json").read_text(encoding="utf-8"))
        record["metric"], record["value"], record["better"]
        record["passport"], record["images_seen"]
    except (FileNotFoundError, LookupError, ValueError):
        return None  # Older versions wrote fewer keys; killed runs may have no file.
    return record


def summary(workdir):
    """Sums up what is kept as a list of at most one pair of path and meaning."""
    record = read(workdir)
    if record is None:
        return []
    meaning = (
        f"the generator of the best {record['metric']}, "
        f"{record['value']:.4g} at {record['images_seen'] / 1000:.1f} kimg"
    )
    return [(workdir / "best_generator.keras", meaning)]


def restore(workdir, since):
    """Makes a checkpoint from before an illness the newest checkpoint of a run.

    It is the checkpoint of the best state. If that is later than the beginning of the
    illness, as may happen to the averaged generator of a diverging run, it is the last
    checkpoint before the illness; if all are later, the oldest one. Checkpoints after
    it are removed.

    Args:
        workdir: Path of the run directory.
        since: int. Images seen when the illness began.

    Returns:
        Images seen until the checkpoint; 0 where there is none at all.
    """
    record = read(workdir)
    folder = workdir / "checkpoints"
    best = folder / CHECKPOINT
    at_best = math.inf
    if record is not None and checkpoints.is_whole(best):
        at_best = record["images_seen"]
    saved = [
        checkpoints.images_seen(path)
        for path in checkpoints.paths(folder)
        if checkpoints.is_whole(path)
    ]
    if at_best <= since:
        seen = at_best
    else:
        before = [seen for seen in saved if seen <= since]
        seen = max(before) if before else min([*saved, at_best])
    if seen == math.inf:
        return 0
    target = checkpoints.path_of(folder, seen)
    if not checkpoints.is_whole(target):
        line = f"{checksum(best)}  {target.name}\n"
        sum_path = checkpoints.sum_path(target)
        write_beside(sum_path, lambda path: path.write_text(line, encoding="utf-8"))
        write_beside(target, lambda path: shutil.copyfile(best, path))
    for path in checkpoints.paths(folder):
        if checkpoints.images_seen(path) > seen:
            path.unlink(missing_ok=True)
            checkpoints.sum_path(path).unlink(missing_ok=True)
    return seen


def retire(workdir, seen, folder):
    """Moves a best state that is later than a roll back's checkpoint to another folder.

    Training resumes from an earlier state and does not reach it again.

    Args:
        workdir: Path of the run directory.
        seen: int. Images seen until the checkpoint.
        folder: Path of the other folder.
    """
    record = read(workdir)
    if record is None or record["images_seen"] <= seen:
        return
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint = workdir / "checkpoints" / CHECKPOINT
    checkpoint.unlink(missing_ok=True)
    checkpoints.sum_path(checkpoint).unlink(missing_ok=True)
    # `best.json` last: it says that there is something to move.
    for name in ("best_generator.keras", "best.json"):
        if (workdir / name).exists():
            os.replace(workdir / name, folder / name)
