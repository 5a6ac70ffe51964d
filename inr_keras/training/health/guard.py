"""Asks the watchdog while `fit` goes on, tells what it finds, and acts."""

import json

import keras
from absl import logging

from inr_keras.evaluation import metrics
from inr_keras.runs import record_files
from inr_keras.training.health import watchdog

FILE = "watchdog.jsonl"


class Ill(Exception):
    """The watchdog has ended the run."""


class RollBack(Exception):
    """The watchdog wants the run to go back."""

    def __init__(self, finding):
        super().__init__(finding.line())
        self.finding = finding


class Guard(keras.callbacks.Callback):
    """Tells findings once: a line of the log and of `watchdog.jsonl`.

    What it knows follows from the lines of `metrics.jsonl` and
    `evaluations.jsonl`, so that a run which goes on knows it again.

    Args:
        workdir: Path of the run directory.
        config: Experiment.
        roll_backs: int. How many there were before. Defaults to `0`.
    """

    def __init__(self, workdir, config, roll_backs=0):
        super().__init__()
        self.workdir = workdir
        self.config = config
        self.roll_backs = roll_backs
        self.watchdog = None

    def on_train_begin(self, logs=None):
        # After those callbacks that drop the lines that will come again.
        records = record_files.read(self.workdir / record_files.EVALUATIONS)
        by_seen = {}
        for record in records:
            by_seen.setdefault(record["images_seen"], []).append(record)
        self.watchdog, _ = watchdog.replay(
            record_files.read(self.workdir / record_files.METRICS),
            [(seen, self._scores(r)) for seen, r in by_seen.items()],
            **settings(self.config),
        )
        seen = self.model.count("images_seen")
        record_files.drop(
            self.workdir / FILE,
            lambda r: r["images_seen"] > seen and r["roll_backs"] == self.roll_backs,
        )

    def on_line(self, record):
        """Of a line of `metrics.jsonl`."""
        self._act(self.watchdog.on_line(record))

    def on_scores(self, images_seen, records):
        """Of an evaluation's records."""
        scores = self._scores(records)
        self._act(self.watchdog.on_scores(images_seen, scores))

    def on_failure(self, images_seen, error):
        """Of a value that is no longer finite; raises as it was told to."""
        if self.config.watchdog.action != "roll_back":
            raise error
        reason = str(error).split(". ")[0]
        self._act([self.watchdog.on_failure(images_seen, reason)])

    def _scores(self, records):
        """Values by their names, the best's by that which settings give it."""
        best_by = self.config.evaluation.best_by
        return {
            best_by if record_files.is_of(r, best_by) else r["metric"]: r["value"]
            for r in records
        }

    def _act(self, findings):
        action = self.config.watchdog.action
        for finding in findings:
            logging.warning("Watchdog: %s", finding.line())
            record = {
                "images_seen": finding.images_seen,
                "roll_backs": self.roll_backs,
                "illness": finding.illness,
                "what": finding.what,
                "advice": finding.advice,
                **finding.numbers,
            }
            with open(self.workdir / FILE, "a") as file:
                file.write(json.dumps(record) + "\n")
        grave = [finding for finding in findings if finding.is_grave]
        if not grave or action == "warn":
            return
        if action == "stop":
            raise Ill(f"config.watchdog.action is stop: {grave[0].line()}")
        if self.roll_backs < self.config.watchdog.max_roll_backs:
            raise RollBack(grave[0])
        raise Ill(f"After {self.roll_backs} roll backs: {grave[0].line()}")


def settings(config):
    """Those of the watchdog of a run, as `watchdog.replay` takes them."""
    best_by = config.evaluation.best_by
    return {
        "adversarial": config.loss.adversarial,
        "best_by": best_by if config.evaluation.images else None,
        "better": metrics.better(best_by),
    }


def summary(workdir):
    """What a run's watchdog has found, as a list of (path, meaning)."""
    path = workdir / FILE
    records = record_files.read(path)
    if not records:
        return []
    names = [
        f"{r['illness'].replace('_', ' ')} at {r['images_seen'] / 1000:.1f} kimg"
        for r in records
    ]
    return [(path, f"what the watchdog found: {', '.join(names)}")]
