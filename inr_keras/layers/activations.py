"""The activation that all layers share."""

import math

from keras import ops

GAIN = math.sqrt(2.0)  # Keeps the variance of a leaky ReLU's input.
SLOPE = 0.2


def scaled_leaky_relu(inputs):
    """Leaky ReLU of slope 0.2, times sqrt(2) (StyleGAN2, CIPS).

    Example:
        >>> scaled_leaky_relu(np.array([-1.0, 1.0], "float32")).numpy().round(3)
        array([-0.283,  1.414], dtype=float32)
    """
    return ops.leaky_relu(inputs, negative_slope=SLOPE) * GAIN


def check_activation(activation):
    """Raises `ValueError` for anything but `"leaky_relu"` and `None`."""
    if activation not in (None, "leaky_relu"):
        raise ValueError(
            f'`activation` must be "leaky_relu" or None. Received: {activation=}'
        )
