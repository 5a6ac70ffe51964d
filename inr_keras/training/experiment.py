"""A run from its settings: data, model, `fit`, and what it leaves behind."""

import gc
import json
import pathlib
import sys

import keras
import tensorflow as tf
from absl import logging

from inr_keras import config as config_lib
from inr_keras.data import classes
from inr_keras.data import pipeline
from inr_keras.data import sources
from inr_keras.data import stage_levels
from inr_keras.files import sweep
from inr_keras.files import write_beside
from inr_keras.training import beginnings
from inr_keras.training import best
from inr_keras.training import callbacks
from inr_keras.training import checkpoints
from inr_keras.training import density
from inr_keras.training import environment
from inr_keras.training import evaluations
from inr_keras.training import guard as guard_lib
from inr_keras.training import memory
from inr_keras.training import metrics_log
from inr_keras.training import networks
from inr_keras.training import pictures
from inr_keras.training import roll_backs
from inr_keras.training import strategies
from inr_keras.training.gan import INRGAN
from inr_keras.training.optimizers import lazy_adam
from inr_keras.training.stages import StageCallback

# Fields that may change in the middle of a run: they decide what is written
# and how the same numbers are computed, to rounding.
_HARMLESS = {
    "name",
    "log_kimg",
    "sample_kimg",
    "sample_count",
    "checkpoint_kimg",
    "keep_checkpoints",
    "deterministic",
    "intra_op_threads",
    "generator.remat",
    "strategy",
    "replicas",
    "data.cache_dir",
    "on_full_disk",
    "watchdog.action",
    "watchdog.max_roll_backs",
    "watchdog.rate_factor",
}


def build_gan(config):
    """The compiled GAN that `config` describes."""
    config = classes.with_classes(config.resolved())
    keras.utils.set_random_seed(config.seed)
    generator = networks.build_generator(config)
    discriminator = networks.build_discriminator(config)
    dense_stages = [stage for stage in config.stages if stage.dense_weight]
    is_second = dense_stages and config.loss.dense_critic == "second"
    penalized = config.loss.r1_weight or config.loss.r2_weight
    interval = config.loss.r1_interval if penalized else 0
    gan = INRGAN(
        generator,
        discriminator,
        resolution=config.resolution,
        patch_size=config.patch_size,
        alignment=config.alignment,
        aligned_crops=config.aligned_crops,
        reduction=config.data.reduction,
        loss=config.loss,
        replay_every=config.replay_every,
        accumulate=config.accumulate,
        discriminator_steps=config.discriminator_steps,
        dense_discriminator=networks.build_discriminator(
            config, "dense_discriminator"
        )
        if is_second
        else None,
        density=density.load(config.data.density, config.resolution),
        ema_half_life_kimg=config.ema_half_life_kimg,
        style_mixing=config.style_mixing,
        augment_policies=config.augment,
        seed=config.seed,
        keeps_aspect=config.data.keeps_aspect,
    )
    o = config.optimizer
    adam = o.beta_1, o.beta_2, o.epsilon

    def critics_adam(stages):
        return lazy_adam(
            o.discriminator_learning_rate,
            *adam,
            r1_interval=interval,
            tail=_tail(config, stages),
        )

    gan.compile(
        lazy_adam(
            o.learning_rate,
            *adam,
            tail=_tail(config, config.stages, config.discriminator_steps),
            mapping_rate=o.mapping_rate,
        ),
        critics_adam(config.stages),
        jit_compile=config.jit_compile,
        sparse_embedding=config.generator.sparse_embedding,
        steps_per_execution=config.steps_per_execution,
        dense_optimizer=critics_adam(dense_stages) if is_second else None,
    )
    return gan


def _tail(config, stages, every=1):
    """The fall of the rates over the last stage, in an optimizer's steps.

    Args:
        config: Experiment.
        stages: Sequence of Stage. Those in which it makes a step,
        every: int. in one of so many of the run's steps.
    """
    last = config.stages[-1]
    if config.optimizer.final_rate == 1.0 or stages[-1] is not last:
        return None
    steps = 1000.0 / config.batch_size / every
    total = round(sum(stage.kimg for stage in stages), 6)
    return (
        int((total - last.kimg) * steps),
        int(total * steps),
        config.optimizer.final_rate,
    )


