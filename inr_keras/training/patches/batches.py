"""What a batch of real data holds: images, and what comes with them."""

import typing

import numpy as np
import tensorflow as tf


class Batch(typing.NamedTuple):
    """A step's data; what is not there is `None`."""

    images: tf.Tensor  # uint8 (batch, R, R, channels).
    labels: tf.Tensor | None = None  # int32 (batch,).
    waited: tf.Tensor | None = None  # Seconds that the reader waited.
    extents: tf.Tensor | None = None  # int32 (batch, 2): rows and columns.


def unpack(data, labelled, shaped=False):
    """The `Batch` that a data set's item is.

    Args:
        data: Images; with `labelled` or `shaped`, a tuple of images,
            labels and extents, as many as there are; or a pair of those and
            the seconds that their reader waited.
        labelled: bool. Whether the model has classes.
        shaped: bool. Whether images are of different shapes.
    """
    names = ["labels"] * labelled + ["extents"] * shaped
    labels = waited = extents = None
    if names:
        if _is_several(data) and _is_several(data[0]):
            data, waited = data
        if not _is_several(data) or len(data) != 1 + len(names):
            raise ValueError(
                f"The dataset must have pairs of images and "
                f"{' and '.join(names)}, for the model "
                f"{_REASONS[names[-1]]}. Received: {data}"
            )
        images, *told = data
        told = dict(zip(names, told))
        labels, extents = told.get("labels"), told.get("extents")
    elif _is_several(data):
        images, *rest = data
        waited = rest[0] if len(rest) == 1 else None
    else:
        images = data
    if images.shape[0] is None:
        raise ValueError(
            "The dataset must have batches of one known size: "
            "use `batch(n, drop_remainder=True)`."
        )
    return Batch(images, labels, waited, extents)


_REASONS = {
    "labels": "has classes",
    "extents": "keeps the shapes of images",
}


def _is_several(data):
    return isinstance(data, (tuple, list))


def spec(config):
    """The `tf.TensorSpec`s of a training step's data."""
    shape = _shape(config)
    return _item(
        config,
        tf.TensorSpec(shape, tf.uint8),
        tf.TensorSpec(shape[:1], tf.int32),
        tf.TensorSpec((shape[0], 2), tf.int32),
    )


def _shape(config):
    side = config.resolution
    return config.batch_size, side, side, config.data.image_channels


def _item(config, images, labels, extents):
    """As a data set has it."""
    told = [labels] * config.data.labels
    told += [extents] * config.data.keeps_aspect
    return (images, *told) if told else images


def random(config):
    """Such data, of random square images in the first class."""
    generator = np.random.default_rng(config.seed)
    shape = _shape(config)
    images = tf.constant(generator.integers(0, 256, shape).astype("uint8"))
    extents = tf.fill((shape[0], 2), config.resolution)
    return _item(config, images, tf.zeros(shape[:1], tf.int32), extents)
