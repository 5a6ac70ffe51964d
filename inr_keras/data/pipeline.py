"""Endless, shuffled, mirrored batches of real pictures for training."""

import numpy as np
import tensorflow as tf

from inr_keras import config as config_lib
from inr_keras.data import sources

_REFERENCE_SEED = 0  # The same real pictures in the reports of every run.
_FLIP_STREAM = 1  # Keeps the seeds of flips apart from those of orders.


def training_dataset(
    config: config_lib.Experiment,
    source: sources.Source | None = None,
    start_batch: int = 0,
) -> tf.data.Dataset:
    """Batches without end, uint8 `(batch_size, R, R, 3)`.

    Each epoch brings every picture once, in an order that `config.seed` and
    the epoch decide, and mirrors half of them where `config.data.flip` is
    set. Batches run across epochs, so a batch may be larger than the source.
    Equal settings give equal batches. A source that needs at most
    `config.data.cache_mib` MiB is decoded once and stays in memory.

    Args:
        config: `Experiment`.
        source: `Source`. Defaults to the one that `config.data` names.
        start_batch: int. How many batches to pass over, without decoding
            them: a resumed run goes on where it stopped.

    Raises:
        ValueError: where the source cannot be opened.
    """
    source = _source(config, source)
    size = config.batch_size
    start = start_batch * size
    if source.count * config.resolution**2 * 3 <= config.data.cache_mib * 2**20:
        batches = _memory_batches(source.pictures, config.seed, start, size)
    else:
        stream = source.stream(config.seed, start)
        batches = stream.batch(size, drop_remainder=True)
    if config.data.flip:
        numbered = tf.data.Dataset.zip(
            batches, tf.data.Dataset.counter(start_batch)
        )
        batches = numbered.map(
            lambda images, number: _flip(images, config.seed, number)
        )
    return batches.prefetch(tf.data.AUTOTUNE)


def real_pictures(
    config: config_lib.Experiment,
    count: int | None = None,
    source: sources.Source | None = None,
):
    """Real pictures as they are, a uint8 array `(count, R, R, 3)`.

    They are drawn without repetition, in an order that no setting changes:
    fewer of them are the first ones of more. There are less than `count`
    where the source has no more; `None` asks for all.
    """
    pictures = _source(config, source).dataset(_REFERENCE_SEED)
    if count is not None:
        pictures = pictures.take(count)
    return np.stack(list(pictures.as_numpy_iterator()))


def _source(config, source):
    if source is None:
        return sources.open_source(config.data, config.resolution)
    if source.resolution != config.resolution:
        raise ValueError(
            f"`source` must have pictures of {config.resolution} pixels, as "
            f"config.resolution. Received: {source.resolution}"
        )
    return source


def _memory_batches(pictures, seed, start, batch_size):
    count = len(pictures)
    shape = (batch_size, *pictures.shape[1:])

    def order(epoch):
        numbers = tf.range(count, dtype=tf.int64)
        return tf.data.Dataset.from_tensor_slices(
            sources.shuffled(numbers, seed, epoch)
        )

    def gather(batch):
        # Not `tf.gather`: as a tensor, the pictures would be in memory twice.
        images = tf.numpy_function(lambda b: pictures[b], [batch], tf.uint8)
        return tf.ensure_shape(images, shape)

    numbers = tf.data.Dataset.counter(start // count).flat_map(order)
    numbers = numbers.skip(start % count)
    return numbers.batch(batch_size, drop_remainder=True).map(gather)


def _flip(images, seed, number):
    chosen = tf.random.stateless_uniform(
        (images.shape[0], 1, 1, 1),
        tf.random.experimental.stateless_fold_in((seed, number), _FLIP_STREAM),
        alg="philox",
    )
    return tf.where(chosen < 0.5, images[:, :, ::-1], images)
