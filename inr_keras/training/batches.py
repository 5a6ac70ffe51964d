"""What a batch of real data holds: pictures, their labels, a waiting time."""

import numpy as np
import tensorflow as tf


def unpack(data, labelled):
    """Pictures, labels and seconds of waiting; what is not there is `None`.

    Args:
        data: Pictures; with `labelled`, a pair of pictures and labels; or a
            pair of those and the seconds that their reader waited.
        labelled: bool. Whether the model has classes.
    """
    labels = waited = None
    if labelled:
        if _is_several(data) and _is_several(data[0]):
            data, waited = data
        if not _is_several(data):
            raise ValueError(
                "The dataset must have pairs of pictures and labels, for the "
                f"generator has classes. Received: {data}"
            )
        images, labels = data
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
    return images, labels, waited


def _is_several(data):
    return isinstance(data, (tuple, list))


def spec(config):
    """The `tf.TensorSpec`s of a training step's data."""
    shape = _shape(config)
    images = tf.TensorSpec(shape, tf.uint8)
    if not config.data.labels:
        return images
    return images, tf.TensorSpec(shape[:1], tf.int32)


def _shape(config):
    side = config.resolution
    return config.batch_size, side, side, config.data.picture_channels


def random(config):
    """Such data, of random pictures in the first class."""
    generator = np.random.default_rng(config.seed)
    shape = _shape(config)
    images = tf.constant(generator.integers(0, 256, shape).astype("uint8"))
    if not config.data.labels:
        return images
    return images, tf.zeros(shape[:1], tf.int32)
