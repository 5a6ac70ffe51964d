"""Suites of runs, trained for equal time or on equal images and scored alike."""

import dataclasses
import json
import os
import pathlib

from inr_keras import config as config_lib
from inr_keras.benchmarks import fresh_process
from inr_keras.benchmarks import training_cost
from inr_keras.evaluation import extractors
from inr_keras.files import write_beside
from inr_keras.naming import renaming
from inr_keras.studies import quality
from inr_keras.studies import suite_checks

CURVE_GROWTH = 2.0  # Factor of the images seen from one score in training to the next.
_COUNTED_STEPS = 20


class Runner:
    """Trains and scores the entries of a suite, each once.

    Results are kept on disk: the same call goes on after an interruption.

    Args:
        config: Experiment. Multi-stage training.
        workdir: str or path of a folder, where each entry gets its own.
        features: str or path of a feature extractor.
        minutes: float. Training time of each entry; 0: see `kimg`.
        samples: int. Number of images of each generator to score. Defaults to
            `2000`.
        kimg: dict from the names of entries to thousands of images to train on; the
            name `""` stands for all others. With `kimg`, other programs on the machine
            do not affect the results. Defaults to `None`: see `minutes`.
        thorough: bool. Whether to score by `quality.Protocol` too. Defaults to `False`.
        curve_kimg: float. Thousands of images before the first score in training; each
            later score follows after `CURVE_GROWTH` times as many, the last one at the
            end. Defaults to `0.0`: no scores in training.

    Raises:
        ValueError: `minutes` and `kimg` do not give one positive length, or
            `features` cannot be opened.
    """

    def __init__(
        self,
        config,
        workdir,
        features,
        minutes,
        samples=2000,
        kimg=None,
        thorough=False,
        curve_kimg=0.0,
    ):
        if not (minutes > 0 or (kimg and minutes == 0)):
            raise ValueError(f"`minutes` must be positive. Received: {minutes}")
        if kimg and minutes:
            raise ValueError(
                f"`minutes` must be 0 where `kimg` is given. Received: {minutes}"
            )
        for length in (kimg or {}).values():
            if not 0 < length < float("inf"):
                raise ValueError(f"`kimg` must be positive. Received: {length}")
        with renaming({"name": "features"}):
            extractors.check(features)
        self.config = config
        self.workdir = pathlib.Path(workdir)
        self.features = str(features)
        self.minutes = minutes
        self.samples = samples
        self.kimg = kimg or {}
        self.thorough = thorough
        self.curve_kimg = curve_kimg

    def folder(self, entry):
        return self.workdir / entry.folder

    def run_all(self, entries, tell=lambda text: None):
        """Finishes all entries and returns their results.

        Raises:
            ValueError: An entry cannot be trained or judged; none is begun then.
        """
        self._check(entries)
        results = []
        for number, entry in enumerate(entries, 1):
            tell(f"{number} of {len(entries)}: {entry.folder}")
            results.append(self.run(entry, tell))
            tell(f"{entry.title}: {_outcome(results[-1])}")
        return results

    def read(self, entry):
        """Returns the results of an entry; `None` where it is not finished."""
        done = self.folder(entry) / "results.json"
        if not done.exists():
            return None
        results = json.loads(done.read_text(encoding="utf-8"))
        self._check_same(results["settings"], entry)
        self._check_scores(results.get("records", ()), entry)
        return {**results, **_description(entry)}

    def _check(self, entries):
        waiting = {
            entry.folder: self._kept_plan(entry)
            or config_lib.from_dict(self.settings(entry)["config"])
            for entry in entries
            if self.read(entry) is None
        }
        if waiting:
            fresh_process.call(
                suite_checks.check,
                configs=waiting,
                workdir=str(self.workdir),
                features=self.features,
                samples=self.samples,
                is_thorough=self.thorough,
            )

    def _check_same(self, saved, entry):
        if not _are_same(saved, self.settings(entry)):
            raise ValueError(
                f"`workdir` holds a run of other settings for {entry.name}. "
                f"Received: {str(self.workdir)!r}"
            )

    def _check_scores(self, records, entry):
        """Refuses kept scores of another extractor or number of samples."""
        asked = self.samples, pathlib.Path(self.features).name
        for passport in (record["passport"] for record in records):
            kept = passport["samples"], passport["extractor"]
            if kept != asked:
                raise ValueError(
                    f"`workdir` holds scores of {entry.name} with {kept[0]} samples "
                    f"and the features {kept[1]}. Received: {asked[0]} samples and the "
                    f"features {asked[1]}; take another `workdir`"
                )

    def run(self, entry, tell=lambda text: None):
        """Finishes an entry, as far as it is not finished, and returns its results.

        A run that diverges is finished too: its results have no scores but `failed`,
        the reason.
        """
        results = self.read(entry) or self._train(entry, tell)
        if "failed" in results:
            return results
        if self.thorough and "quality" not in results:
            results["quality"] = fresh_process.call(
                quality.judge,
                run=str(self.folder(entry) / "run"),
                features=self.features,
                count=self.samples,
            )
            _write_json(self.folder(entry) / "results.json", results)
        if self.minutes and "cost" not in results:
            return self.measure_cost(entry)
        return results

    def _train(self, entry, tell):
        """Trains and scores an entry; writes and returns its results."""
        folder, run = self.folder(entry), str(self.folder(entry) / "run")
        planned = self._plan(entry, tell)
        tell(f"{entry.title}: training on {planned.total_kimg:g} thousand images")
        known = {
            **_description(entry),
            "seed": entry.seed,
            "settings": self.settings(entry),
        }
        loads = [os.getloadavg()[0]]
        try:
            fresh_process.call(train, show=True, config=planned, workdir=run)
        except FloatingPointError as error:  # It would diverge again.
            _write_json(folder / "results.json", {**known, "failed": str(error)})
            return {**known, "failed": str(error)}
        loads.append(os.getloadavg()[0])
        tell(f"{entry.title}: judging {self.samples} samples")
        judged = fresh_process.call(
            judge,
            run=run,
            features=self.features,
            samples=self.samples,
            out=str(folder / "scores"),
            more=["ppl"] if entry.walk else [],
        )
        results = {**known, "kimg": planned.total_kimg, "loads": loads, **judged}
        _write_json(folder / "results.json", results)
        return results

    def measure_cost(self, entry):
        """Measures the cost of a finished entry's step again; returns the results."""
        results = self.read(entry)
        if "failed" in results:
            return results
        results["cost"] = _cost(self._plan(entry), entry)
        _write_json(self.folder(entry) / "results.json", results)
        return results

    def _plan(self, entry, tell=lambda text: None):
        """Reads or makes the settings of an entry's run."""
        kept = self._kept_plan(entry)
        if kept:
            return kept
        settings = self.settings(entry)
        config = config_lib.from_dict(settings["config"])
        if self.minutes:
            tell(f"{entry.title}: measuring its speed")
            minutes = self.minutes * entry.length
            config = fresh_process.call(plan, config=config, minutes=minutes)
        else:
            config = with_length(config, self._length(entry))
        planned = {"config": config_lib.to_dict(config), "settings": settings}
        _write_json(self._plan_file(entry), planned)
        return config

    def _plan_file(self, entry):
        return self.folder(entry) / "plan.json"

    def _kept_plan(self, entry):
        """Reads the settings of an entry's run; `None` where it has not begun."""
        file = self._plan_file(entry)
        if not file.exists():
            return None
        planned = json.loads(file.read_text(encoding="utf-8"))
        if "settings" in planned:  # Earlier versions did not write them.
            self._check_same(planned["settings"], entry)
        return config_lib.from_dict(planned["config"])

    def _length(self, entry):
        """Returns an entry's thousands of images; 0 where minutes decide."""
        shared = self.kimg.get("", 0.0) * entry.length
        return self.kimg.get(entry.name, shared)

    def settings(self, entry):
        """Returns what the results of an entry depend on, for JSON."""
        if self.kimg and not self._length(entry):
            raise ValueError(
                f"`kimg` must have a length for {entry.name}. Received: {self.kimg}"
            )
        changes = {**entry.changes, "seed": entry.seed}
        if self.curve_kimg:
            changes["evaluation"] = config_lib.Evaluation(
                images=self.samples,
                kimg=self.curve_kimg,
                growth=CURVE_GROWTH,
                metrics=("fid",),
                best_by="fid",
                features=self.features,
            )
        config = config_lib.changed(entry.config or self.config, changes)
        config.validate()
        # Through JSON, so that settings read back compare equal.
        return json.loads(
            json.dumps(
                {
                    "config": config_lib.to_dict(config),
                    "minutes": self.minutes * entry.length,
                    "kimg": self._length(entry),
                }
            )
        )


