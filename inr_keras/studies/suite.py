"""Suites of runs that are trained for equal time and judged alike.

Run as a program it does one step of an entry, in a process of its own.
"""

import dataclasses
import json
import pathlib
import subprocess
import sys

import numpy as np

from inr_keras import config as config_lib
from inr_keras.benchmarks import training_cost
from inr_keras.files import write_beside

BEYOND = (-1.5, -1.5, 1.5, 1.5)


@dataclasses.dataclass(frozen=True)
class Entry:
    """One run of a suite: what differs from the suite's config."""

    name: str
    title: str
    changes: dict = dataclasses.field(default_factory=dict)
    seed: int = 0
    config: config_lib.Experiment | None = None  # Instead of the suite's.

    @property
    def folder(self):
        return f"{self.name}_seed{self.seed}"


def suite(name, config, seeds=(0,), against=None):
    """The entries of a suite, for each seed.

    Args:
        name: str. `table1`: the paper's methods and the ablation of patch
            regularization; `variants`: one change each to the plain recipe.
        config: Experiment. Multi-stage training.
        seeds: Sequence of int.
        against: Experiment. One more recipe, under its own name.
    """
    entries = _table1() if name == "table1" else _variants(config)
    if against:
        entries.append(Entry(against.name, against.name, config=against))
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
    """Trains and judges the entries of a suite, each once.

    What is done is on disk: the same call goes on after an interruption.

    Args:
        config: Experiment. Multi-stage training.
        workdir: str or path. A folder for each entry is made there.
        features: str or path of a feature extractor.
        minutes: float. Training time of each entry.
        samples: int. Images that are judged.
    """

    def __init__(self, config, workdir, features, minutes, samples=2000):
        self.config = config
        self.workdir = pathlib.Path(workdir)
        self.features = str(features)
        self.minutes = minutes
        self.samples = samples

    def folder(self, entry):
        return self.workdir / entry.folder

    def run(self, entry, tell=lambda text: None):
        """Does what is left to do for an entry; returns its results."""
        folder = self.folder(entry)
        done = folder / "results.json"
        settings = self._settings(entry)
        if done.exists():
            results = json.loads(done.read_text())
            if not _are_same(results["settings"], settings):
                raise ValueError(
                    f"--workdir holds results of other settings for "
                    f"{entry.name}. Received: {str(self.workdir)!r}"
                )
            return results
        plan = folder / "plan.json"
        if not plan.exists():
            tell(f"{entry.title}: measuring its speed")
            answer = _child("plan", settings)
            _write_json(plan, answer)
        planned = json.loads(plan.read_text())
        tell(f"{entry.title}: training for about {self.minutes:g} minutes")
        work = {**planned, "workdir": str(folder / "run")}
        _child("train", work, show=True)
        tell(f"{entry.title}: judging {self.samples} samples")
        judged = _child(
            "judge",
            {
                "workdir": str(folder / "run"),
                "features": self.features,
                "samples": self.samples,
                "real": str(self.workdir / "real_features.npy"),
            },
        )
        cost = training_cost.measure(config_lib.from_dict(planned["config"]))
        results = {
            "name": entry.name,
            "title": entry.title,
            "seed": entry.seed,
            "settings": settings,
            "kimg": judged.pop("kimg"),
            "train_seconds": judged.pop("train_seconds"),
            "scores": judged,
            "cost": cost,
        }
        _write_json(done, results)
        return results

    def _settings(self, entry):
        config = config_lib.changed(
            entry.config or self.config, {**entry.changes, "seed": entry.seed}
        )
        config.validate()
        # As JSON has it, so that what is read back compares equal.
        return json.loads(
            json.dumps(
                {
                    "config": config_lib.to_dict(config),
                    "minutes": self.minutes,
                }
            )
        )


def _are_same(saved, settings):
    """Compares settings; fields newer than the saved have their defaults."""
    configs = [config_lib.from_dict(s["config"]) for s in (saved, settings)]
    return saved["minutes"] == settings["minutes"] and configs[0] == configs[1]


