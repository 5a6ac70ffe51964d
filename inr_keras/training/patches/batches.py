"""Batches of real data: images, and the labels and extents that belong to them."""

import typing

import numpy as np
import tensorflow as tf


class Batch(typing.NamedTuple):
    """Data of a step; parts that a data set does not have are `None`."""

    images: tf.Tensor  # uint8 (batch, R, R, channels), see `Data.kind`.
    labels: tf.Tensor | None = None  # int32 (batch,).
    wait_seconds: tf.Tensor | None = None  # Time that the reader waited for it.
    extents: tf.Tensor | None = None  # int32 (batch, 2): rows and columns.


def unpack(data, has_labels, has_extents=False):
    """Turns an item of a data set into a `Batch`.

    Args:
        data: Images; or a tuple of images and their labels, their extents or both; or a
            pair of either and the seconds that the reader waited for it.
        has_labels: bool. Whether the model has classes.
        has_extents: bool. Whether images have different shapes. Defaults to `False`.

    Raises:
        ValueError: Labels or extents are missing, or batches have no fixed size.
    """
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
    elif _is_several(data):
        images, *rest = data
        wait_seconds = rest[0] if len(rest) == 1 else None
    else:
        images = data
    if images.shape[0] is None:
        raise ValueError(
            "The dataset must have batches of one known size: "
            "use `batch(n, drop_remainder=True)`."
        )
    return Batch(images, labels, wait_seconds, extents)


_REASONS = {
    "labels": "has classes",
    "extents": "keeps the shapes of images",
}


def _is_several(data):
    return isinstance(data, (tuple, list))


def spec(config):
    """Makes the `tf.TensorSpec`s of a training step's data."""
    shape = _shape(config)
    return _item(
        config,
        tf.TensorSpec(shape, config.data.dtype),
        tf.TensorSpec(shape[:1], tf.int32),
        tf.TensorSpec((shape[0], 2), tf.int32),
    )


def _shape(config):
    sides = (config.resolution,) * config.data.axes
    return config.batch_size, *sides, config.data.image_channels


def _item(config, images, labels, extents):
    """Joins images with the labels and extents that a data set of `config` has."""
    others = [labels] * config.data.labels
    others += [extents] * config.data.keeps_aspect
    return (images, *others) if others else images


def random_item(config):
    """Makes a training step's data of random square images in the first class."""
    generator = np.random.default_rng(config.seed)
    shape = _shape(config)
    images = tf.constant(generator.integers(0, 256, shape).astype(config.data.dtype))
    extents = tf.fill((shape[0], 2), config.resolution)
    return _item(config, images, tf.zeros(shape[:1], tf.int32), extents)
