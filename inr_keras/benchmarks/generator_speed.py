"""Speed of the papers' generators at the papers' sizes."""

import dataclasses
import functools

import rich.table

from inr_keras import config as config_lib
from inr_keras.benchmarks import fresh_process

# Settings, alignment and images a second that INR-GAN's authors report on one V100
# in float32 (CIPS in a re-implementation that they call inexact, at a batch of 16;
# INR-GAN at 50).
PAPERS = {
    "CIPS": (config_lib.CIPS(mapping_layers=3), "corner", 27.3),
    "INR-GAN": (config_lib.MultiScaleINR(), "center", 266.0),
}
RESOLUTION = 256  # Training resolution of both generators.
SIZES = (64, 128, 256)


def list_cases(names=tuple(PAPERS), sizes=SIZES):
    """Lists names and output sizes: all sizes for INR-GAN, the last for others."""
    return [
        (name, size)
        for name in names
        for size in (sizes if name == "INR-GAN" else sizes[-1:])
    ]


def build_experiment(name):
    """Builds the settings of one of `PAPERS`."""
    generator, alignment, _ = PAPERS[name]
    return config_lib.Experiment(
        resolution=RESOLUTION,
        alignment=alignment,
        generator=dataclasses.replace(generator),
    )


def measure(config, size, batch=1, runs=10):
    """Measures the drawing of full images by a generator with random weights.

    A separate process draws them, so that its memory can be measured.

    Args:
        config: Experiment.
        size: int. Side of the images.
        batch: int. Number of images in a batch.
        runs: int. Number of counted runs, after two that are not counted.

    Returns:
        dict: `seconds` (median), `seconds_min`, `seconds_max` of a batch,
        `images_per_second` (from the median), `memory_mib` (peak above the
        process with its libraries; on a GPU the allocator's peak),
        `parameters`.

    Raises:
        RuntimeError: The process failed, for instance for lack of memory.
    """
    return fresh_process.call(
        measure_here, config=config, size=size, batch=batch, runs=runs
    )


def measure_here(config, size, batch, runs):
    """Measures the drawing of full images, as `measure` does, in this process."""
    import keras
    import numpy as np
    import tensorflow as tf

    from inr_keras import coordinates
    from inr_keras.benchmarks import stopwatch
    from inr_keras.benchmarks import training_cost
    from inr_keras.models import lattices
    from inr_keras.training import networks

    keras.utils.set_random_seed(config.seed)
    idle = training_cost.resident_mib()
    generator = networks.build_generator(config)
    random = np.random.default_rng(config.seed)
    latents = random.normal(size=(batch, generator.latent_dim))
    coords = coordinates.region((-1.0, -1.0, 1.0, 1.0), size, size, generator.alignment)
    spacing = 2.0 / max(size - (generator.alignment == "corner"), 1)
    hint = lattices.grid_hint(generator, size, size, spacing)

    # Inputs are arguments, as the graph would precompute constants.
    @tf.function(autograph=False)
    def draw(latents, coords):
        return generator.synthesis(generator.mapping(latents), coords, **hint)

    inputs = (
        tf.constant(latents.astype("float32")),
        tf.reshape(coords, (1, size**2, 2)),
    )
    seconds = stopwatch.measure(lambda: draw(*inputs), runs)
    return {
        "seconds": float(np.median(seconds)),
        "seconds_min": float(seconds.min()),
        "seconds_max": float(seconds.max()),
        "images_per_second": batch / float(np.median(seconds)),
        "memory_mib": training_cost.peak_mib(idle),
        "parameters": generator.count_params(),
    }


def measure_case(name, size, batch, runs):
    """Measures one of `list_cases` and adds its name."""
    result = measure(build_experiment(name), size, batch, runs)
    return {"name": name, "size": size, "batch": batch, **result}