def limit_threads(config):
    """Sets `intra_op_threads`, where TensorFlow has not begun to work."""
    threads = config.intra_op_threads
    if threads and tf.config.threading.get_intra_op_parallelism_threads() != (
        threads
    ):
        try:
            tf.config.threading.set_intra_op_parallelism_threads(threads)
        except RuntimeError:
            logging.warning(
                "config.intra_op_threads is left as it is: TensorFlow has "
                "begun to work in this process."
            )


def within(config, workdir, limit, tell):
    """The settings, such that a run of them stays below `limit` MiB.

    A run that is there goes on as it was begun.

    Raises:
        ValueError: No settings that `memory.fit` knows stay below it.
    """
    path = pathlib.Path(workdir) / "config.json"
    if path.exists():
        saved = load_config(workdir)
        changes = {
            "generator.remat": saved.generator.remat,
            "accumulate": saved.accumulate,
        }
        return config_lib.changed(config, changes)
    found, estimate = memory.fit(config, limit, tell)
    tell(f"Within {limit:.0f} MiB: about {estimate.total:.0f} MiB")
    return found


def train(config, workdir, profile=0):
    """Trains `config` in `workdir`, or goes on with the run that is there.

    Args:
        config: Experiment.
        workdir: str or path of the run directory.
        profile: int. Steps of which TensorBoard is to have a profile.

    Returns:
        What the run has left, as a list of (path, meaning).

    Raises:
        ValueError: A setting, the data or the directory is unfit. Nothing has
            been written then.
        FloatingPointError: A loss is no longer finite.
        guard.Ill: The watchdog has ended the run.
        callbacks.Preempted: SIGTERM came; all is saved.
        strategies.WorkerLost: Another worker has stopped.
        OSError: The directory cannot be written.
    """
    config.validate()
    config = classes.with_classes(config)
    stage_levels.check(config)
    workdir = pathlib.Path(workdir)
    _check_workdir(config, workdir)
    limit_threads(config)
    if config.deterministic:
        tf.config.experimental.enable_op_determinism()
    strategy = strategies.make(config)
    with strategies.watching(strategy):
        return _train(config, workdir, strategy, profile)


def _train(config, workdir, strategy, profile):
    is_chief = strategies.is_chief(strategy)
    source = strategies.chief_first(
        strategy, lambda: sources.open_source(config.data, config.resolution)
    )
    judge = None
    if is_chief and config.evaluation.pictures:
        judge = evaluations.Judge(config, source)
    while True:
        try:
            return _attempt(config, workdir, strategy, source, judge, profile)
        except guard_lib.RollBack as error:
            factor = config.watchdog.rate_factor
            roll_backs.begin(workdir, error.finding, factor)
        gc.collect()  # The networks of this attempt, before the next.


def _attempt(config, workdir, strategy, source, judge, profile):
    """Trains until the end, or until the watchdog wants to go back."""
    is_chief = strategies.is_chief(strategy)
    with strategy.scope():
        gan = build_gan(config)
        if config.initial_generator and not checkpoints.paths(
            workdir / "checkpoints"
        ):
            beginnings.begin_with(gan, config.initial_generator)
    if is_chief:
        sweep(workdir)
        _write_config(config, workdir)
        roll_backs.finish(workdir)
    config = config.resolved()
    with strategy.scope():
        restored = roll_backs.restore(gan, workdir)
    seen, step = gan.count("images_seen"), gan.count("step")
    if len(set(strategies.gather(strategy, seen))) > 1:
        raise ValueError(
            "--workdir must be one folder that all workers share. Received: "
            f"{str(workdir)!r}, whose newest checkpoint differs between them"
        )
    if restored:
        logging.info("Going on from %s (%d pictures seen)", restored, seen)
    draw = None
    if is_chief:
        extents = pipeline.real_extents(config, config.sample_count, source)
        draw = pictures.RunPictures(gan, config, workdir, extents)
    if seen < config.total_kimg * 1000:
        if is_chief:
            environment.record(workdir, source.attribution)

        def batches(context=None):
            # Deterministic operations leave TensorFlow without a clock.
            timed = not config.deterministic
            return pipeline.training_dataset(
                config, source, step, context, timed
            )

        if config.strategy == "none":
            dataset = batches()
        else:
            dataset = strategy.distribute_datasets_from_function(batches)
        _fit(gan, config, workdir, dataset, draw, profile, judge)
    else:
        logging.info("The run in %s is complete: nothing to train.", workdir)
        if is_chief and not (workdir / "generator.keras").exists():
            callbacks.save_generator(gan.settled_average(), workdir)
    if not is_chief:
        return []
    return [
        *draw.final(),
        (workdir / "generator.keras", "the averaged generator"),
        *best.summary(workdir),
        *guard_lib.summary(workdir),
    ]


