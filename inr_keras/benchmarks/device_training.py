"""Training steps on a device: throughput and memory by method, stage and option."""

import contextlib
import os
import time

from inr_keras.benchmarks import fresh_process
from inr_keras.benchmarks import training_cost

_OPTIONS = ("plain", "bfloat16", "xla")
_FLOAT32 = "float32 without TF32"


def list_cases(config, methods, resolutions, is_gpu):
    """Lists the cases: methods by stage at each resolution, then precisions and XLA.

    Args:
        config: Experiment with multi-stage training.
        methods: Sequence of keys of `training_cost.METHODS`.
        resolutions: Sequence of int. Sides of the images.
        is_gpu: bool. Whether a GPU computes, on which TF32 is TensorFlow's choice.

    Returns:
        List of `(method, option, resolution, index of the stage, Experiment)`.

    Raises:
        ValueError: A method is not known, or a resolution does not fit.
    """
    training_cost.check_known("methods", methods, training_cost.METHODS)
    found = []
    for option in (*_OPTIONS, *[_FLOAT32] * is_gpu):
        for side in sorted(resolutions):
            for method in reversed(methods):  # Methods of patches are cheap.
                known = "plain" if option == _FLOAT32 else option
                case = training_cost.build_case(config, method, known, side)
                stages = len(case.resolved().stages)
                first = 0 if option == "plain" else stages - 1
                found += [(method, option, side, i, case) for i in range(first, stages)]
    return found


def measure_case(case, runs):
    """Measures one of `list_cases` in a fresh process.

    Returns:
        dict: `method`, `option`, `resolution`, `stage` (from 1), `of` (stages), and
        either what `training_cost.measure` returns, or `error`.
    """
    method, option, resolution, index, config = case
    head = {"method": method, "option": option, "resolution": resolution}
    head |= {"stage": index + 1, "of": len(config.resolved().stages)}
    try:
        with _without_tf32() if option == _FLOAT32 else contextlib.nullcontext():
            return {**head, **training_cost.measure(config, runs, index)}
    except (RuntimeError, ValueError) as error:
        return {**head, "error": str(error)}


@contextlib.contextmanager
def _without_tf32():
    """Turns TF32 off for processes that start within the block."""
    name = "NVIDIA_TF32_OVERRIDE"
    before = os.environ.get(name)
    os.environ[name] = "0"
    try:
        yield
    finally:
        os.environ.pop(name)
        if before is not None:
            os.environ[name] = before


def measure_replicas(config, replicas, runs):
    """Measures images a second of the last stage on several devices, in a new process.

    Args:
        config: Experiment. Its batch is that of each replica.
        replicas: int.
        runs: int. Counted steps.

    Returns:
        dict: `replicas`, and `images_per_second` or `error`.
    """
    try:
        rate = fresh_process.call(
            measure_replicas_here, config=config, replicas=replicas, runs=runs
        )
    except (RuntimeError, ValueError) as error:
        return {"replicas": replicas, "error": str(error)}
    return {"replicas": replicas, "images_per_second": rate}


def measure_replicas_here(config, replicas, runs):
    """Measures as `measure_replicas` does, in this process."""
    import dataclasses

    import tensorflow as tf

    from inr_keras.training import build
    from inr_keras.training import strategies
    from inr_keras.training.patches import batches

    config = dataclasses.replace(
        config,
        strategy="mirrored",
        replicas=replicas,
        batch_size=config.batch_size * replicas,
        jit_compile=False,
    )
    config.validate()
    strategy = strategies.make(config)
    with strategy.scope():
        gan = build.gan_at_stage(config)
    images = tf.data.Dataset.from_tensors(batches.random_item(config)).repeat()
    gan.fit(images, epochs=1, steps_per_epoch=2, verbose=0, shuffle=False)  # Compiles.
    begin = time.perf_counter()
    gan.fit(images, epochs=1, steps_per_epoch=runs, verbose=0, shuffle=False)
    return runs * config.batch_size / (time.perf_counter() - begin)