def measure_layer(channels=512, rank=10, batch=4, counts=(1, 16, 1024), runs=10):
    """Measures both forms of `FactorizedModulatedDense` and a plain product.

    The forward passes run in turn, in this process. The naive form makes a kernel
    for each image.

    Returns:
        List of dict: `modulation`, `points`, `kernel_ms`, `factors_ms`,
        `shared_ms` (`tf.matmul` with one kernel for all images), and
        `kernel_numbers` and `factors_numbers`, the count of numbers that each form
        holds for an image besides inputs and outputs.
    """
    import numpy as np
    import tensorflow as tf

    from inr_keras.benchmarks import stopwatch
    from inr_keras.layers import FactorizedModulatedDense

    random = np.random.default_rng(0)
    styles = tf.constant(random.normal(size=(batch, 64)).astype("float32"))
    rows = []
    for modulation in ("demod", "none"):
        for points in counts:
            shape = (batch, points, channels)
            inputs = tf.constant(random.normal(size=shape).astype("float32"))
            calls = {}
            for form in ("kernel", "factors"):
                layer = FactorizedModulatedDense(channels, rank, modulation, form=form)
                layer.build(shape, styles.shape)
                calls[form] = tf.function(layer, autograph=False)
            kernel = layer.kernel
            calls["shared"] = tf.function(
                lambda x, styles, k=kernel: tf.matmul(x, k), autograph=False
            )
            seconds = stopwatch.in_turns(
                {
                    form: functools.partial(call, inputs, styles)
                    for form, call in calls.items()
                },
                runs,
            )
            pairs = (rank + 1) * (rank + 2) // 2 * (modulation == "demod")
            sides = ((rank + 1) * points + pairs) * 2 * channels
            rows.append(
                {
                    "modulation": modulation,
                    "points": points,
                    "channels": channels,
                    "rank": rank,
                    **{
                        f"{form}_ms": float(np.median(s) * 1e3)
                        for form, s in seconds.items()
                    },
                    "kernel_numbers": channels**2,
                    "factors_numbers": sides,
                }
            )
    return rows


def measure_synthesis(width=512, images=2, side=64, runs=10):
    """Measures CIPS's synthesis as a whole in each dtype, in turns with plain products.

    Returns:
        List of dict, see `network_speed.measure_synthesis`.
    """
    from inr_keras.benchmarks import network_speed

    return [
        row
        for dtype in network_speed.DTYPES
        for row in network_speed.measure_synthesis(
            network_speed.build_cips(width, dtype, size=side), images, side**2, runs
        )
    ]


def tables(results):
    """Builds rich tables of the results of `measure_case` and `measure_layer`."""
    cips = [row for row in results["rows"] if row["name"] == "CIPS"]
    table = rich.table.Table(title="Generators at the papers' sizes, random weights")
    for name in (
        "generator",
        "output",
        "images/s (min to max)",
        "times CIPS",
        "peak MiB",
        "parameters",
        "authors, V100",
    ):
        table.add_column(name, justify="left" if name[0] == "g" else "right")
    for r in results["rows"]:
        same = [c for c in cips if c["size"] == r["size"]]
        ratio = (
            f"{r['images_per_second'] / same[0]['images_per_second']:.1f}"
            if same
            else ""
        )
        table.add_row(
            r["name"],
            str(r["size"]),
            f"{r['images_per_second']:.2f} ({r['batch'] / r['seconds_max']:.2f}"
            f" to {r['batch'] / r['seconds_min']:.2f})",
            ratio,
            f"{r['memory_mib']:.0f}",
            f"{r['parameters'] / 1e6:.1f} M",
            f"{PAPERS[r['name']][2]:g}" if r["size"] == RESOLUTION else "",
        )
    layers = rich.table.Table(
        title="A factorized layer: a kernel an image against factors"
    )
    for name in (
        "modulation",
        "points",
        "kernel ms",
        "factors ms",
        "one shared kernel ms",
        "numbers held (kernel, factors)",
    ):
        layers.add_column(name, justify="left" if name[0] == "m" else "right")
    for r in results["layer"]:
        layers.add_row(
            r["modulation"],
            str(r["points"]),
            f"{r['kernel_ms']:.2f}",
            f"{r['factors_ms']:.2f}",
            f"{r['shared_ms']:.2f}",
            f"{r['kernel_numbers']}, {r['factors_numbers']}",
        )
    return [table, layers]
