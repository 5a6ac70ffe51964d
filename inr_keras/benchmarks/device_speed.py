"""Speed of a device: networks and losses in each precision, and parity with the CPU."""

import numpy as np

from inr_keras.benchmarks import machine
from inr_keras.benchmarks import network_speed
from inr_keras.benchmarks import products
from inr_keras.benchmarks import pure_functions
from inr_keras.benchmarks import stopwatch

_BATCH = {True: 16, False: 2}  # Images, on a GPU or on a CPU.
_GENERATORS = {
    "CIPS": network_speed.build_cips,
    "INR-GAN": network_speed.build_inr_gan,
}


def measure(widths, sizes, batch, runs):
    """Measures the device that Keras's backend takes, TensorFlow's or JAX's.

    Args:
        widths: Sequence of int. Channels of the networks.
        sizes: Sequence of int. Sides of their images.
        batch: int. Images; `None`: as many as suit a GPU or a CPU.
        runs: int. Counted rounds of each pass, in turns with plain products.

    Yields:
        dicts by `kind`: one `device`, see `machine.device`; one `bandwidth`, 1e9 bytes
        a second of an array that is read and written; on a GPU `parity`, see
        `measure_parity`; and a `network` for each pass, see `network_speed.measure`,
        with `width` and `size`. What matters most comes first.
    """
    yield {"kind": "device", **machine.device()}
    copy, gigabytes = products.bandwidth_call()
    seconds = stopwatch.measure(copy, runs)
    yield {"kind": "bandwidth", "gb_per_s": gigabytes / float(np.median(seconds))}
    has_gpu = pure_functions.has_gpu()
    batch = batch or _BATCH[has_gpu]
    if has_gpu:
        for row in measure_parity(min(widths), min(sizes)):
            yield {"kind": "parity", **row}
    precisions = [pure_functions.FLOAT32, "bfloat16"]
    precisions[1:1] = [pure_functions.TF32] * has_gpu
    compilers = [True] if pure_functions.is_jax() else [False, True]
    for xla in compilers:
        for size in sizes:
            for width in widths:
                for precision in precisions:
                    for row in _rows(width, size, batch, runs, precision, xla):
                        yield {"kind": "network", "width": width, "size": size, **row}


def _rows(width, size, batch, runs, precision, xla):
    """Yields the passes of the networks of one width in one precision."""
    dtype = "bfloat16" if precision == "bfloat16" else "float32"
    with pure_functions.precision(precision):
        counted = {}
        for name, build in _GENERATORS.items():
            generator = build(width, dtype, size=size)
            passes = network_speed.synthesis_passes(generator, batch, size**2)
            counted[name] = network_speed.count(passes[0], generator)
            if name == "CIPS":
                discriminator = network_speed.build_discriminator(width, dtype, size)
                others = network_speed.discriminator_passes(
                    discriminator, batch, generator
                )
                found = network_speed.count(others[0], discriminator)
                counted[discriminator.name] = found
                passes += others
            for each in passes:
                row = network_speed.measure(each, counted, runs, xla)
                yield {**row, "dtype": precision}


def measure_parity(width, size, batch=4):
    """Compares the device with the CPU, in float32 without TF32.

    Yields:
        dict: `network`, `pass`, and `error`, the largest difference of a number from
        the CPU's, as a share of the largest number of its tensor.
    """
    with pure_functions.precision(pure_functions.FLOAT32):
        generators = [build(width, size=size) for build in _GENERATORS.values()]
        passes = [
            each
            for generator in generators
            for each in network_speed.synthesis_passes(generator, batch, size**2)
        ]
        discriminator = network_speed.build_discriminator(width, size=size)
        passes += network_speed.discriminator_passes(
            discriminator, batch, generators[0]
        )
        for each in passes:
            found = pure_functions.compiled(each.function)(*each.arguments)
            expected = pure_functions.on_cpu(each.function, *each.arguments)
            error = pure_functions.largest_error(found, expected)
            yield {"network": each.network, "pass": each.name, "error": error}
