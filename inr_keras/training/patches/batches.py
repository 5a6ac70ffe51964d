"""Batches of real data: images, and the labels and extents that belong to them."""

import typing

import numpy as np
import tensorflow as tf

from inr_keras.data import any_pictures
from inr_keras.data import stage_levels


class Batch(typing.NamedTuple):
    """Data of a step; parts that a dataset does not have are `None`."""

    images: tf.Tensor  # uint8 (batch, R, R, channels), see `Data.kind`.
    labels: tf.Tensor | None = None  # int32 (batch,).
    wait_seconds: tf.Tensor | None = None  # Time that the reader waited for it.
    extents: tf.Tensor | None = None  # int32 (batch, 2): rows and columns.


def unpack(data, has_labels, has_extents=False):
    """Turns an item of a dataset into a `Batch`.

    Args:
        data: Images; or a tuple of images and their labels, their extents or both; or a
            pair of either and the seconds that the reader waited for it.
        has_labels: bool. Whether the model has classes.
        has_extents: bool. Whether images have different shapes. Defaults to `False`.

    Raises:
        ValueError: Labels or extents are missing, or there are some that the model does
            not take, or batches have no fixed size.
    """
    if isinstance(data, tuple) and data[-1] is None:
        # Keras's `train_on_batch` has a place for labels and weights.
        data = tuple(part for part in data if part is not None)
        data = data if len(data) > 1 else data[0]
    names = ["labels"] * has_labels + ["extents"] * has_extents
    labels = wait_seconds = extents = None
    if names:
        if _is_several(data) and _is_several(data[0]):
            data, wait_seconds = data
        if not _is_several(data) or len(data) != 1 + len(names):
            raise ValueError(
                f"The dataset must have pairs of images and "
                f"{' and '.join(names)}, for the model "
                f"{_REASONS[names[-1]]}. Received: {data}"
            )
        images, *others = data
        by_name = dict(zip(names, others))
        labels, extents = by_name.get("labels"), by_name.get("extents")
        if labels is not None and (labels.dtype.is_floating or labels.shape.rank != 1):
            raise ValueError(
                "Labels must be whole numbers of shape (batch,). "
                f"Received: {labels.dtype.name} of shape {labels.shape}"
            )
    elif _is_several(data):
        images, *rest = data
        if len(rest) > 1 or (rest and rest[0].shape.rank):
            raise ValueError(
                "The dataset must have images alone, for the model has no classes: "
                f"leave labels and weights out{_REMEDY}, or give the generator "
                f"`class_names`. Received: {data}"
            )
        wait_seconds = rest[0] if rest else None
    else:
        images = data
    if images.shape[0] is None:
        replicas = tf.distribute.get_strategy().num_replicas_in_sync
        rule = f", where n is a multiple of the {replicas} replicas"
        raise ValueError(
            "The dataset must have batches of one known size: "
            f"use `batch(n, drop_remainder=True)`{rule if replicas > 1 else ''}"
            f"{_REMEDY}."
        )
    return Batch(images, labels, wait_seconds, extents)


def checked_labels(labels, classes):
    """Returns the labels of a step, or fails in the step if one is no class.

    Raises:
        tf.errors.InvalidArgumentError: A label is not from 0 to `classes` - 1.
    """
    low, high = tf.reduce_min(labels), tf.reduce_max(labels)
    rule = f"Labels must be from 0 to {classes - 1}. Lowest and highest:"
    check = tf.debugging.Assert((low >= 0) & (high < classes), [rule, low, high])
    with tf.control_dependencies([check] if check is not None else []):
        return tf.identity(labels)


def as_levels(images, shape):
    """Checks the images of a step; floats become whole levels.

    Args:
        images: Tensor `(batch, *shape)`. For images and solids uint8, or floats of
            levels in [0, 255] as `keras.utils.image_dataset_from_directory` yields
            them; for sounds, `shape` of a length and channels, int16.
        shape: Tuple of int, without the batch.

    Returns:
        uint8 tensor; int16 for sounds.

    Raises:
        ValueError: The shape or the type is another one.
        tf.errors.InvalidArgumentError: Floats lie beyond [0, 255], or all in [0, 1].
    """
    images = tf.convert_to_tensor(images)
    if not images.shape[1:].is_compatible_with(shape):
        remedy = _REMEDY if len(shape) == 3 else ""
        raise ValueError(
            f"Images must be of shape (batch, {', '.join(map(str, shape))}){remedy}. "
            f"Received: {tuple(images.shape)}"
        )
    if not images.shape[1:].is_fully_defined():
        images = tf.ensure_shape(images, (None, *shape))
    is_sound = len(shape) == 2
    if images.dtype == (tf.int16 if is_sound else tf.uint8):
        return images
    if is_sound or not images.dtype.is_floating:
        rule = "int16" if is_sound else "uint8, or floats in [0, 255]"
        raise ValueError(f"Images must be {rule}. Received: {images.dtype.name}")
    low, high = tf.reduce_min(images), tf.reduce_max(images)
    are_levels = any_pictures.are_of_range(low, high)
    check = tf.debugging.Assert(are_levels, [_LEVELS, "Lowest and highest:", low, high])
    with tf.control_dependencies([check] if check is not None else []):
        return tf.cast(tf.round(images), tf.uint8)


