"""Callback that runs the watchdog during `fit`, reports its findings and acts."""

import json

import keras
from absl import logging

from inr_keras.evaluation import metrics
from inr_keras.runs import record_files
from inr_keras.training.health import watchdog

FILE = "watchdog.jsonl"


class RunStopped(Exception):
    """Raised if the watchdog ends the run."""


class RollBack(Exception):
    """Raised if the watchdog wants the run to return to an earlier state.

    Args:
        finding: watchdog.Finding. Reason for the roll back.
    """

    def __init__(self, finding):
        super().__init__(finding.line())
        self.finding = finding


class Guard(keras.callbacks.Callback):
    """Reports findings in the log and in `watchdog.jsonl`, and acts on grave ones.

    Its state follows from the lines of `metrics.jsonl` and `evaluations.jsonl`, so that
    a resumed run reports no finding twice.

    Args:
        workdir: Path of the run directory.
        config: Experiment. Its `watchdog.action` says what follows from a finding.
        roll_backs: int. Number of the run's roll backs so far. Defaults to `0`.

    Raises:
        RunStopped, RollBack: A finding is grave, and the settings want this.
    """

    def __init__(self, workdir, config, roll_backs=0):
        super().__init__()
        self.workdir = workdir
        self.config = config
        self.roll_backs = roll_backs
        self.watchdog = None

    def on_train_begin(self, logs=None):
        # The callbacks before this one have dropped the lines that will come again.
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
        """Judges a line of `metrics.jsonl`."""
        self._act(self.watchdog.on_line(record))

    def on_scores(self, images_seen, records):
        """Judges the records of an evaluation."""
        scores = self._scores(records)
        self._act(self.watchdog.on_scores(images_seen, scores))

    def on_failure(self, images_seen, error):
        """Raises the exception that the settings ask for if a value is not finite.

        Args:
            images_seen: int.
            error: FloatingPointError that names the value.
        """
        if self.config.watchdog.action != "roll_back":
            raise error
        reason = str(error).split(". ")[0]
        self._act([self.watchdog.on_failure(images_seen, reason)])

    def _scores(self, records):
        """Maps names of scores to values.

        The score by which the best state is kept has the name in the settings.
        """
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
            with open(self.workdir / FILE, "a", encoding="utf-8") as file:
                file.write(json.dumps(record) + "\n")
        grave = [finding for finding in findings if finding.is_grave]
        if not grave or action == "warn":
            return
        if action == "stop":
            raise RunStopped(f"config.watchdog.action is stop: {grave[0].line()}")
        if self.roll_backs < self.config.watchdog.max_roll_backs:
            raise RollBack(grave[0])
        raise RunStopped(f"After {self.roll_backs} roll backs: {grave[0].line()}")


def settings(config):
    """Derives the arguments of a run's `Watchdog` from its settings."""
    best_by = config.evaluation.best_by
    return {
        "adversarial": config.loss.adversarial,
        "best_by": best_by if config.evaluation.images else None,
        "better": metrics.better(best_by),
    }


def summary(workdir):
    """Sums up a run's findings as a list of at most one pair of path and meaning."""
    path = workdir / FILE
    records = record_files.read(path)
    if not records:
        return []
    names = [
        f"{r['illness'].replace('_', ' ')} at {r['images_seen'] / 1000:.1f} kimg"
        for r in records
    ]
    return [(path, f"what the watchdog found: {', '.join(names)}")]
