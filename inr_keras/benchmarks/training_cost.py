"""Cost of a training step: time, memory and multiplications."""

import collections
import dataclasses
import math
import resource
import time

from inr_keras import config as config_lib
from inr_keras.benchmarks import fresh_process

_MIB = 2.0**20

# Methods by their names in tables, as changes of multi-stage training.
METHODS = {
    "image": {"method": "image"},
    "accumulate": {"method": "image", "accumulate": 4},
    "patch": {"method": "patch"},
    "multi_stage": {"method": "multi_stage"},
}

# Ways to save memory or time, as changes of the settings.
OPTIONS = {
    "plain": {},
    "remat": {"generator.remat": True},
    "bfloat16": {"dtype": "mixed_bfloat16"},
    "xla": {"jit_compile": True},
    "simultaneous": {"simultaneous": True},
    "dense_table": {"generator.embedding_levels": ()},
    "sparse_table": {
        "generator.embedding_levels": (),
        "generator.sparse_embedding": True,
    },
    "lean_discriminator": {},  # See `lean_discriminator`, which depends on the config.
}

TABLES = ("dense_table", "sparse_table")
# Options for patches alone: a whole image reads every entry of a table, and needs
# more than the lean discriminator.
PATCHES_ALONE = (*TABLES, "lean_discriminator")