def plan(work):
    """Gives stages the lengths that fill the time, in the given shares.

    A stage's speed is measured on random images; `kimg` of the config are
    the shares of the time.
    """
    config = config_lib.from_dict(work["config"]).resolved()
    total = config.total_kimg
    stages = []
    for index, stage in enumerate(config.stages):
        rate = training_cost.images_per_second(config, index)
        seconds = work["minutes"] * 60.0 * stage.kimg / total
        kimg = max(round(seconds * rate / 1000.0, 3), 0.001)
        stages.append(dataclasses.replace(stage, kimg=kimg))
    config = dataclasses.replace(config, method="multi_stage", stages=tuple(stages))
    config.validate()
    return {"config": config_lib.to_dict(config)}


def train(work):
    from inr_keras.training import experiment

    config = config_lib.from_dict(work["config"])
    experiment.train(config, work["workdir"])
    return {}


def judge(work):
    """Scores of a run, from latents of its own and all its real images."""
    from inr_keras import rendering
    from inr_keras import runs
    from inr_keras.data import pipeline
    from inr_keras.evaluation import extractors
    from inr_keras.evaluation import scores
    from inr_keras.runs import config_file
    from inr_keras.runs import record_files

    run = pathlib.Path(work["workdir"])
    config = config_file.load_config(run)
    extractor = extractors.open_extractor(work["features"])
    real_path = pathlib.Path(work["real"])
    if not real_path.exists():
        real = pipeline.real_images(config)
        found = scores.features(extractor, real)
        write_beside(real_path, lambda path: _save(path, found))
    renderer = rendering.Renderer(runs.load_generator(run))
    # Not those of the sheets, which people look at to choose settings.
    seeds = range(10_000, 10_000 + work["samples"])
    latents = rendering.latents_from_seeds(seeds, renderer.generator.latent_dim)
    labels = None
    if config.data.labels:  # The shares of classes are the data's.
        labels = np.resize(pipeline.real_labels(config), len(latents))
    styles = renderer.styles(latents, labels=labels)
    fake = rendering.to_uint8(renderer.render(styles))
    extents = pipeline.real_extents(config)
    if extents is not None:
        extents = np.resize(extents, (len(fake), 2))
    fake = rendering.letterboxed(fake, extents, config.resolution, config.alignment)
    fake = scores.features(extractor, fake)
    records = record_files.read(run / "metrics.jsonl")
    return {
        **scores.compare(np.load(real_path), fake),
        "kimg": records[-1]["images_seen"] / 1000.0,
        "train_seconds": sum(record["seconds"] for record in records),
    }


def _save(path, array):
    with open(path, "wb") as file:
        np.save(file, array)


def _write_json(path, value):
    text = json.dumps(value, indent=2) + "\n"
    write_beside(path, lambda temporary: temporary.write_text(text))


def _child(step, work, show=False):
    """One step in a fresh process; what it says is seen where `show`.

    Raises:
        ValueError, FloatingPointError, KeyboardInterrupt: As the step did.
        RuntimeError: It ended in another way.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "inr_keras.studies.suite", step],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=None if show else subprocess.PIPE,
        text=True,
    )
    try:
        out, errors = process.communicate(json.dumps(work))
    except KeyboardInterrupt:
        process.wait()  # The step had it too, and saves what it has done.
        raise
    if process.returncode == 0:
        return json.loads(out.strip().splitlines()[-1])
    if process.returncode in _ERRORS:
        answer = json.loads(out.strip().splitlines()[-1])
        raise _ERRORS[process.returncode](answer["error"])
    if process.returncode == 130:
        raise KeyboardInterrupt
    lines = (errors or "").strip().splitlines()
    reason = lines[-1] if lines else f"exit code {process.returncode}"
    raise RuntimeError(f"{step} failed: {reason}")


_STEPS = {"plan": plan, "train": train, "judge": judge}
_ERRORS = {1: FloatingPointError, 2: ValueError}


def main():
    work = json.loads(sys.stdin.read())
    try:
        answer, code = _STEPS[sys.argv[1]](work), 0
    except FloatingPointError as error:
        answer, code = {"error": str(error)}, 1
    except (ValueError, OSError) as error:
        answer, code = {"error": str(error)}, 2
    except KeyboardInterrupt:
        answer, code = {}, 130
    print(json.dumps(answer), flush=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
