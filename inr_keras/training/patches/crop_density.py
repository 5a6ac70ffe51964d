"""Maps of sampling density: crops are more frequent where the density is high."""

import numpy as np
import tensorflow as tf

from inr_keras import coordinates
from inr_keras.data.complaints import UnreadableImageError
from inr_keras.data.image_folder import decode_image

_CENTER_DEVIATION = 0.5  # Standard deviation, in a frame from -1 to 1.


def load(name, resolution):
    """Loads a map of density.

    Args:
        name: str. `""`: no map, all crops are equally likely; `"center"`: a normal
            distribution about the middle with a standard deviation of 0.5, where the
            frame reaches from -1 to 1; otherwise the path of an image, whose mean of
            red, green and blue is the density: no crop lies where it is black.
        resolution: int. Side of the training frame, in pixels.

    Returns:
        float64 array `(resolution, resolution)`, or `None` without a map.

    Raises:
        ValueError: The image cannot be read or is all black.
    """
    if not name:
        return None
    if name == "center":
        axis = np.array(
            coordinates.axis_coordinates(np.arange(resolution), resolution, "center"),
            "float64",
        )
        bell = np.exp(-0.5 * (axis / _CENTER_DEVIATION) ** 2)
        return bell[:, None] * bell
    try:
        image = decode_image(name, resolution)
    except UnreadableImageError as error:
        raise ValueError(
            f"config.data.density must be center or an image ({error}). "
            f"Received: {name!r}"
        ) from error
    density = image.astype("float64").mean(axis=-1)
    if not density.any():
        raise ValueError(
            "config.data.density must be an image that is not all black. "
            f"Received: {name!r}"
        )
    return density


class CropDraw:
    """Draws crops of one size, each with the probability of its mean density.

    Whole crops are drawn instead of points, because a convolutional discriminator needs
    the points of a patch on a lattice. Real and fake crops have the same distribution,
    so that the networks still learn the data's distribution, but see more of it where
    the density is high. A crop whose density is zero everywhere is never drawn.

    Args:
        density: Array `(H, W)` of numbers that are not negative.
        extent: int. Pixels that a crop covers on a side.
        spacing: int. Pixels between the starts of neighbouring crops.

    Call arguments:
        uniform: Tensor `(batch, 2)` of numbers in [0, 1).

    Returns:
        int32 tensor `(batch, 2)`: row and column of each crop's start, in spacings.
    """

    def __init__(self, density, extent, spacing):
        sums = np.pad(density, ((1, 0), (1, 0))).cumsum(0).cumsum(1)
        rows = np.arange(0, density.shape[0] - extent + 1, spacing)
        columns = np.arange(0, density.shape[1] - extent + 1, spacing)
        low, high = np.ix_(rows, columns), np.ix_(rows, columns + extent)
        weights = (
            sums[np.ix_(rows + extent, columns + extent)]
            - sums[np.ix_(rows + extent, columns)]
            - sums[high]
            + sums[low]
        )
        # Differences of large sums leave rounding errors where the density is zero.
        weights[weights < 1e-9 * sums[-1, -1]] = 0.0
        if not weights.any():
            weights[:] = 1.0
        self.probabilities = weights / weights.sum()
        by_row = self.probabilities.sum(1, keepdims=True)
        within = self.probabilities / np.where(by_row, by_row, 1.0)
        self._row_steps = _steps(by_row[:, 0])
        self._column_steps = _steps(within)

    def __call__(self, uniform):
        row = _count(uniform[:, :1] >= self._row_steps)
        column = _count(uniform[:, 1:] >= tf.gather(self._column_steps, row))
        return tf.stack([row, column], axis=-1)


def _steps(probabilities):
    """Computes the values of a cumulative distribution, with 1 raised out of reach."""
    steps = np.cumsum(probabilities, axis=-1)
    # Sums are rounded: no number below 1 may lie beyond the last possible crop.
    steps[steps > 1.0 - 1e-12] = 2.0
    return tf.constant(steps, tf.float32)


def _count(passed):
    return tf.reduce_sum(tf.cast(passed, tf.int32), axis=-1)
