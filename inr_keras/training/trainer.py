"""Run of an experiment: data, model, `fit`, and the files that it writes."""

import contextlib
import gc
import pathlib
import sys

import tensorflow as tf
from absl import logging

from inr_keras import locks
from inr_keras import paths
from inr_keras.data import classes
from inr_keras.data import pipeline
from inr_keras.data import sources
from inr_keras.data import stage_levels
from inr_keras.files import sweep
from inr_keras.runs import config_file
from inr_keras.runs import environment
from inr_keras.training import build
from inr_keras.training import callbacks
from inr_keras.training import checkpoints
from inr_keras.training import dtype_choice
from inr_keras.training import evaluations
from inr_keras.training import feature_maps
from inr_keras.training import initial_networks
from inr_keras.training import matching
from inr_keras.training import metrics_log
from inr_keras.training import run_identity
from inr_keras.training import signal_images
from inr_keras.training import strategies
from inr_keras.training.health import best
from inr_keras.training.health import guard as guard_lib
from inr_keras.training.health import roll_backs
from inr_keras.training.stages import StageCallback


def train(config, workdir, profile=0):
    """Trains in a new run directory, or resumes the run in an existing one.

    Args:
        config: Experiment.
        workdir: str or path of the run directory.
        profile: int. Number of steps to profile for TensorBoard. Defaults to `0`.

    Returns:
        List of pairs: the path and the meaning of each file that the run writes.

    Raises:
        ValueError: See `check`, or the data does not fit. Nothing has been written.
        FloatingPointError: A loss is no longer finite.
        guard.RunStopped: The watchdog has ended the run.
        callbacks.Preempted: SIGTERM came; all is saved.
        strategies.WorkerLost: Another worker has stopped.
        OSError: The directory cannot be written.
    """
    workdir = pathlib.Path(workdir)
    config = check(config, workdir)
    build.limit_threads(config)
    if config.deterministic:
        tf.config.experimental.enable_op_determinism()
    strategy = strategies.make(config)
    is_chief = strategies.is_chief(strategy)
    lock = locks.locked(workdir, "workdir") if is_chief else contextlib.nullcontext()
    with lock, strategies.watching(strategy):
        source = strategies.chief_first(
            strategy, lambda: sources.open_source(config.data, config.resolution)
        )
        facts = run_identity.check_images(config, workdir, source)
        matching.check(config, source)
        config = dtype_choice.decide(config, workdir, strategy)
        judge = None
        if is_chief and config.evaluation.images:
            judge = evaluations.Judge(config, source)
        while True:
            try:
                return _attempt(
                    config, workdir, strategy, source, facts, judge, profile
                )
            except guard_lib.RollBack as error:
                factor = config.watchdog.rate_factor
                roll_backs.begin(workdir, error.finding, factor)
            gc.collect()  # Frees the networks of this attempt before the next.


def check(config, workdir):
    """Refuses settings that are wrong, as far as this can be told without images.

    Args:
        config, workdir: See `train`.

    Returns:
        Experiment with resolved paths and the data's classes.

    Raises:
        ValueError: A setting is invalid, needs something that is missing, or does not
            fit the run directory.
    """
    config.validate()
    config = paths.in_settings(config)
    config = classes.with_classes(config)
    stage_levels.check(config)
    feature_maps.check(config)
    workdir = pathlib.Path(workdir)
    run_identity.check_settings(dtype_choice.kept(config, workdir), workdir)
    return config