def of_one_size(data, labels=None, batch_size=None, seed=0, shuffle=True):
    """Makes batches of one size from the data of `fit`; drops an incomplete last batch.

    Args:
        data: Array of images, or a `tf.data.Dataset` of batches of any size. Anything
            else is returned as it is.
        labels: Array of the images' labels. Defaults to `None`.
        batch_size: int. Images in a batch made of an array. Defaults to `None`: 32.
        seed: int. Seed of the order of an array. Defaults to `0`.
        shuffle: bool. Shuffle an array again in each epoch. Defaults to `True`.

    Returns:
        `tf.data.Dataset` of batches, or `data`.

    Raises:
        ValueError: An array has fewer images than a batch, or floats of another range;
            a dataset is empty; `data` is a list; or there are labels without an array
            of images.
    """
    is_array = isinstance(data, np.ndarray | tf.Tensor)
    if not is_array and (labels is not None or isinstance(data, list | tuple)):
        raise ValueError(
            "`x` must be one array of images, with or without an array `y` of labels, "
            "or a dataset, whose batches hold the labels. "
            f"Received: {type(data).__name__}"
        )
    if isinstance(data, tf.data.Dataset):
        specs = tf.nest.flatten(data.element_spec)
        if all(not spec.shape.rank or spec.shape[0] is not None for spec in specs):
            return data
        first = next(iter(data.take(1)), None)
        if first is None:
            raise ValueError("The dataset must have images. Received: an empty one")
        size = len(tf.nest.flatten(first)[0])

        def is_whole(*batch):
            return tf.shape(tf.nest.flatten(batch)[0])[0] == size

        def of_known_size(tensor):
            return tf.ensure_shape(tensor, (size, *tensor.shape[1:]))

        return data.filter(is_whole).map(
            lambda *batch: tf.nest.map_structure(
                of_known_size, batch if len(batch) > 1 else batch[0]
            )
        )
    if not is_array:
        return data
    size = batch_size or 32
    if len(data) < size:
        raise ValueError(
            f"`x` must have as many images as a batch ({size}), or more. "
            f"Received: {len(data)}"
        )
    if isinstance(data, np.ndarray) and data.dtype.kind == "f":
        low, high = data.min(), data.max()
        if not any_pictures.are_of_range(low, high):
            raise ValueError(f"{_LEVELS} Received: {low:.4g} to {high:.4g}")
    items = data if labels is None else (data, labels)
    items = tf.data.Dataset.from_tensor_slices(items)
    if shuffle:
        items = items.shuffle(len(data), seed)
    return items.batch(size, drop_remainder=True)


def split(x, y, share):
    """Splits arrays into images to train on and held-out images, a share at the end.

    Args:
        x: Array of images.
        y: Array of their labels, or `None`.
        share: float between 0 and 1.

    Returns:
        Pairs of images and labels.
    """
    if not isinstance(x, np.ndarray | tf.Tensor):
        raise ValueError(
            "`validation_split` must be of an array of images: give held-out images as "
            f"`validation_data` instead. Received: {type(x).__name__}"
        )
    first = int(len(x) * (1.0 - share))
    if not 0 < first < len(x):
        raise ValueError(
            "`validation_split` must leave images to train on and some to hold out. "
            f"Received: {share} of {len(x)}"
        )
    return tuple(
        (x[part], None if y is None else y[part])
        for part in (slice(first), slice(first, None))
    )


# Advice for other data.
_REMEDY = ", as `inr_keras.picture_batches` makes them of any dataset"
_LEVELS = f"Images of floats must have levels in [0, 255]{_REMEDY}."
_REASONS = {
    "labels": "has classes",
    "extents": "keeps the shapes of images",
}


def _is_several(data):
    return isinstance(data, (tuple, list))


def spec(config, index=-1):
    """Makes the `tf.TensorSpec`s of the data of a stage's training step."""
    shape = _shape(config, index)
    return _item(
        config,
        tf.TensorSpec(shape, config.data.dtype),
        tf.TensorSpec(shape[:1], tf.int32),
        tf.TensorSpec((shape[0], 2), tf.int32),
    )


def _shape(config, index):
    sides = (stage_levels.sides(config)[index],) * config.data.axes
    return config.batch_size, *sides, config.data.image_channels


def _item(config, images, labels, extents):
    """Joins images with the labels and extents that a dataset of `config` has."""
    others = [labels] * config.data.labels
    others += [extents] * config.data.keeps_aspect
    return (images, *others) if others else images


def random_item(config, index=-1):
    """Makes the data of a stage's training step, random images of the first class."""
    generator = np.random.default_rng(config.seed)
    shape = _shape(config, index)
    images = tf.constant(generator.integers(0, 256, shape).astype(config.data.dtype))
    extents = tf.fill((shape[0], 2), config.resolution)
    return _item(config, images, tf.zeros(shape[:1], tf.int32), extents)
