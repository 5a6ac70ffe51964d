"""Learned table of features over a frame of any number of axes."""

import collections.abc
import functools
import math

import keras
from keras import ops

from inr_keras import coordinates
from inr_keras.layers import precision
from inr_keras.whole_numbers import check_positive


@keras.saving.register_keras_serializable(package="inr_keras")
class CoordinateEmbedding(keras.layers.Layer):
    """A learned vector for each lattice point, interpolated between them.

    A coordinate on a lattice point reads exactly the row of this point. A coordinate
    between points reads the multilinear mean of the 2^n points around it, and a
    coordinate beyond the border reads the nearest border point. Only rows that are read
    get a gradient, as `IndexedSlices` on TensorFlow, so that a patch's backward pass
    does not grow with the table. Positions and weights are float32 whatever the dtype
    policy.

    Args:
        sizes: Sequence of int. Points of the lattice along each axis, in the
            order of the coordinates: x, y, then z or t. The rows of the table
            are the points in the order of a grid, x the fastest axis.
        channels: int. Length of a vector.
        alignment: str. `"corner"` or `"center"`, as in
            `inr_keras.coordinates`: where lattice points lie in the frame.
            With the alignment of the rendered grid, a grid of `sizes` samples
            lies on the lattice. Defaults to `"corner"`.
        reference_training: bool. Reproduces CIPS's public code, which reads
            its table in `center` alignment for coordinates in `corner`, but
            in training copies it row by row, so that the two differ. With
            `True`, a training call reads the nearest `corner` lattice point
            instead. Defaults to `False`.
        **kwargs: Base layer arguments, such as `name` and `dtype`.

    Call arguments:
        coords: Tensor of shape `(batch, points, len(sizes))`, float32.
        training: bool. Matters to `reference_training` alone.

    Returns:
        Tensor of shape `(batch, points, channels)`.

    Raises:
        ValueError: A size or `channels` is not positive, or `alignment` or the dtype is
            unknown.

    Example:
        >>> embedding = CoordinateEmbedding(sizes=(16, 16), channels=8)
        >>> coords = np.array([[[-1.0, -1.0], [0.1, 0.2]]], "float32")
        >>> features = embedding(coords)
        >>> tuple(features.shape)
        (1, 2, 8)
        >>> np.array_equal(features[0, 0], embedding.table[0])  # A lattice point.
        True

    References:
        - [Anokhin et al., 2020](https://arxiv.org/abs/2011.13775), section 3.2.
    """

    def __init__(
        self, sizes, channels, alignment="corner", reference_training=False, **kwargs
    ):
        super().__init__(autocast=False, **kwargs)
        precision.check(self)
        if not isinstance(sizes, collections.abc.Iterable) or not tuple(sizes):
            raise ValueError(
                f"`sizes` must be a sequence, one for each axis. Received: {sizes=}"
            )
        sizes = tuple(sizes)
        check_positive(**{f"sizes[{i}]": size for i, size in enumerate(sizes)})
        check_positive(channels=channels)
        if alignment not in coordinates.ALIGNMENTS:
            raise ValueError(
                f"`alignment` must be one of {coordinates.ALIGNMENTS}. "
                f"Received: {alignment=}"
            )
        self.input_spec = keras.InputSpec(axes={-1: len(sizes)})
        self.sizes = sizes
        self.channels = channels
        self.alignment = alignment
        self.reference_training = reference_training

    @property
    def tables(self):
        """List of the variables of which a call reads a few rows."""
        return [self.table]

    def build(self, coords_shape):
        # Rows, not a cube: a gather on the variable itself keeps its gradient
        # sparse, a reshape in between would make it dense.
        self.table = self.add_weight(
            name="table",
            shape=(math.prod(self.sizes), self.channels),
            initializer=keras.initializers.RandomNormal(stddev=1.0),
            autocast=False,
        )

    def call(self, coords, training=False):
        coords = ops.cast(coords, "float32")
        copies = training and self.reference_training
        alignment = "corner" if copies else self.alignment
        neighbours = []  # Index and weight of the points to read, for each axis.
        for axis, size in enumerate(self.sizes):
            position = coordinates.nearest_lattice_positions(
                coords[..., axis], size, alignment
            )
            if copies:
                neighbours.append([(ops.cast(ops.round(position), "int32"), 1.0)])
                continue
            low = ops.floor(position)
            share = ops.expand_dims(position - low, axis=-1)
            low = ops.cast(low, "int32")
            high = ops.minimum(low + 1, size - 1)
            neighbours.append([(low, 1.0 - share), (high, share)])

        def read(axis, index):
            """Mean along the axes up to `axis`, at one `index` of the later ones."""
            if axis < 0:
                return ops.take(self.table, index, axis=0)
            parts = [
                read(axis - 1, index * self.sizes[axis] + place) * weight
                for place, weight in neighbours[axis]
            ]
            return functools.reduce(ops.add, parts)

        return ops.cast(read(len(self.sizes) - 1, 0), self.compute_dtype)

    def compute_output_shape(self, coords_shape):
        return (*coords_shape[:-1], self.channels)

    def get_config(self):
        config = {
            "sizes": self.sizes,
            "channels": self.channels,
            "alignment": self.alignment,
            "reference_training": self.reference_training,
        }
        return {**super().get_config(), **config}

    @classmethod
    def from_config(cls, config):
        if "height" in config:  # Of a version that had two axes alone.
            config = dict(config)
            config["sizes"] = config.pop("width"), config.pop("height")
        return super().from_config(config)
