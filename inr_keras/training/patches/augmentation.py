"""Differentiable augmentation for small datasets.

Zhao et al. 2020, "Differentiable Augmentation for Data-Efficient GAN Training" (arXiv
2006.10738): the same random changes on real and fake images, so that the discriminator
cannot memorize the data and the generator does not learn the changes. The changes are
plain tensor operations, which compile and have gradients of every order.
"""

import tensorflow as tf

from inr_keras.config.choices import AUGMENTATIONS

NUM_UNIFORMS = 7  # Random numbers that one image's changes take.

BRIGHTNESS = 0.5  # Largest brightness that is added or taken away.
TRANSLATION = 0.125  # Largest shift, as a share of the side.
CUTOUT = 0.5  # Side of the square, as a share of the image's.


def diff_augment(images, uniforms, policies):
    """Changes each image by its own random numbers.

    Args:
        images: float tensor `(batch, height, width, channels)` in [-1, 1].
        uniforms: float32 tensor `(batch, NUM_UNIFORMS)` in [0, 1).
        policies: Sequence of names from `AUGMENTATIONS`. `color` changes brightness,
            saturation and contrast. `translation` shifts by up to an eighth of the
            side and repeats the border; the source fills with zeros, which are grey
            here and would put an edge on images on white. `cutout` zeroes a square of
            half the side, as in the source.

    Returns:
        Tensor of the shape of `images`.

    Raises:
        ValueError: A policy is unknown.
    """
    check(policies)
    if "color" in policies:
        images = _color(images, uniforms[:, 0:3])
    if "translation" in policies:
        images = _translate(images, uniforms[:, 3:5])
    if "cutout" in policies:
        images = _cutout(images, uniforms[:, 5:7])
    return images


def check(augment_policies):
    """Raises `ValueError` where `augment_policies` are not names of `AUGMENTATIONS`."""
    if isinstance(augment_policies, str) or set(augment_policies) - set(AUGMENTATIONS):
        raise ValueError(
            f"`augment_policies` must be a sequence of {', '.join(AUGMENTATIONS)}. "
            f"Received: {augment_policies!r}"
        )


def _color(images, uniforms):
    u = uniforms[:, :, None, None, None]
    x = images + (u[:, 0] * 2.0 - 1.0) * BRIGHTNESS
    gray = tf.reduce_mean(x, axis=-1, keepdims=True)
    x = gray + (x - gray) * (u[:, 1] * 2.0)
    mean = tf.reduce_mean(x, axis=(1, 2, 3), keepdims=True)
    return mean + (x - mean) * (u[:, 2] + 0.5)


def _translate(images, uniforms):
    for axis in (1, 2):
        size = images.shape[axis]
        limit = int(size * TRANSLATION + 0.5)
        shift = tf.floor(uniforms[:, axis - 1] * (2 * limit + 1))
        shift = tf.minimum(tf.cast(shift, tf.int32), 2 * limit)
        index = tf.clip_by_value(shift[:, None] - limit + tf.range(size), 0, size - 1)
        images = tf.gather(images, index, axis=axis, batch_dims=1)
    return images


def _cutout(images, uniforms):
    masks = []
    for i, size in enumerate(images.shape[1:3]):
        side = int(size * CUTOUT + 0.5)
        # Half of a square may lie outside, so that borders are hidden as often as the
        # middle.
        start = tf.floor(uniforms[:, i] * (size + 1 - side % 2))
        start = start[:, None] - side // 2
        position = tf.range(size, dtype=tf.float32)
        masks.append((position >= start) & (position < start + side))
    hidden = masks[0][:, :, None, None] & masks[1][:, None, :, None]
    return images * tf.cast(~hidden, images.dtype)
