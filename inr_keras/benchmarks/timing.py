"""Speed of the generator against plain products, and of the parts of a step."""

import dataclasses
import time

import keras
import numpy as np
import rich.table
import tensorflow as tf

from inr_keras.layers import ModulatedDense
from inr_keras.models import CIPSGenerator
from inr_keras.models import VideoGenerator
from inr_keras.training import build
from inr_keras.training.patches import batches


def measure(function, runs=10, warmup=2):
    """Measures the seconds of each of `runs` calls, after `warmup` uncounted ones."""
    seconds = []
    for i in range(warmup + runs):
        begin = time.perf_counter()
        tf.nest.map_structure(_wait, function())
        if i >= warmup:
            seconds.append(time.perf_counter() - begin)
    return np.array(seconds)


def _wait(value):
    """Reads one number, which waits for asynchronous devices."""
    if isinstance(value, tf.IndexedSlices):
        value = value.values
    return tf.reshape(value, (-1,))[:1].numpy()


def dense_shapes(generator):
    """Lists (inputs, outputs) of each product of a point's forward pass."""
    if isinstance(generator, VideoGenerator):  # It draws a point at all times.
        return dense_shapes(generator.volume) * generator.video_length
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


def measure_generator(generator, batch=16, points=256, runs=10, seed=0):
    """Measures a generator's forward pass and `tf.matmul` on the same shapes.

    Both run in turn in this process, each as one graph, on random numbers. Only the
    products for points count as the generator's work, so that modulation,
    activations and features are its overhead.

    Returns:
        dict: `width`, `rows`, `gflop`, `matmul_gflops`, `generator_gflops`
        (medians, GFLOP a second), `share` (their ratio: median over pairs)
        and `share_min`, `share_max`.
    """
    random = np.random.default_rng(seed)
    rows = batch * points
    shapes = dense_shapes(generator)
    gflop = sum(2 * rows * i * o for i, o in shapes) / 1e9
    inputs = {
        i: tf.constant(random.normal(size=(rows, i)).astype("float32"))
        for i, _ in shapes
    }
    kernels = [
        tf.constant(random.normal(size=shape).astype("float32")) for shape in shapes
    ]
    latents = random.normal(size=(batch, generator.latent_dim))
    styles = generator.mapping(tf.constant(latents.astype("float32")))
    coords = random.uniform(-1, 1, size=(1, points, 2)).astype("float32")
    coords = tf.constant(coords)

    # Inputs are arguments, as the graph would precompute constants.
    @tf.function(autograph=False)
    def products(inputs, kernels):
        # One number of each result, so that no product is removed.
        return [tf.matmul(inputs[k.shape[0]], k)[0, 0] for k in kernels]

    @tf.function(autograph=False)
    def forward(styles, coords):
        return generator.synthesis(styles, coords)

    product_seconds, generator_seconds = [], []
    for i in range(runs + 2):
        a = measure(lambda: products(inputs, kernels), 1, 0)[0]
        b = measure(lambda: forward(styles, coords), 1, 0)[0]
        if i >= 2:
            product_seconds.append(a)
            generator_seconds.append(b)
    shares = np.array(product_seconds) / np.array(generator_seconds)
    return {
        "width": max(o for _, o in shapes),
        "rows": rows,
        "gflop": gflop,
        "matmul_gflops": gflop / float(np.median(product_seconds)),
        "generator_gflops": gflop / float(np.median(generator_seconds)),
        "share": float(np.median(shares)),
        "share_min": float(shares.min()),
        "share_max": float(shares.max()),
    }


def build_cips_generator(width, blocks, seed=0):
    """Builds a CIPS generator with the paper's proportions at any width."""
    keras.utils.set_random_seed(seed)
    return CIPSGenerator(
        latent_dim=width,
        style_dim=width,
        mapping_layers=2,
        width=width,
        blocks=blocks,
        fourier_features=width,
        embedding_channels=width,
        embedding_size=64,
    )


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
        name: measure(tf.function(part, autograph=False), runs)
        for name, part in parts.items()
    }
    interval = config.loss.r1_interval
    step = tf.function(gan.train_step, autograph=False)

    def steps():
        for _ in range(2 * interval):  # Both branches of the lazy term.
            logs = step(data)
        return logs

    seconds = measure(steps, runs=1, warmup=1) / (2 * interval)
    result["whole step, R1 amortized"] = seconds
    return result


def tables(results, config):
    """Builds rich tables of a benchmark's `generator` and `training_step`."""
    speeds = rich.table.Table(
        title="Generator's forward pass against tf.matmul on its shapes"
    )
    for name in ("width", "rows", "matmul GFLOP/s", "generator GFLOP/s"):
        speeds.add_column(name, justify="right")
    speeds.add_column("share (min to max)", justify="right")
    for row in results["generator"]:
        speeds.add_row(
            str(row["width"]),
            str(row["rows"]),
            f"{row['matmul_gflops']:.1f}",
            f"{row['generator_gflops']:.1f}",
            f"{row['share']:.0%} ({row['share_min']:.0%} to {row['share_max']:.0%})",
        )
    step = rich.table.Table(
        title=f"A training step of {config.name}, batch {config.batch_size}"
    )
    for name in ("part", "median ms", "min ms", "max ms"):
        step.add_column(name, justify="left" if name == "part" else "right")
    for name, row in results["training_step"].items():
        step.add_row(name, *(f"{row[k]:.1f}" for k in row))
    return [speeds, step]
