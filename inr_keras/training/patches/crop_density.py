"""Where crops look more often than elsewhere: maps of sampling density."""

import numpy as np
import tensorflow as tf

from inr_keras import coordinates
from inr_keras.data.image_folder import UnreadableImageError
from inr_keras.data.image_folder import decode_image

_CENTER_DEVIATION = 0.5  # In the training frame, whose half side is 1.


def load(name, resolution):
    """A map of density, float64 `(resolution, resolution)`, or `None`.

    Args:
        name: str. `""`: none, all crops alike; `"center"`: a normal
            distribution about the middle, of deviation 0.5 where the frame
            reaches from -1 to 1; else the path of an image, whose mean of
            red, green and blue is the density, black being never.
        resolution: int. Side of the training frame.
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
    """Draws crops of one size, each as often as its mean density says.

    Whole crops are drawn and not points, as a discriminator of convolutions needs
    the points of a patch on a lattice. Real and fake crops are drawn alike, so
    that what both nets agree on stays the data's distribution; it is told of
    more often where the map is high. A map that is zero all over a crop is
    never trained there.

    Args:
        density: Array `(H, W)`, none below zero.
        extent: int. Pixels that a crop covers on a side.
        spacing: int. Pixels between the starts of neighbouring crops.
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
        # Differences of large sums leave a little where nothing is.
        weights[weights < 1e-9 * sums[-1, -1]] = 0.0
        if not weights.any():
            weights[:] = 1.0
        self.probabilities = weights / weights.sum()
        by_row = self.probabilities.sum(1, keepdims=True)
        within = self.probabilities / np.where(by_row, by_row, 1.0)
        self._rows = _steps(by_row[:, 0])
        self._columns = _steps(within)

    def __call__(self, uniform):
        """Indices of crops, int32 `(batch, 2)`: which row, which column.

        Args:
            uniform: Tensor `(batch, 2)` of numbers in [0, 1).
        """
        row = _count(uniform[:, :1] >= self._rows)
        column = _count(uniform[:, 1:] >= tf.gather(self._columns, row))
        return tf.stack([row, column], axis=-1)


def _steps(probabilities):
    """Where the distribution function steps up, but for its last step."""
    steps = np.cumsum(probabilities, axis=-1)
    # Sums of rounded numbers: the last that can be is never stepped over.
    steps[steps > 1.0 - 1e-12] = 2.0
    return tf.constant(steps, tf.float32)


def _count(below):
    return tf.reduce_sum(tf.cast(below, tf.int32), axis=-1)
