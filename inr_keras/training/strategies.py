"""Distribution strategies, and the agreement of their workers."""

import contextlib
import functools
import json
import os

import numpy as np
import tensorflow as tf
from absl import logging

from inr_keras.config import rules

# Errors of a collective operation whose peer is gone.
_LOST = (
    tf.errors.UnavailableError,
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.DeadlineExceededError,
    tf.errors.InternalError,
)


class WorkerLost(Exception):
    """Raised if another worker has stopped or cannot be reached."""


def make(config):
    """Makes the distribution strategy that settings describe.

    `mirrored` takes `replicas` visible GPUs (0: all of them) or, without a GPU, as many
    logical devices of the CPU, at most one per core. For `multi_worker`, `TF_CONFIG`
    names the workers, and each worker takes the GPUs that it sees. Call this function
    before TensorFlow does any other work.

    Args:
        config: Experiment.

    Returns:
        tf.distribute.Strategy.

    Raises:
        ValueError: `TF_CONFIG`, the number of devices or the batch is unfit.
    """
    if config.strategy == "none":
        return tf.distribute.get_strategy()
    if config.strategy == "multi_worker":
        count = _check_tf_config()
        tf.get_logger().setLevel("ERROR")  # A line for each collective.
        logging.info("Waiting for %d workers", count)
        try:
            strategy = tf.distribute.MultiWorkerMirroredStrategy()
        except tf.errors.UnknownError as error:
            raise ValueError(
                "TF_CONFIG must give this task an address of this machine "
                f"whose port is free ({error.message}). Received: "
                f"{os.environ['TF_CONFIG']!r}"
            ) from error
    else:
        devices = _local_devices(config.replicas)
        strategy = _mirrored(tuple(devices))
    _check_batch(config, strategy.num_replicas_in_sync)
    return strategy


@functools.cache
def _mirrored(devices):
    # One strategy for a process: two number their collective operations alike, and
    # operations of one number meet even if their shapes differ.
    return tf.distribute.MirroredStrategy(list(devices))


def _local_devices(count):
    gpus = tf.config.list_physical_devices("GPU")
    if 1 < count <= os.cpu_count() and not gpus:
        # A `RuntimeError` means that TensorFlow has begun to work.
        with contextlib.suppress(RuntimeError):
            tf.config.set_logical_device_configuration(
                tf.config.list_physical_devices("CPU")[0],
                [tf.config.LogicalDeviceConfiguration()] * count,
            )
    devices = tf.config.list_logical_devices("GPU" if gpus else "CPU")
    if count > len(devices):
        raise ValueError(
            f"config.replicas must be at most the number of visible devices "
            f"({len(devices)}). Received: {count}"
        )
    return [device.name for device in devices[: count or len(devices)]]


def _check_tf_config():
    """Checks `TF_CONFIG` and counts its workers."""
    text = os.environ.get("TF_CONFIG", "")
    try:
        values = json.loads(text)
        workers = [
            address
            for kind in ("chief", "worker")
            for address in values["cluster"].get(kind, [])
        ]
        kind, index = values["task"]["type"], values["task"]["index"]
        values["cluster"][kind][int(index)]
    except (ValueError, KeyError, TypeError, IndexError, AttributeError):
        raise ValueError(
            "TF_CONFIG must be set for config.strategy=multi_worker, such as "
            '{"cluster": {"worker": ["a:2222", "b:2222"]}, "task": {"type": '
            f'"worker", "index": 0}}}}. Received: {text!r}'
        ) from None
    return len(workers)


def _check_batch(config, count):
    parts = count * config.accumulate
    if config.batch_size % parts:
        raise ValueError(
            f"config.batch_size must be a multiple of {parts}: {count} "
            f"replicas, times accumulate ({config.accumulate}). "
            f"Received: {config.batch_size}"
        )
    group, every = config.discriminator.stddev_group, config.replay_every
    groups = rules.stddev_groups(config.batch_size // parts, group)
    if every and groups % every:
        raise ValueError(
            f"config.replay_every must be a divisor of the {groups} groups of "
            f"discriminator.stddev_group images in a micro-batch of each of {count} "
            f"replicas. Received: {every}"
        )


def is_multi_worker(strategy):
    """Tells whether other processes take part in the training."""
    if not isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy):
        return False
    cluster = strategy.cluster_resolver.cluster_spec().as_dict()
    return sum(map(len, cluster.values())) > 1


def is_chief(strategy):
    """Tells whether this process is the one that writes files."""
    if not is_multi_worker(strategy):
        return True
    resolver = strategy.cluster_resolver
    has_chief = "chief" in resolver.cluster_spec().jobs
    return resolver.task_type == "chief" or (not has_chief and resolver.task_id == 0)


def gather(strategy, value):
    """Collects an integer of each worker; all of them must call it.

    Args:
        strategy: tf.distribute.Strategy.
        value: int. The number of this worker.

    Returns:
        int64 array with a value for each replica, the same in all workers.
    """
    if not is_multi_worker(strategy):
        return np.array([value])

    @tf.function
    def gather_values(value):
        return strategy.gather(strategy.run(lambda: value[None]), axis=0)

    return gather_values(tf.constant(value, tf.int64)).numpy()


def chief_first(strategy, function):
    """Calls a function in all workers: first in the chief, then in the others."""
    if is_chief(strategy):
        result = function()
    gather(strategy, 0)
    return result if is_chief(strategy) else function()


@contextlib.contextmanager
def watching(strategy):
    """Turns TensorFlow's errors of a lost worker into `WorkerLost`."""
    try:
        yield
    except _LOST as error:
        if not is_multi_worker(strategy):
            raise
        raise WorkerLost(
            "Another worker has stopped or cannot be reached. Start the same "
            "command on all of them: it goes on from the last checkpoint."
        ) from error
