"""Choice of a run's dtype, by a short measurement at its start."""

import dataclasses
import gc
import pathlib
import time

import numpy as np
import tensorflow as tf
from absl import logging

from inr_keras.config import choices
from inr_keras.runs import config_file
from inr_keras.training import build
from inr_keras.training import strategies
from inr_keras.training.patches import batches

# Share of float32's time: smaller gains may be chance, or not worth the precision.
_WORTH = 0.9
_POINTS = 8192  # At most, on a CPU.
_ROUNDS, _SECONDS = 5, 3.0  # Rounds of steps in turns, and more for as long.


def kept(config, workdir):
    """Takes the dtype of the run in a directory if `config.dtype` is `"auto"`.

    Args:
        config: Experiment.
        workdir: str or path of the run directory.

    Returns:
        Experiment.
    """
    if (
        config.dtype != choices.AUTO
        or not (pathlib.Path(workdir) / "config.json").exists()
    ):
        return config
    return dataclasses.replace(config, dtype=config_file.load_config(workdir).dtype)


def decide(config, workdir, strategy=None, measure=None):
    """Decides the dtype by a measurement if `config.dtype` is `"auto"`.

    Args:
        config: Experiment.
        workdir: str or path of the run directory; if it holds a run, the run's dtype is
            taken without a measurement.
        strategy: tf.distribute.Strategy. All of its workers must call this function and
            take the dtype of the first worker, which alone measures, even if they do
            not see its run directory. Defaults to `None`: a single process.
        measure: Function like `step_seconds`, which is the default.

    Returns:
        Experiment with one of `choices.DTYPES`.

    Example:
        >>> config = dataclasses.replace(tiny.get_config(), dtype="auto")
        >>> decide(config, "new", measure=lambda cases: [[0.4, 0.3]]).dtype
        'mixed_bfloat16'
    """
    if config.dtype != choices.AUTO:
        return config
    strategy = strategy or tf.distribute.get_strategy()
    known = kept(config, workdir)
    dtype = known.policy
    # Measurements of other workers would not count.
    if known.dtype == choices.AUTO and strategies.is_chief(strategy):
        batch = config.batch_size // strategy.num_replicas_in_sync
        dtype = _faster(config, batch, measure or step_seconds)
    [choice, *_] = strategies.gather(strategy, choices.DTYPES.index(dtype))
    logging.info("config.dtype=auto is %s in this run", choices.DTYPES[choice])
    return dataclasses.replace(config, dtype=choices.DTYPES[choice])


def _faster(config, batch, measure):
    """Measures which dtype one device should take for its share of the batch."""
    cases = [
        dataclasses.replace(config, dtype=dtype, batch_size=batch)
        for dtype in choices.DTYPES
    ]
    seconds = np.array(measure(cases))
    gc.collect()  # The networks that were measured.
    share = np.median(seconds[:, 1] / seconds[:, 0])  # Neighbours slow down both.
    full, half = np.median(seconds, axis=0) * 1e3
    logging.info(
        "%s takes %.2f of float32's time here (%.3g of %.3g ms), and is worth it up to "
        "%.1f",
        choices.DTYPES[1],
        share,
        half,
        full,
        _WORTH,
    )
    return choices.DTYPES[int(share <= _WORTH)]


def step_seconds(cases):
    """Measures the gradients of both networks in the last stage, without penalties.

    On a CPU a few patches stand for the batch.

    Args:
        cases: List of Experiment. Their steps run in turns.

    Returns:
        Array `(rounds, cases)` of seconds, for as many rounds as a short while has
        room for.
    """
    steps = [_step(config) for config in cases]
    for step in steps:
        step()  # Compiles.
    rounds, begun = [], time.perf_counter()
    while len(rounds) < _ROUNDS or time.perf_counter() - begun < _SECONDS:
        spent = []
        for step in steps:
            begin = time.perf_counter()
            step()
            spent.append(time.perf_counter() - begin)
        rounds.append(spent)
    return np.array(rounds)


def _step(config):
    """Makes a function that computes the gradients of a few patches."""
    resolved = config.resolved()
    points = resolved.patch_size**config.data.axes * max(config.data.video_length, 1)
    count = max(config.batch_size // config.accumulate, 1)
    if not tf.config.list_physical_devices("GPU"):
        count = min(count, max(_POINTS // points, 1))
    config = dataclasses.replace(
        resolved,
        batch_size=count,
        replay_every=0,
        loss=dataclasses.replace(config.loss, r1_weight=0.0, r2_weight=0.0),
    )
    gan = build.gan_at_stage(config)
    images, batch = gan.take(batches.random_item(config))
    draws = gan.draw(count, batch.labels, batch.extents)
    losses, variables = gan.stage_losses, gan.generator.trainable_variables

    @tf.function(autograph=False, jit_compile=config.jit_compile)
    def gradients(images, draws):
        with tf.GradientTape() as tape:
            patches = losses.patches(images, draws)
            with tape.stop_recording():
                _, of_discriminators = losses.discriminator_gradients(patches, 1)
            _, loss = losses.generator_loss(patches, draws, 0)
        results = [*of_discriminators, tape.gradient(loss, variables)]
        # One number, of all that is computed.
        return tf.add_n([_sum(g) for g in tf.nest.flatten(results) if g is not None])

    return lambda: float(gradients(images, draws))


def _sum(gradient):
    values = getattr(gradient, "values", gradient)
    return tf.reduce_sum(tf.cast(values, "float32"))