def _attempt(config, workdir, strategy, source, facts, judge, profile):
    """Trains from the newest checkpoint to the end, or until `guard.RollBack`."""
    is_chief = strategies.is_chief(strategy)
    with strategy.scope():
        gan = build.build_gan(config)
        if config.loss.match_weight:
            gan.matches = matching.matches_of(config, source)
        if not checkpoints.paths(workdir / "checkpoints"):
            initial_networks.begin_with(gan, config)
    if is_chief:
        sweep(workdir)
        roll_backs.finish(workdir)
    _restore(gan, workdir, strategy)
    if is_chief:
        config_file.write_config(config, workdir)
    config = config.resolved()
    images = None
    if is_chief:
        extents = pipeline.real_extents(config, config.sample_count, source)
        images = signal_images.run_images_of(gan, config, workdir, extents)
    if gan.count("images_seen") < config.total_kimg * 1000:
        if is_chief:
            environment.record(workdir, source.attribution, facts)
        dataset = _open_dataset(config, source, gan.count("step"), strategy)
        _fit(gan, config, workdir, dataset, images, profile, judge)
    else:
        logging.info("The run in %s is complete: nothing to train.", workdir)
        if is_chief and not (workdir / "generator.keras").exists():
            checkpoints.save_generator(gan, workdir / "generator.keras")
    if not is_chief:
        return []
    return [
        *images.final(),
        (workdir / "generator.keras", "the averaged generator"),
        *best.summary(workdir),
        *guard_lib.summary(workdir),
    ]


def _restore(gan, workdir, strategy):
    """Reads the newest checkpoint, which must be the same in all workers."""
    with strategy.scope():
        path = roll_backs.restore(gan, workdir)
    seen = gan.count("images_seen")
    if len(set(strategies.gather(strategy, seen))) > 1:
        raise ValueError(
            "`workdir` must be one folder that all workers share. Received: "
            f"{str(workdir)!r}, whose newest checkpoint differs between them"
        )
    if path:
        logging.info("Going on from %s (%d images seen)", path, seen)


def _open_dataset(config, source, step, strategy):
    """Opens the batches of the run from a step on."""

    def batches(context=None):
        # Deterministic operations leave TensorFlow without a clock.
        timed = not config.deterministic
        return pipeline.training_dataset(config, source, step, context, timed)

    if config.strategy == "none":
        return batches()
    return strategy.distribute_datasets_from_function(batches)


def _fit(gan, config, workdir, dataset, images, profile, judge):
    """Trains to the end of the schedule; only the chief has `images` and `judge`."""
    saver = callbacks.Checkpoints(
        workdir,
        config.checkpoint_kimg,
        config.keep_checkpoints,
        goes_on=config.on_full_disk == "go_on",
    )
    guard = guard_lib.Guard(workdir, config, len(roll_backs.read(workdir)))
    is_watched = images and config.watchdog.action != "off"
    scores = ()
    if config.evaluation.images:
        on_scores = guard.on_scores if is_watched else None
        scores = (evaluations.Evaluations(workdir, config, judge, on_scores),)
    interrupts = callbacks.Interrupts(gan.distribute_strategy)
    searches = ()
    if gan.matches is not None:
        searches = (matching.MatchSearch(config.loss.match_kimg),)
    # Only the chief shows and writes these.
    progress = samples = ()
    if images:
        progress = (callbacks.Progress(config.total_kimg * 1000, len(config.stages)),)
        samples = (callbacks.Samples(images.samples, config.sample_kimg),)
    if profile and images:
        samples += (callbacks.Profile(workdir, profile),)
    try:
        interrupts.defer()
        gan.fit(
            dataset,
            epochs=1,
            steps_per_epoch=sys.maxsize,
            verbose=0,
            shuffle=False,  # The pipeline shuffles.
            callbacks=[
                callbacks.StopOnNaN(),  # Before anything is written.
                metrics_log.MetricsLog(
                    workdir,
                    config.log_kimg,
                    is_writing=bool(images),
                    on_line=guard.on_line if is_watched else None,
                ),
                *searches,
                *scores,
                *([guard] if is_watched else []),
                # Before the stage callback: a checkpoint holds the state before a
                # change of stage, and a resumed run makes the change.
                saver,
                *progress,
                *samples,
                StageCallback(config.stages, images and images.stage),
                interrupts,
            ],
        )
    except FloatingPointError as error:
        guard.on_failure(gan.count("images_seen"), error)
    except (KeyboardInterrupt, callbacks.Preempted):
        path = saver.save() if interrupts.is_orderly else "the last checkpoint"
        logging.warning("Stopped. The same command goes on from %s.", path)
        raise
    finally:
        interrupts.restore()
        for bar in progress:
            bar.close()
    saver.save()
