"""Endless, shuffled, mirrored batches of real images for training."""

import numpy as np
import tensorflow as tf

from inr_keras import config as config_lib
from inr_keras.data import sources
from inr_keras.data import stage_levels
from inr_keras.data.base_source import Source
from inr_keras.data.base_source import shuffled

_REFERENCE_SEED = 0  # The same real images in the reports of every run.
_AHEAD = 2  # Batches that wait for the step.
_FLIP_STREAM = 1  # Keeps the seeds of flips apart from those of orders.


def training_dataset(
    config: config_lib.Experiment,
    source: Source | None = None,
    start_batch: int = 0,
    context: tf.distribute.InputContext | None = None,
    timed: bool = False,
) -> tf.data.Dataset:
    """Returns endless batches, uint8 `(batch_size, R, R, channels)`.

    Batches are tuples if they have more than images: images, then int32 labels
    `(batch_size,)` with `config.data.labels`, then int32 extents `(batch_size, 2)` if
    `config.data.aspect` is "keep".

    Each epoch has every image once, in an order that depends on `config.seed` and the
    epoch, and mirrors half of them if `config.data.flip` is set. Batches run across
    epochs, so a batch may be larger than the source. Equal settings give equal batches.
    A source that needs at most `config.data.cache_mib` MiB is decoded once and stays in
    memory. With `config.data.stored_levels`, images are smaller in coarse stages, see
    `stage_levels.batches`.

    Args:
        config: `Experiment`.
        source: `Source`. Defaults to the one that `config.data` names.
        start_batch: int. Number of batches to pass over, without decoding them: a
            resumed run goes on where it stopped.
        context: `tf.distribute.InputContext` of one of several workers: it decodes its
            own part of each batch, and returns it in a batch for each of its replicas,
            one after another.
        timed: bool. Return with each batch the seconds that its reader has waited for
            it.

    Raises:
        ValueError: The source cannot be opened.

    Example:
        >>> white = np.full((16, 16, 3), 255, "uint8")
        >>> save_image(folder / "white.png", white)
        >>> data = Data(source=str(folder))
        >>> config = Experiment(resolution=16, patch_size=8, data=data)
        >>> tuple(next(iter(training_dataset(config))).shape)
        (16, 16, 16, 3)
    """
    return _endless(_batches(config, source, start_batch, context), timed)


def _batches(config, source, start_batch, context):
    source = _source(config, source)
    size = config.batch_size
    start = start_batch * size
    positions, replicas = _worker_share(size, context)
    if config.data.stored_levels:
        return stage_levels.batches(
            config,
            source,
            lambda *level: _batches(*level, context),
            start_batch,
            replicas,
        )
    if is_kept(source.bytes, config.data.cache_mib):
        arrays = source.item(source.images, source.labels, source.extents)
        batches = _memory_batches(arrays, config.seed, start, size, positions)
    else:
        stream = source.stream(config.seed, start, size, positions)
        batches = stream.batch(len(positions), drop_remainder=True)
    if config.data.flip:
        numbered = tf.data.Dataset.zip(batches, tf.data.Dataset.counter(start_batch))

        def flip(batch, number):
            if not isinstance(batch, tuple):
                return _flip(batch, config.seed, number, size, positions)
            images, *extras = batch  # Extents stay: rectangles lie in the middle.
            return _flip(images, config.seed, number, size, positions), *extras

        batches = numbered.map(flip)
    if replicas > 1:

        def share(tensor):
            return tf.reshape(tensor, (replicas, -1, *tensor.shape[1:]))

        batches = batches.map(
            lambda *batch: tf.nest.map_structure(
                share, batch if len(batch) > 1 else batch[0]
            )
        ).unbatch()
    return batches


def is_kept(size, cache_mib) -> bool:
    """Tells whether images of `size` bytes are kept in memory."""
    return size <= cache_mib * 2**20