def _fit(gan, config, workdir, dataset, draw, profile, judge):
    saver = callbacks.Checkpoints(
        workdir,
        config.checkpoint_kimg,
        config.keep_checkpoints,
        goes_on=config.on_full_disk == "go_on",
    )
    guard = guard_lib.Guard(workdir, config, len(roll_backs.read(workdir)))
    is_watched = draw and config.watchdog.action != "off"
    scores = ()
    if config.evaluation.pictures:
        on_scores = guard.on_scores if is_watched else None
        scores = (evaluations.Evaluations(workdir, config, judge, on_scores),)
    interrupts = callbacks.Interrupts(gan.distribute_strategy)
    # What the chief alone shows and writes.
    progress = samples = ()
    if draw:
        progress = (
            callbacks.Progress(config.total_kimg * 1000, len(config.stages)),
        )
        samples = (callbacks.Samples(draw.samples, config.sample_kimg),)
    if profile and draw:
        samples += (callbacks.Profile(workdir, profile),)
    try:
        interrupts.defer()
        gan.fit(
            dataset,
            epochs=1,
            steps_per_epoch=sys.maxsize,
            verbose=0,
            shuffle=False,  # The pipeline has done it.
            callbacks=[
                callbacks.StopOnNaN(),  # Before anything is written.
                metrics_log.MetricsLog(
                    workdir,
                    config.log_kimg,
                    is_writing=bool(draw),
                    on_line=guard.on_line if is_watched else None,
                ),
                *scores,
                *([guard] if is_watched else []),
                # Ahead of the stage callback: a checkpoint holds the state
                # before a change, and a resumed run makes the change.
                saver,
                *progress,
                *samples,
                StageCallback(config.stages, draw and draw.stage),
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


def _check_workdir(config, workdir):
    path = workdir / "config.json"
    if not path.exists():
        parents = (workdir, *workdir.absolute().parents)
        if not next(p for p in parents if p.exists()).is_dir():
            raise ValueError(
                f"--workdir must be a folder. Received: {str(workdir)!r}"
            )
        return
    saved = load_config(workdir)
    changes = list(config_lib.differences(saved, config))
    for name, old, new in changes:
        if not _is_harmless(name, config):
            raise ValueError(
                "--workdir holds a run of another configuration: "
                f"config.{name} is {old!r} there. Received: {new!r}. Take "
                "another --workdir."
            )
    for name, old, new in changes:
        logging.info("config.%s is %r now, it was %r", name, new, old)


def _is_harmless(name, config):
    """Whether a run may go on with another value of a field."""
    last = f"stages[{len(config.stages) - 1}].kimg"
    # A longer or shorter last stage, where nothing fades over its length.
    if name == last and config.method == "multi_stage":
        fades = config.stages[-1].patch_decay or (
            config.optimizer.final_rate != 1.0
        )
        return not fades
    return name in _HARMLESS or name.startswith("evaluation.")


def _write_config(config, workdir):
    text = json.dumps(config_lib.to_dict(config), indent=2) + "\n"
    write_beside(workdir / "config.json", lambda path: path.write_text(text))


def load_config(workdir):
    """The settings of a run directory."""
    path = pathlib.Path(workdir) / "config.json"
    try:
        values = json.loads(path.read_text())
    except json.JSONDecodeError as error:
        raise ValueError(
            f"--workdir has a damaged config.json ({error}). "
            f"Received: {str(path)!r}"
        ) from error
    # A field of earlier versions.
    judged = values.pop("judged_pictures", 0)
    if judged:
        values["evaluation"] = {"pictures": judged}
    return config_lib.from_dict(values)
