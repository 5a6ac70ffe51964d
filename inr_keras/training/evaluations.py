"""Scores of the averaged generator in the course of a run."""

import dataclasses
import tempfile

import keras
import tensorflow as tf
from absl import logging

from inr_keras.data import sources
from inr_keras.evaluation import evaluate
from inr_keras.evaluation import extractors
from inr_keras.evaluation import metrics as metrics_lib
from inr_keras.evaluation import passports
from inr_keras.evaluation import references
from inr_keras.evaluation import samples as samples_lib
from inr_keras.naming import renaming
from inr_keras.runs import record_files
from inr_keras.training import callbacks
from inr_keras.training import strategies
from inr_keras.training.health import best as best_lib

_FIRST_SEED = 20_000  # Beyond the seeds of sheets and of `apps.evaluate`.
_KEPT_BYTES = 2**28  # More bytes of images are drawn again for each metric.
_BOOTSTRAP = 20  # Resampled sets for the intervals, as in `apps.evaluate`.


class Judge:
    """Scores generators as `apps.evaluate` does, always on the same latents.

    Real images are read in colour, whatever channels the networks see, and are counted
    at the beginning. Their features are kept in the same cache as by `apps.evaluate`.

    Args:
        config: Experiment.
        source: `data.base_source.Source` that the run trains on.

    Raises:
        ValueError: The extractor cannot be opened, or the images are too small or too
            few.
    """

    def __init__(self, config, source):
        self.config = config
        self.evaluation = config.evaluation
        with renaming(
            {
                "name": "config.evaluation.features",
                "extractor": "config.evaluation.features",
                "metrics": "config.evaluation.metrics",
                "trust_model": "config.evaluation.trust_model",
                "patch_size": "config.patch_size",
            }
        ):
            self.extractor = None
            if any(metrics_lib.METRICS[m] for m in self.evaluation.metrics):
                self.extractor = extractors.open_extractor(
                    self.evaluation.features, self.evaluation.trust_model
                )
            self.settings = metrics_lib.Settings(
                tuple(dict.fromkeys(self.evaluation.metrics)),
                config.resolved().patch_size,
                _BOOTSTRAP,
            )
            metrics_lib.check(self.settings, config.resolution, self.extractor)
            if config.data.channels != 3:
                data = dataclasses.replace(config.data, channels=3)
                source = sources.open_source(data, config.resolution)
            count = self.evaluation.images
            self.reference = references.Reference(
                source, references.cache_folder(), count
            )
            metrics_lib.check_counts(self.settings, count, self.reference.count)
        self.generator = None

    def records(self, generator, images_seen):
        """Scores a generator.

        Args:
            generator: Model, an averaged generator.
            images_seen: int. Real images seen until then.

        Returns:
            List of dicts: scores with their passports.
        """
        count = self.evaluation.images
        if self.generator is not generator:  # A roll back creates a new generator.
            self.generator = generator
            self.samples = _KeptSamples(
                generator,
                count,
                _FIRST_SEED,
                labels=self.reference.labels,
                extents=self.reference.extents,
            )
        self.samples.kept = None
        scores = evaluate.Evaluation(
            self.settings,
            self.samples,
            self.reference,
            self.extractor,
            tempfile.gettempdir(),  # Not `workdir`, where a kill would leave files.
        ).run()
        facts = {"images_seen": images_seen, "kimg": images_seen / 1000.0}
        records = [passports.record(score, **facts) for score in scores]
        return [passports.finite(record) for record in records]


class _KeptSamples(samples_lib.Samples):
    """Samples that are drawn once for all metrics of an evaluation."""

    kept = None

    def batches(self):
        if self.count * self.resolution**2 * 3 > _KEPT_BYTES:
            return super().batches()
        if self.kept is None:
            self.kept = list(super().batches())
        return iter(self.kept)


class Evaluations(keras.callbacks.Callback):
    """Scores the averaged generator in intervals of images, and keeps the best.

    Each score is a line of `evaluations.jsonl` and a point in TensorBoard. The callback
    must come before `Checkpoints`: a killed run then resumes from a checkpoint whose
    scores have all been written, and repeats the later scores.

    Args:
        workdir: Path of the run directory.
        config: Experiment.
        judge: Judge in the chief worker, `None` in the others.
        on_scores: Function of images seen and the records of the scores, which the
            chief calls. Defaults to `None`.
    """

    def __init__(self, workdir, config, judge, on_scores=None):
        super().__init__()
        self.workdir = workdir
        self.name = config.evaluation.best_by
        kimg = config.evaluation.kimg or config.checkpoint_kimg
        self.due = callbacks.Every(kimg, config.evaluation.growth)
        self.total = config.total_kimg * 1000.0
        self.goes_on = config.on_full_disk == "go_on"
        self.judge = judge
        self.on_scores = on_scores
        self.writer = None

    def on_train_begin(self, logs=None):
        seen = self.model.count("images_seen")
        self.due(seen)
        self.best = best_lib.BestState(self.model, self.workdir, self.name)
        if self.judge:
            record_files.drop(
                self.workdir / record_files.EVALUATIONS,
                lambda r: r["images_seen"] > seen,
            )

    def on_train_batch_end(self, batch, logs=None):
        seen = self.model.count("images_seen")
        if self.due(seen) or seen >= self.total:
            with callbacks.despite_full_disk(self.goes_on, "evaluation"):
                self.evaluate(seen)

    def on_train_end(self, logs=None):
        if self.writer:
            self.writer.close()

    def evaluate(self, seen):
        """Scores the present state; all workers must call it.

        Args:
            seen: int. Real images seen.
        """
        records, decisive = [], None
        if self.judge:
            average = self.model.settled_average()
            records = self.judge.records(average, seen)
            decisive = next(r for r in records if record_files.is_of(r, self.name))
        better = bool(decisive and self.best.is_better(decisive))
        strategy = self.model.distribute_strategy
        better = bool(max(strategies.gather(strategy, int(better))))
        if better:
            self.best.keep(decisive)
        if not records:
            return
        passports.append(self.workdir, records, record_files.EVALUATIONS)
        self._show(seen, records, better)
        if self.on_scores:
            self.on_scores(seen, records)

    def _show(self, seen, records, better):
        records = [r for r in records if r["value"] is not None]
        texts = [f"{r['metric']} {r['value']:.4g}" for r in records]
        logging.info(
            "Scores at %.1f kimg: %s%s",
            seen / 1000.0,
            "  ".join(texts),
            f"  (best {self.name} so far)" if better else "",
        )
        if self.writer is None:
            self.writer = tf.summary.create_file_writer(str(self.workdir / "events"))
        with self.writer.as_default(step=seen):
            for record in records:
                name = f"scores/{record['metric']}"
                tf.summary.scalar(name, record["value"])
        self.writer.flush()
