"""Batches for the training of a GAN, from any dataset of pictures."""

import os

import numpy as np
import tensorflow as tf

from inr_keras.whole_numbers import check_positive

_FORMS = (
    "images (height, width, 1, 3 or 4 channels) or batches of them, alone, first of a "
    "tuple with labels, or in a dict as `image` with `label`"
)


def picture_batches(
    data,
    resolution,
    batch_size=16,
    value_range=(0.0, 255.0),
    labels=False,
    channels=3,
):
    """Makes batches for `INRGAN.fit` from any dataset of pictures.

    The central square of each image is resized to the resolution by area interpolation
    and converted to uint8. The order stays; an incomplete last batch is left out.

    Args:
        data: `tf.data.Dataset` of images or of batches of images, with or without
            labels, such as `keras.utils.image_dataset_from_directory` or TensorFlow
            Datasets return; or array of images.
        resolution: int. Side of the images, in pixels.
        batch_size: int. Images in a batch. Defaults to `16`.
        value_range: Tuple of the values of black and white, such as `(0, 1)` or
            `(-1, 1)`; not used for uint8 images. Defaults to `(0, 255)`.
        labels: bool. Whether to keep labels, for a generator with `class_names`. They
            are whole numbers or one-hot vectors. Defaults to `False`: only images.
        channels: int. Channels of the result, 1, 3 or 4, which the images must have;
            for 3, grey images are repeated. Defaults to `3`.

    Returns:
        `tf.data.Dataset` of uint8 batches `(batch_size, resolution, resolution,
        channels)`; with `labels`, of pairs of such a batch and int32 `(batch_size,)`.

    Raises:
        ValueError: The dataset has another form, other channels, or fewer images than
            a batch; its first images have values outside of the range; or an argument
            is out of its range.

    Example:
        >>> pictures = np.random.default_rng(0).uniform(0.0, 1.0, (9, 40, 30, 3))
        >>> batches = picture_batches(pictures, 16, 4, value_range=(0, 1))
        >>> batches.element_spec.shape, len(list(batches))
        (TensorShape([4, 16, 16, 3]), 2)
    """
    if isinstance(data, (str, os.PathLike)):
        raise ValueError(
            "`data` must be an array or a dataset, which "
            "keras.utils.image_dataset_from_directory makes of a folder. "
            f"Received: {data!r}"
        )
    check_positive(resolution=resolution, batch_size=batch_size)
    if np.shape(value_range) != (2,) or not value_range[0] < value_range[1]:
        raise ValueError(
            "`value_range` must be the values of black and white, such as (0, 1). "
            f"Received: {value_range!r}"
        )
    if not isinstance(data, tf.data.Dataset):
        try:
            data = tf.data.Dataset.from_tensor_slices(data)
        except (TypeError, ValueError) as error:
            raise ValueError(
                "`data` must be an array, whose images have one size, or a "
                f"`tf.data.Dataset`. Received: {type(data).__name__}"
            ) from error
    picture, label = _parts(data.element_spec)
    rank = getattr(getattr(picture, "shape", None), "rank", None)
    if rank not in (3, 4) or (labels and label is None):
        wanted = "labelled " if labels else ""
        raise ValueError(
            f"`data` must be of {wanted}{_FORMS}. Received: {data.element_spec}"
        )
    count = picture.shape[-1]
    if count != channels and not (count in (1, None) and channels == 3):
        raise ValueError(
            f"`channels` must be those of the images, {count}. Received: {channels}"
        )
    if picture.dtype != tf.uint8:
        for item in data.take(1):
            _check_range(_parts(item)[0].numpy(), value_range)
    if rank == 4:
        data = data.unbatch()
    count = int(data.cardinality())
    if 0 <= count < batch_size:  # Below 0: unknown, or without end.
        raise ValueError(
            f"`batch_size` must be at most the number of images, {count}. "
            f"Received: {batch_size}"
        )

    def prepare(*item):
        picture, label = _parts(item if len(item) > 1 else item[0])
        picture = _fitted(picture, resolution, value_range, channels)
        return (picture, _class(label)) if labels else picture

    data = data.map(prepare, num_parallel_calls=tf.data.AUTOTUNE)
    return data.batch(batch_size, drop_remainder=True).prefetch(2)


def _parts(item):
    """Returns the images and the labels, or `None`, of an item or its spec."""
    if isinstance(item, dict):
        return item.get("image"), item.get("label")
    if isinstance(item, (tuple, list)):
        return item[0], item[1] if len(item) > 1 else None
    return item, None


def are_of_range(low, high, value_range=(0.0, 255.0)):
    """Tells whether values from `low` to `high`, also tensors, lie in a range."""
    black, white = value_range
    # Levels in [0, 255] are hardly all below 1 unless they are of another range.
    is_clear = (high > 1.0) | (high <= 0.0) | (white != 255)
    return (low >= black) & (high <= white) & is_clear


def _check_range(values, value_range):
    low, high = float(np.min(values)), float(np.max(values))
    black, white = value_range
    if not are_of_range(low, high, value_range):
        raise ValueError(
            f"`value_range` must be that of the images, such as (0, 1). Received: "
            f"({black:g}, {white:g}) for values from {low:.4g} to {high:.4g}"
        )


def _fitted(picture, resolution, value_range, channels):
    """Converts an image of any size to a uint8 square."""
    count = picture.shape[-1]
    if picture.dtype != tf.uint8:
        black, white = value_range
        picture = (tf.cast(picture, "float32") - black) * (255.0 / (white - black))
    height, width = tf.unstack(tf.shape(picture)[:2])
    side = tf.minimum(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    picture = picture[top : top + side, left : left + side]
    if picture.shape[:2] != (resolution, resolution):
        picture = tf.image.resize(picture, (resolution, resolution), method="area")
    if picture.dtype != tf.uint8:
        picture = tf.cast(tf.round(tf.clip_by_value(picture, 0.0, 255.0)), tf.uint8)
    if count != channels:
        picture = tf.image.grayscale_to_rgb(picture) if count == 1 else picture
    return tf.ensure_shape(picture, (resolution, resolution, channels))


def _class(label):
    """Converts a label, a whole number or a one-hot vector, to an int32."""
    label = tf.reshape(label, [-1])
    if label.shape[0] != 1:
        return tf.argmax(label, output_type=tf.int32)
    return tf.cast(tf.round(label[0]) if label.dtype.is_floating else label[0], "int32")
