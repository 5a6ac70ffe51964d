"""Suites of runs that are trained for equal time and scored alike."""

import dataclasses
import json
import pathlib

from inr_keras import config as config_lib
from inr_keras.benchmarks import fresh_process
from inr_keras.benchmarks import training_cost
from inr_keras.files import write_beside

BEYOND = (-1.5, -1.5, 1.5, 1.5)  # Region beyond the frame that pages show.


@dataclasses.dataclass(frozen=True)
class Entry:
    """One run of a suite and its changes of the suite's config."""

    name: str
    title: str
    changes: dict = dataclasses.field(default_factory=dict)
    seed: int = 0
    config: config_lib.Experiment | None = None  # Used in place of the suite's.

    @property
    def folder(self):
        return f"{self.name}_seed{self.seed}"


def build_entries(name, config, seeds=(0,), against=None, only=()):
    """Lists the entries of a suite for each seed.

    Args:
        name: str. `table1`: the paper's methods and the ablation of patch
            regularization; `variants`: one change each to the plain recipe.
        config: Experiment. Multi-stage training.
        seeds: Sequence of int.
        against: Experiment. One more entry, named as it is.
        only: Sequence of str. Names of the entries to keep; `()`: all.

    Raises:
        ValueError: The config's method is not multi-stage training, or a name of
            `only` is unknown.
    """
    if config.method != "multi_stage":
        raise ValueError(
            f"config.method must be multi_stage. Received: {config.method!r}"
        )
    entries = _table1() if name == "table1" else _variants(config)
    if against:
        entries.append(Entry(against.name, against.name, config=against))
    names = [entry.name for entry in entries]
    for chosen in only:
        if chosen not in names:
            raise ValueError(
                f"`only` must be of {', '.join(names)}. Received: {chosen!r}"
            )
    if only:
        entries = [entry for entry in entries if entry.name in only]
    return [
        dataclasses.replace(entry, seed=seed) for seed in seeds for entry in entries
    ]


def _table1():
    return [
        Entry("image", "image-based", {"method": "image"}),
        Entry("patch", "patch-based", {"method": "patch"}),
        Entry(
            "unregularized",
            "multi-stage, no patch regularization",
            {"stages.patch_weight": 0.0},
        ),
        Entry("multi_stage", "multi-stage"),
    ]


def _variants(config):
    first = config.resolution // config.stages[0].stride
    shorter = [dataclasses.replace(s, kimg=s.kimg / 2) for s in config.stages]
    r1_weight = config.loss.r1_weight
    small_table = {"generator.embedding_size": first}
    tables = [("small_table", "table as dense as the first grid", small_table)]
    variants = (
        ("corner", "corner alignment", {"alignment": "corner"}),
        ("center", "center alignment", {"alignment": "center"}),
        ("span", "each stage spans the frame", {"alignment": "span"}),
        *(tables if isinstance(config.generator, config_lib.CIPS) else ()),
        ("clip", "fakes clipped", {"loss.clip_fakes": True}),
        ("decay", "weight decays to 0", {"stages.patch_decay": 1.0}),
        ("pool", "only low frequencies held", {"loss.patch_pool": 2}),
        ("margin", "margin of 0.1", {"loss.patch_margin": 0.1}),
        ("replay", "a quarter replayed", {"replay_every": 4}),
        ("position", "discriminator told the place", {"discriminator.position": True}),
        (
            "replay_position",
            "replay, and discriminator told the place",
            {"replay_every": 4, "discriminator.position": True},
        ),
        (
            "relativistic",
            "relativistic, R1 and R2",
            {"loss.adversarial": "relativistic", "loss.r2_weight": r1_weight},
        ),
        (
            "rates",
            "rates fall to a tenth",
            {"optimizer.final_rate": 0.1},
        ),
        (
            "short_start",
            "half the time before the last stage",
            {"stages": (*shorter[:-1], config.stages[-1])},
        ),
        (
            "lean_discriminator",
            "discriminator half as wide at full size",
            training_cost.lean_discriminator(config),
        ),
    )
    return [
        Entry("plain", "the plain recipe"),
        *(
            Entry(*variant)
            for variant in variants
            if config_lib.changed(config, variant[-1]) != config
        ),
    ]