def real_images(
    config: config_lib.Experiment,
    count: int | None = None,
    source: Source | None = None,
):
    """Returns the first real images, a uint8 array `(count, R, R, channels)`.

    They are drawn without repetition, in an order that no setting changes, so that a
    smaller `count` returns the first of the same images. `None` asks for all images. A
    smaller source returns all that it has.

    Example:
        >>> white = np.full((16, 16, 3), 255, "uint8")
        >>> save_image(folder / "white.png", white)
        >>> data = Data(source=str(folder))
        >>> config = Experiment(resolution=16, patch_size=8, data=data)
        >>> real_images(config, 1).shape
        (1, 16, 16, 3)
    """
    source = _source(config, source)
    items = _reference_items(source, count)
    if isinstance(items[0], tuple):
        items = [image for image, *_ in items]
    return np.stack(items)


def real_labels(
    config: config_lib.Experiment,
    count: int | None = None,
    source: Source | None = None,
):
    """Returns the labels of `real_images`, or `None` where there are no classes."""
    source = _source(config, source)
    if not source.classes:
        return None
    return np.stack([label for _, label, *_ in _reference_items(source, count)])


def real_extents(
    config: config_lib.Experiment,
    count: int | None = None,
    source: Source | None = None,
):
    """Returns the extents of `real_images`, or `None` where all are square."""
    source = _source(config, source)
    if not source.keeps_aspect:
        return None
    return np.stack([extent for *_, extent in _reference_items(source, count)])


def _reference_items(source, count):
    items = source.dataset(_REFERENCE_SEED)
    if count is not None:
        items = items.take(count)
    return list(items.as_numpy_iterator())


def _source(config, source):
    if source is None:
        return sources.open_source(config.data, config.resolution)
    if source.resolution != config.resolution:
        raise ValueError(
            f"`source` must have images of {config.resolution} pixels, as "
            f"config.resolution. Received: {source.resolution}"
        )
    return source


def _endless(batches, timed):
    # Otherwise strategies prepare for a last, partial batch of unknown size.
    endless = tf.data.experimental.assert_cardinality(tf.data.INFINITE_CARDINALITY)
    # Not AUTOTUNE, which counts batches, whatever their size.
    batches = batches.apply(endless).prefetch(_AHEAD)
    return _timed(batches) if timed else batches


def _timed(batches):
    """Pairs each batch with the seconds that asking for it took."""
    # `zip` asks its parts one after the other.
    starts = tf.data.Dataset.counter().map(
        lambda _: tf.timestamp(), num_parallel_calls=None
    )
    return tf.data.Dataset.zip(starts, batches).map(
        lambda start, batch: (
            batch,
            tf.cast(tf.timestamp() - start, tf.float32),
        )
    )


def _worker_share(batch_size, context):
    """Returns a worker's positions in a batch, and the number of its replicas."""
    if context is None:
        return range(batch_size), 1
    workers = context.num_input_pipelines
    count = batch_size // workers
    start = context.input_pipeline_id * count
    return (
        range(start, start + count),
        context.num_replicas_in_sync // workers,
    )


def _memory_batches(arrays, seed, start, batch_size, positions):
    count = len(tf.nest.flatten(arrays)[0])

    def order(epoch):
        numbers = tf.range(count, dtype=tf.int64)
        return tf.data.Dataset.from_tensor_slices(shuffled(numbers, seed, epoch))

    def gather(batch, array):
        # Not `tf.gather`: as a tensor, the images would be in memory twice.
        taken = tf.numpy_function(lambda b: array[b], [batch], array.dtype)
        return tf.ensure_shape(taken, (len(positions), *array.shape[1:]))

    numbers = tf.data.Dataset.counter(start // count).flat_map(order)
    numbers = numbers.skip(start % count)
    batches = numbers.batch(batch_size, drop_remainder=True)
    return batches.map(
        lambda batch: tf.nest.map_structure(
            lambda array: gather(batch[positions.start : positions.stop], array), arrays
        )
    )


def _flip(images, seed, number, batch_size, positions):
    chosen = tf.random.stateless_uniform(
        (batch_size,),
        tf.random.experimental.stateless_fold_in((seed, number), _FLIP_STREAM),
        alg="philox",
    )
    chosen = chosen[positions.start : positions.stop] < 0.5

    def flip(item):
        image, is_chosen = item
        return tf.cond(is_chosen, lambda: tf.reverse(image, (1,)), lambda: image)

    # One by one: slices with steps and `tf.where` take 43 times as long at 1024x1024.
    return tf.map_fn(flip, (images, chosen), fn_output_signature=images.dtype)