def lean_discriminator(config):
    """Returns changes that halve the discriminator's width at the patch's size."""
    widths = config.discriminator.channels
    if widths:
        widths = (max(widths[0] // 2, 1), *widths[1:])
        return {"discriminator.channels": widths}
    base, widest = (
        config.discriminator.channel_base,
        config.discriminator.channel_max,
    )
    width = min(base // config.patch_size, widest) // 2
    return {"discriminator.channel_base": max(width, 1) * config.patch_size}


def build_case(config, method="multi_stage", option="plain", resolution=0):
    """Builds the settings of one case.

    Args:
        config: Experiment with multi-stage training.
        method: str. A key of `METHODS`.
        option: str. A key of `OPTIONS`.
        resolution: int. Side of the images; 0: the config's. Strides change such
            that the first stage's grid is still one patch.
    """
    changes = {**METHODS[method], **OPTIONS[option]}
    if option == "lean_discriminator":
        changes.update(lean_discriminator(config))
    if changes.get("accumulate", 1) > config.batch_size:
        changes["accumulate"] = config.batch_size
    config = config_lib.changed(config, changes)
    if resolution:
        factor = resolution // config.patch_size
        config.resolution = resolution
        config.stages = tuple(
            dataclasses.replace(stage, stride=min(stage.stride, factor))
            if index
            else dataclasses.replace(stage, stride=factor)
            for index, stage in enumerate(config.stages)
        )
        config.stages = _distinct(config.stages)
    config.validate()
    return config


def list_cases(config, methods, options, resolutions=(), largest_image=0):
    """Lists all cases of a benchmark, cheap ones first.

    First comes every method at every resolution; methods on full images, whose
    memory grows with the area, stop at `largest_image` (0: the config's resolution).
    Then comes every option for image-based and multi-stage training at the config's
    resolution, and coordinate tables for multi-stage training at all resolutions.

    Returns:
        List of pairs, `(method, option, resolution)` and an Experiment.
    """
    check_known("methods", methods, METHODS)
    check_known("options", options, OPTIONS)
    own = config.resolution
    names = [
        (method, "plain", side)
        for side in sorted({own, *resolutions})
        for method in methods
        if METHODS[method]["method"] != "image" or side <= (largest_image or own)
    ]
    for option in options:
        if option == "plain":
            continue
        for method in ("multi_stage", "image"):
            skipped = option in PATCHES_ALONE and method == "image"
            if method not in methods or skipped:
                continue
            sides = [own]
            if option in TABLES:
                sides = sorted({own, *resolutions})
            names += [(method, option, side) for side in sides]
    return [((m, o, side), build_case(config, m, o, side)) for m, o, side in names]


def check_known(name, values, known):
    """Raises `ValueError` for the first of some values that is not a known one."""
    for value in values:
        if value not in known:
            raise ValueError(
                f"`{name}` must be one of {', '.join(known)}. Received: {value!r}"
            )


def measure_case(names, config, runs):
    """Measures one case; returns its names with its cost or the error."""
    method, option, resolution = names
    head = {"method": method, "option": option, "resolution": resolution}
    try:
        return {**head, **measure(config, runs)}
    except (RuntimeError, ValueError) as error:
        return {**head, "error": str(error)}


def _distinct(stages):
    """Keeps the first of the stages that share a stride."""
    kept = {}
    for stage in stages:
        kept.setdefault(stage.stride, stage)
    return tuple(kept.values())


def measure(config, runs=5, index=-1):
    """Measures a training step of one stage in a separate process.

    Args:
        config: Experiment.
        runs: int. Number of counted steps of each kind.
        index: int. Index of the stage. Defaults to `-1`: the last one.

    Returns:
        dict: `seconds` (with the shares of terms that not every step has),
        `seconds_min` and `seconds_max` of a step without these terms,
        `images_per_second`, `points` rendered with gradients in a step, `memory_mib`
        (peak above an idle process with TensorFlow; on a GPU the allocator's peak),
        `parameters`, `multiplications` in a step (see `count_multiplications`).

    Raises:
        RuntimeError: The process failed, for instance for lack of memory.
    """
    return fresh_process.call(measure_here, config=config, runs=runs, index=index)


def step_kinds(config, index=-1):
    """Lists the kinds of steps, which differ in their lazy terms.

    Args:
        config: Experiment.
        index: int. Index of a stage.

    Returns:
        dict from the number of a step of each kind to the share of such steps.
    """
    loss, stage = config.loss, config.resolved().stages[index]
    intervals = [loss.r1_interval, loss.dense_interval if stage.dense_weight else 1]
    cycle = math.lcm(*intervals)
    numbers, shares = {}, collections.Counter()
    for step in range(cycle):
        number = numbers.setdefault(tuple(step % i == 0 for i in intervals), step)
        shares[number] += 1 / cycle
    return dict(shares)


def compiled_step(config, index=-1):
    """Builds the GAN of a stage and its compiled training step."""
    import tensorflow as tf

    from inr_keras.training import build

    build.limit_threads(config)
    gan = build.gan_at_stage(config, index)
    step = tf.function(gan.train_step, autograph=False, jit_compile=config.jit_compile)
    return gan, step


def measure_here(config, runs, index):
    """Measures a training step as `measure` does, in this process."""
    from inr_keras.training import build  # noqa: F401  Idle with all libraries.

    idle = resident_mib()
    gan, seconds = _timed_step(config, index)
    average, plain = _average_seconds(config, index, seconds, lambda n: n < runs)
    points = config.batch_size * config.resolved().patch_size ** 2
    return {
        "seconds": average,
        "seconds_min": min(plain),
        "seconds_max": max(plain),
        "images_per_second": config.batch_size / average,
        "points": points,
        "memory_mib": peak_mib(idle),
        "parameters": gan.generator.count_params() + gan.discriminator.count_params(),
        "multiplications": count_multiplications(gan, config),
    }


def images_per_second(config, index, seconds=6.0):
    """Measures images a second in stage `index`, on random images."""
    _, measured = _timed_step(config, index)
    begin = time.perf_counter()
    average, _ = _average_seconds(
        config,
        index,
        measured,
        lambda n: not n or time.perf_counter() - begin < seconds,
    )
    return config.batch_size / average


def _timed_step(config, index):
    """Returns the GAN of a stage and a function that measures one of its steps."""
    from inr_keras.training.patches import batches

    gan, step = compiled_step(config, index)
    images = batches.random_item(config, index)

    def seconds(number):
        """Measures one step, as if `number` steps had been made."""
        gan.step.assign(number)
        begin = time.perf_counter()
        logs = step(images)
        float(logs["g_loss"])
        return time.perf_counter() - begin

    for number in step_kinds(config, index):  # Compiles.
        seconds(number)
    return gan, seconds


def _average_seconds(config, index, seconds, goes_on):
    """Measures steps of each kind in turns.

    Args:
        config: Experiment.
        index: int. Index of a stage.
        seconds: Function that measures the step of a number.
        goes_on: Function from the rounds so far to whether there is another.

    Returns:
        Seconds of a step on average, each kind with its share of a run, and those of
        all measured steps of the most frequent kind.
    """
    import numpy as np

    shares = step_kinds(config, index)
    times = {number: [] for number in shares}
    rounds = 0
    while goes_on(rounds):
        for number, values in times.items():
            values.append(seconds(number))
        rounds += 1
    average = float(sum(s * np.median(times[n]) for n, s in shares.items()))
    return average, times[max(shares, key=shares.get)]


def count_multiplications(gan, config):
    """Counts the multiplications of a step's dense layers and convolutions.

    A backward pass costs two forward passes, one of them for the gradient of the
    inputs. A penalty differentiates the discriminator's backward pass, which takes
    three forward passes and twice as many backward. Dense patches are a second pass
    of both networks; the generator draws them twice, as it draws all fakes where its
    updates are separate from the discriminator's.

    Returns:
        dict of float, `generator` and `discriminator`; or `None` where the generator
        is not CIPS's.
    """
    from inr_keras.benchmarks.timing import dense_shapes

    shapes = dense_shapes(gan.generator)
    if shapes is None:
        return None
    resolved = config.resolved()
    batch, size = config.batch_size, resolved.patch_size
    per_point = sum(i * o for i, o in shapes)
    stage, earlier = resolved.stages[-1], resolved.stages[:-1]
    passes, every = (2 if stage.dense_weight else 1), config.discriminator_steps
    forward = per_point * size**2
    generator = 3.0 * forward * passes / every
    if config.accumulate > 1 or every > 1:  # Fakes are drawn twice.
        generator += forward * passes
    elif passes > 1:
        generator += forward
    if stage.patch_weight and earlier:
        factor = earlier[-1].stride // stage.stride
        generator += per_point * (size // factor) ** 2 / every
    forward = count_discriminator_multiplications(gan.discriminator) * passes
    discriminator = (2 * 3 + (1 + 1) / every) * forward
    if config.loss.adversarial == "wgan" and config.loss.gp_weight:
        discriminator += 6.0 * forward
    for weight in (config.loss.r1_weight, config.loss.r2_weight):
        if weight:
            discriminator += 6.0 * forward / config.loss.r1_interval
    return {"generator": batch * generator, "discriminator": batch * discriminator}


def count_discriminator_multiplications(discriminator):
    """Counts the multiplications of one image's pass through the discriminator."""
    size = discriminator.image_size
    total = size**2 * _products(discriminator.from_rgb)
    for block in discriminator.down:
        total += size**2 * _products(block.conv_1)
        size //= 2
        total += size**2 * (_products(block.conv_2) + _products(block.skip))
    total += size**2 * _products(discriminator.conv)
    return total + _products(discriminator.dense)


def _products(layer):
    total = 1
    for side in layer.kernel.shape:
        total *= side
    return total


def resident_mib():
    """Reads the MiB that the process holds now."""
    with open("/proc/self/statm", encoding="utf-8") as file:
        pages = int(file.read().split()[1])
    return pages * resource.getpagesize() / _MIB


def peak_mib(idle):
    """Reads the peak MiB of the process above `idle`, or the peak of its GPU."""
    import tensorflow as tf

    if tf.config.list_physical_devices("GPU"):
        return tf.config.experimental.get_memory_info("GPU:0")["peak"] / _MIB
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1024.0 - idle
