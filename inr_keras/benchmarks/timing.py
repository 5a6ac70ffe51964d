"""Speed of the parts of a training step, and products of a generator."""

import dataclasses

import rich.table
import tensorflow as tf

from inr_keras.benchmarks import network_speed
from inr_keras.benchmarks import stopwatch
from inr_keras.layers import ModulatedDense
from inr_keras.models import CIPSGenerator
from inr_keras.models.volume_generator import VolumeGenerator
from inr_keras.training import build
from inr_keras.training.patches import batches


def dense_shapes(generator):
    """Lists (inputs, outputs) of each product of a point's forward pass.

    Returns:
        List of pairs of int, or `None` where the generator is not CIPS's.
    """
    if isinstance(generator, VolumeGenerator):  # A video draws a point at all times.
        shapes = dense_shapes(generator.volume)
        return shapes and shapes * max(generator.video_length, 1)
    if not isinstance(generator, CIPSGenerator):
        return None
    layers = [
        generator.fourier,
        *[s for s in generator.shortcuts if s is not None],
        *[
            layer
            for layer in generator._flatten_layers(include_self=False)
            if isinstance(layer, ModulatedDense)
        ],
    ]
    return [tuple(layer.kernel.shape) for layer in layers]


def measure_training_step(config, runs=10, seed=0):
    """Measures a training step and its parts, on random images.

    Parts are timed alone, each as its own graph, so that their sum (R1 divided by
    its interval) may differ from the whole step.

    Returns:
        dict from the name of a part to an array of seconds.
    """
    gan = build.gan_at_stage(config)
    data = batches.random_item(dataclasses.replace(config, seed=seed))
    batch = batches.unpack(data, config.data.labels, gan.keeps_aspect)
    images = batch.images
    draws = gan.draw(config.batch_size, batch.labels, batch.extents)
    losses = gan.stage_losses
    adversarial = losses.framed_losses[0].adversarial
    pair = losses.patches(images, draws)[0].pair
    due, other = tf.constant(0), tf.constant(1)
    parts = {
        "G forward": lambda: losses.patches(images, draws)[0].rendered,
        "D step (forward and backward)": lambda: adversarial.discriminator_gradients(
            pair, other
        )[1],
        "R1 (when due)": lambda: adversarial.lazy_penalty(pair.real, pair, 1.0, due)[1],
        "G step (forward and backward)": lambda: losses.generator_gradients(
            images, draws, gan.images_seen
        )[1],
    }
    result = {
        name: stopwatch.measure(tf.function(part, autograph=False), runs)
        for name, part in parts.items()
    }
    interval = config.loss.r1_interval
    step = tf.function(gan.train_step, autograph=False)

    def steps():
        for _ in range(2 * interval):  # Both branches of the lazy term.
            logs = step(data)
        return logs

    seconds = stopwatch.measure(steps, runs=1, warmup=1) / (2 * interval)
    result["whole step, R1 amortized"] = seconds
    return result


def tables(results, config):
    """Builds rich tables of a benchmark's `generator` and `training_step`."""
    speeds = network_speed.table(results["generator"])
    step = rich.table.Table(
        title=f"A training step of {config.name}, batch {config.batch_size}"
    )
    for name in ("part", "median ms", "min ms", "max ms"):
        step.add_column(name, justify="left" if name == "part" else "right")
    for name, row in results["training_step"].items():
        step.add_row(name, *(f"{row[k]:.1f}" for k in row))
    return [speeds, step]
