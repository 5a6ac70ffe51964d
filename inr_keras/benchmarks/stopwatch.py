"""Seconds of calls, on any backend of Keras."""

import time

import keras
import numpy as np


def measure(function, runs=10, warmup=2):
    """Measures the seconds of each of `runs` calls, after `warmup` uncounted ones."""
    return in_turns({"": function}, runs, warmup)[""]


def in_turns(calls, runs=10, warmup=2):
    """Measures calls that run one after the other in each round.

    Other work of the machine thus slows all of them down alike.

    Args:
        calls: dict of functions without arguments.
        runs: int. Counted rounds. Defaults to `10`.
        warmup: int. Rounds before, which are not counted. Defaults to `2`.

    Returns:
        dict from the names of the calls to arrays of `runs` seconds.
    """
    seconds = {name: [] for name in calls}
    for i in range(warmup + runs):
        for name, call in calls.items():
            begin = time.perf_counter()
            _wait(call())
            if i >= warmup:
                seconds[name].append(time.perf_counter() - begin)
    return {name: np.array(values) for name, values in seconds.items()}


def _wait(result):
    """Waits for a result of asynchronous devices."""
    if keras.config.backend() == "jax":
        import jax

        jax.block_until_ready(result)
        return
    # The last value, after which a device has nothing left to do.
    value = keras.tree.flatten(result)[-1]
    value = getattr(value, "values", value)  # Of `IndexedSlices`.
    keras.ops.convert_to_numpy(keras.ops.reshape(value, (-1,))[:1])
