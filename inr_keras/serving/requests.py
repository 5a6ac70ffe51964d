"""What exported models refuse, in their graphs."""

import tensorflow as tf

MAX_TRUNCATION = 10.0
MAX_BOX = 1e6
MAX_SIDE = 4096
MAX_PIXELS = 2**24


def limits():
    """As dict, for the metadata."""
    return {
        "max_side": MAX_SIDE,
        "max_pixels": MAX_PIXELS,
        "max_box": MAX_BOX,
        "max_truncation": MAX_TRUNCATION,
    }


def truncation(values):
    return _checked(
        values,
        tf.abs(values) <= MAX_TRUNCATION,
        f"truncation must be from -{MAX_TRUNCATION:g} to {MAX_TRUNCATION:g}.",
    )


def label(values, classes, name="label"):
    return _checked(
        values,
        (values >= 0) & (values < classes),
        f"{name} must be from 0 to {classes - 1}.",
    )


def finite(values, name):
    return _checked(
        values, tf.math.is_finite(values), f"{name} must be finite numbers."
    )


def box(values):
    good = (tf.abs(values) <= MAX_BOX) & tf.reduce_all(values[:2] < values[2:])
    return _checked(
        values,
        good,
        "box must be x0, y0, x1, y1 with x0 < x1 and y0 < y1, numbers up to a "
        "million.",
    )


def sides(height, width):
    """Height and width of a picture to draw."""
    both = tf.cast(tf.stack([height, width]), tf.int64)
    good = (both >= 1) & (both <= MAX_SIDE)
    good &= tf.reduce_prod(both) <= MAX_PIXELS
    both = _checked(
        both,
        good,
        f"height and width must be from 1 to {MAX_SIDE}.",
    )
    height, width = tf.unstack(tf.cast(both, tf.int32))
    return height, width


def _checked(values, good, rule):
    """`values`, once it is sure that all of them are `good`."""
    check = tf.debugging.Assert(
        tf.reduce_all(good), [f"{rule} Received:", values], summarize=8
    )
    # What follows must not begin before.
    with tf.control_dependencies([check]):
        return tf.identity(values)