class Runner:
    """Trains and scores the entries of a suite, each once.

    Results are kept on disk: the same call goes on after an interruption.

    Args:
        config: Experiment. Multi-stage training.
        workdir: str or path of a folder, where each entry gets its own.
        features: str or path of a feature extractor.
        minutes: float. Training time of each entry.
        samples: int. Number of images of each generator to score.

    Raises:
        ValueError: `minutes` is not positive or `features` is no file.
    """

    def __init__(self, config, workdir, features, minutes, samples=2000):
        if not minutes > 0:
            raise ValueError(f"`minutes` must be positive. Received: {minutes}")
        if not pathlib.Path(features).is_file():
            raise ValueError(f"`features` must be a file. Received: {features!r}")
        self.config = config
        self.workdir = pathlib.Path(workdir)
        self.features = str(features)
        self.minutes = minutes
        self.samples = samples

    def folder(self, entry):
        return self.workdir / entry.folder

    def run_all(self, entries, tell=lambda text: None):
        """Finishes all entries and returns their results."""
        results = []
        for number, entry in enumerate(entries, 1):
            tell(f"{number} of {len(entries)}: {entry.folder}")
            results.append(self.run(entry, tell))
            tell(f"{entry.title}: FD {results[-1]['scores']['fd']:.1f}")
        return results

    def run(self, entry, tell=lambda text: None):
        """Finishes an entry, unless it is finished, and returns its results."""
        folder = self.folder(entry)
        done = folder / "results.json"
        settings = self._settings(entry)
        if done.exists():
            results = json.loads(done.read_text())
            if not _are_same(results["settings"], settings):
                raise ValueError(
                    f"`workdir` holds results of other settings for "
                    f"{entry.name}. Received: {str(self.workdir)!r}"
                )
            return results
        plan_file, run = folder / "plan.json", str(folder / "run")
        if not plan_file.exists():
            tell(f"{entry.title}: measuring its speed")
            planned = fresh_process.call(
                plan,
                config=config_lib.from_dict(settings["config"]),
                minutes=self.minutes,
            )
            _write_json(plan_file, {"config": config_lib.to_dict(planned)})
        planned = config_lib.from_dict(json.loads(plan_file.read_text())["config"])
        tell(f"{entry.title}: training for about {self.minutes:g} minutes")
        fresh_process.call(train, show=True, config=planned, workdir=run)
        tell(f"{entry.title}: judging {self.samples} samples")
        judged = fresh_process.call(
            judge,
            run=run,
            features=self.features,
            samples=self.samples,
            out=str(folder / "scores"),
        )
        results = {
            "name": entry.name,
            "title": entry.title,
            "seed": entry.seed,
            "settings": settings,
            **judged,
            "cost": training_cost.measure(planned),
        }
        _write_json(done, results)
        return results

    def _settings(self, entry):
        config = config_lib.changed(
            entry.config or self.config, {**entry.changes, "seed": entry.seed}
        )
        config.validate()
        # Through JSON, so that settings read back compare equal.
        return json.loads(
            json.dumps(
                {
                    "config": config_lib.to_dict(config),
                    "minutes": self.minutes,
                }
            )
        )


def _are_same(saved, settings):
    """Compares settings; fields that the saved ones lack have their defaults."""
    configs = [config_lib.from_dict(s["config"]) for s in (saved, settings)]
    return saved["minutes"] == settings["minutes"] and configs[0] == configs[1]


def plan(config, minutes):
    """Sets the lengths of stages such that the run takes a number of minutes.

    A stage's share of the time is its share of the config's `kimg`; its speed is
    measured on random images, in this process.
    """
    config = config.resolved()
    stages = []
    for index, stage in enumerate(config.stages):
        rate = training_cost.images_per_second(config, index)
        seconds = minutes * 60.0 * stage.kimg / config.total_kimg
        kimg = max(round(seconds * rate / 1000.0, 3), 0.001)
        stages.append(dataclasses.replace(stage, kimg=kimg))
    config = dataclasses.replace(config, method="multi_stage", stages=tuple(stages))
    config.validate()
    return config


def train(config, workdir):
    """Trains a run, in this process."""
    from inr_keras.training import trainer

    trainer.train(config, workdir)


def judge(run, features, samples, out):
    """Scores a run as `apps.evaluate` does, against all its real images.

    Seeds differ from the seeds of sheets, by which people choose settings.

    Args:
        run: str. Run directory.
        features: str. Path of a feature extractor.
        samples: int. Number of images to score.
        out: str. Folder for the scores and their page.

    Returns:
        dict: `scores`, their `records` with passports, and `kimg` and
        `train_seconds` of the run.
    """
    from inr_keras.runs import record_files
    from inr_keras.studies import scoring

    request = scoring.Request(
        model=run,
        metrics=scoring.TABLE_METRICS,
        features=features,
        samples=samples,
        kernel_block=scoring.TABLE_KERNEL_BLOCK,
    )
    [(_, records)] = scoring.judge(request, out)
    logs = record_files.read(pathlib.Path(run) / "metrics.jsonl")
    return {
        "kimg": logs[-1]["images_seen"] / 1000.0,
        "train_seconds": sum(log["seconds"] for log in logs),
        "scores": scoring.table_values(records),
        "records": records,
    }


def _write_json(path, value):
    text = json.dumps(value, indent=2) + "\n"
    write_beside(path, lambda temporary: temporary.write_text(text))