def _cost(config, entry):
    """Measures a step of the entry's stage; `stage` is its number and the total."""
    count = len(config.resolved().stages)
    stage = max(count + entry.cost_stage, 0)
    cost = training_cost.measure(config, _COUNTED_STEPS, stage)
    return {**cost, "stage": [stage + 1, count]}


def _outcome(results):
    if "failed" in results:
        return results["failed"]
    return f"FD {results['scores']['fd']:.1f}"


def _description(entry):
    """Returns texts about an entry for pages, on which its settings do not depend."""
    names = ("name", "title", "against", "source", "walk")
    return {name: getattr(entry, name) for name in names}


def _are_same(saved, settings):
    """Compares settings; fields that the saved ones lack have their defaults."""
    configs = [config_lib.from_dict(s["config"]) for s in (saved, settings)]
    lengths = [(s["minutes"], s.get("kimg", 0.0)) for s in (saved, settings)]
    return lengths[0] == lengths[1] and configs[0] == configs[1]


def plan(config, minutes):
    """Sets the lengths of stages such that the run takes a number of minutes.

    A stage's share of the time is its share of the config's `kimg`; its speed is
    measured on random images, in this process.
    """
    config = config.resolved()
    lengths = []
    for index, stage in enumerate(config.stages):
        rate = training_cost.images_per_second(config, index)
        seconds = minutes * 60.0 * stage.kimg / config.total_kimg
        lengths.append(seconds * rate / 1000.0)
    return _with_lengths(config, lengths)


