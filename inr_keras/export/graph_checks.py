"""Checks of inputs in the graphs of exported models."""

import tensorflow as tf

from inr_keras.rectangles import MAX_BOX

MAX_TRUNCATION = 10.0
MAX_SIDE = 4096


def limits():
    """Limits of the checks as a dict, for the metadata."""
    return {
        "max_side": MAX_SIDE,
        "max_box": MAX_BOX,
        "max_truncation": MAX_TRUNCATION,
    }


def seeds(values):
    """Checks seeds."""
    return _checked(values, values >= 0, "seeds must be 0 or more.")


def truncation(values):
    """Checks truncations against the limit."""
    return _checked(
        values,
        tf.abs(values) <= MAX_TRUNCATION,
        f"truncation must be from -{MAX_TRUNCATION:g} to {MAX_TRUNCATION:g}.",
    )


def label(values, classes, name="label"):
    """Checks numbers of classes."""
    return _checked(
        values,
        (values >= 0) & (values < classes),
        f"{name} must be from 0 to {classes - 1}.",
    )


def finite(values, name):
    """Checks that numbers are finite."""
    return _checked(
        values, tf.math.is_finite(values), f"{name} must be finite numbers."
    )


def boxes(values):
    """Checks any number of boxes, and reshapes them to `(count, 4)`."""
    values = _checked(
        values,
        tf.reduce_sum(tf.shape(values)[-1:]) == 4,  # 0 of a scalar.
        "box must be four numbers.",
    )
    values = tf.reshape(values, (-1, 4))
    areas = tf.reduce_all(values[:, :2] < values[:, 2:])
    return _checked(
        values,
        (tf.abs(values) <= MAX_BOX) & areas,
        "box must be x0, y0, x1, y1 with x0 < x1 and y0 < y1, numbers up to "
        f"{MAX_BOX:.0f} in size.",
    )


def sides(heights, widths):
    """Checks heights and widths of images."""
    both = tf.cast(tf.stack([heights, widths]), tf.int64)
    both = _checked(
        both,
        (both >= 1) & (both <= MAX_SIDE),
        f"height and width must be from 1 to {MAX_SIDE}.",
    )
    heights, widths = tf.unstack(tf.cast(both, tf.int32))
    return heights, widths


def as_many(boxes, *tensors):
    """Checks that tensors have one entry for each box."""
    counts = tf.stack([tf.shape(values)[0] for values in tensors])
    counts = _checked(
        counts,
        counts == tf.shape(boxes)[0],
        "all inputs must be of as many images as there are boxes.",
    )
    with tf.control_dependencies([counts]):
        return [tf.identity(values) for values in tensors]


def _checked(values, good, rule):
    """Returns `values` once an assertion has found all of them `good`."""
    check = tf.debugging.Assert(
        tf.reduce_all(good), [f"{rule} Received:", values], summarize=8
    )
    # Later operations must wait for the check.
    with tf.control_dependencies([check]):
        return tf.identity(values)
