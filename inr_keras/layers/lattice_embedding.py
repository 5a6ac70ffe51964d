"""Learned table of features over a frame of any number of axes."""

import itertools
import math

import keras
from keras import ops

from inr_keras import coordinates


@keras.saving.register_keras_serializable(package="inr_keras")
class LatticeEmbedding(keras.layers.Layer):
    """`CoordinateEmbedding` for lines, planes, volumes and videos.

    A coordinate reads the multilinear mean of the 2^n lattice points around
    it; all else is as there, and with two axes the numbers are too.

    Args:
        sizes: Sequence of int. Points of the lattice along each axis, in the
            order of the coordinates: x, y, then z or t.
        channels: int. Length of a vector.
        alignment: str. `"corner"` or `"center"`. Defaults to `"corner"`.
        **kwargs: Base layer arguments, such as `name` and `dtype`.

    Call arguments:
        coords: Tensor of shape `(batch, points, len(sizes))`, float32.
        training: bool. Without meaning here.

    Returns:
        Tensor of shape `(batch, points, channels)`.
    """

    def __init__(self, sizes, channels, alignment="corner", **kwargs):
        super().__init__(autocast=False, **kwargs)
        sizes = tuple(sizes)
        if not sizes or min(sizes) < 1:
            raise ValueError(
                f"`sizes` must be positive, one for each axis. Received: {sizes=}"
            )
        if channels < 1:
            raise ValueError(f"`channels` must be positive. Received: {channels=}")
        if alignment not in coordinates.ALIGNMENTS:
            raise ValueError(
                f"`alignment` must be one of {coordinates.ALIGNMENTS}. "
                f"Received: {alignment=}"
            )
        self.sizes = sizes
        self.channels = channels
        self.alignment = alignment

    def build(self, coords_shape):
        # x is the fastest axis, as in `CoordinateEmbedding`.
        self.table = self.add_weight(
            name="table",
            shape=(math.prod(self.sizes), self.channels),
            initializer=keras.initializers.RandomNormal(stddev=1.0),
            autocast=False,
        )

    def call(self, coords, training=False):
        coords = ops.cast(coords, "float32")
        neighbours = []
        for axis, size in enumerate(self.sizes):
            position = coordinates.nearest_lattice_positions(
                coords[..., axis], size, self.alignment
            )
            low = ops.floor(position)
            share = position - low
            low = ops.cast(low, "int32")
            high = ops.minimum(low + 1, size - 1)
            neighbours.append(((low, 1.0 - share), (high, share)))
        result = 0.0
        for corner in itertools.product(*neighbours):
            index, weight = 0, 1.0
            for (place, share), size in zip(corner[::-1], self.sizes[::-1]):
                index = index * size + place
                weight = weight * share
            rows = ops.take(self.table, index, axis=0)
            result = result + rows * weight[..., None]
        return ops.cast(result, self.compute_dtype)

    def compute_output_shape(self, coords_shape):
        return (*coords_shape[:-1], self.channels)

    def get_config(self):
        config = {
            "sizes": self.sizes,
            "channels": self.channels,
            "alignment": self.alignment,
        }
        return {**super().get_config(), **config}