def with_length(config, kimg):
    """Sets the lengths of stages such that the run sees `kimg` thousand images."""
    config = config.resolved()
    share = kimg / config.total_kimg
    return _with_lengths(config, [stage.kimg * share for stage in config.stages])


def _with_lengths(config, lengths):
    stages = tuple(
        dataclasses.replace(stage, kimg=max(round(kimg, 3), 0.001))
        for stage, kimg in zip(config.stages, lengths, strict=True)
    )
    config = dataclasses.replace(config, method="multi_stage", stages=stages)
    config.validate()
    return config


def train(config, workdir):
    """Trains a run, in this process."""
    from inr_keras.training import trainer

    trainer.train(config, workdir)


def judge(run, features, samples, out, more=()):
    """Scores a run as `apps.evaluate` does, against all its real images.

    Seeds differ from the seeds of sheets, by which people choose settings.

    Args:
        run: str. Run directory.
        features: str. Path of a feature extractor.
        samples: int. Number of images to score.
        out: str. Folder for the scores and their page.
        more: Sequence of str. Metrics besides those of tables. Defaults to `()`.

    Returns:
        dict: `scores`, their `records` with passports, and `train_seconds` of the steps
        of the run.
    """
    from inr_keras.runs import record_files
    from inr_keras.studies import scoring

    request = scoring.Request(
        model=run,
        metrics=(*scoring.TABLE_METRICS, *more),
        features=features,
        samples=samples,
        kernel_block=scoring.TABLE_KERNEL_BLOCK,
    )
    [(_, records)] = scoring.judge(request, out)
    logs = record_files.read(pathlib.Path(run) / "metrics.jsonl")
    return {
        "train_seconds": sum(record_files.step_seconds(logs)),
        "scores": scoring.table_values(records),
        "records": records,
    }


def _write_json(path, value):
    text = json.dumps(value, indent=2) + "\n"
    write_beside(path, lambda temporary: temporary.write_text(text, encoding="utf-8"))
