"""Learned table of features over the frame."""

import keras
from keras import ops

from inr_keras import coordinates

_axis = coordinates.nearest_lattice_positions


@keras.saving.register_keras_serializable(package="inr_keras")
class CoordinateEmbedding(keras.layers.Layer):
    """A learned vector for each lattice point, interpolated between them.

    On the lattice a coordinate reads its own row of the table exactly;
    elsewhere it reads the bilinear mean of its four neighbours; beyond the
    border the nearest border point. Only the rows that are read get a
    gradient, as `IndexedSlices` on TensorFlow, so a patch's backward pass does
    not grow with the table. Positions and weights are float32 whatever the
    dtype policy.

    Args:
        height: int. Rows of the lattice.
        width: int. Columns of the lattice.
        channels: int. Length of a vector.
        alignment: str. `"corner"` or `"center"`, as in
            `inr_keras.coordinates`: where lattice points lie in the frame.
            With the alignment of the rendered grid, a grid of `height` x
            `width` lies on the lattice. Defaults to `"corner"`.
        reference_training: bool. Reproduces CIPS's public code, which reads
            its table in `center` alignment for coordinates in `corner`, but
            in training copies it row by row, so that the two differ. With
            `True`, a training call reads the nearest `corner` lattice point
            instead. Defaults to `False`.
        **kwargs: Base layer arguments, such as `name` and `dtype`.

    Call arguments:
        coords: Tensor of shape `(batch, points, 2)`, float32.
        training: bool. Matters to `reference_training` alone.

    Returns:
        Tensor of shape `(batch, points, channels)`.

    References:
        - [Anokhin et al., 2020](https://arxiv.org/abs/2011.13775), section 3.2.
    """

    def __init__(
        self,
        height,
        width,
        channels,
        alignment="corner",
        reference_training=False,
        **kwargs,
    ):
        super().__init__(autocast=False, **kwargs)
        for name, value in (
            ("height", height),
            ("width", width),
            ("channels", channels),
        ):
            if value < 1:
                raise ValueError(f"`{name}` must be positive. Received: {value}")
        if alignment not in coordinates.ALIGNMENTS:
            raise ValueError(
                f"`alignment` must be one of {coordinates.ALIGNMENTS}. "
                f"Received: {alignment=}"
            )
        self.height = height
        self.width = width
        self.channels = channels
        self.alignment = alignment
        self.reference_training = reference_training

    def build(self, coords_shape):
        # Rows, not a cube: a gather on the variable itself keeps its gradient
        # sparse, a reshape in between would make it dense.
        self.table = self.add_weight(
            name="table",
            shape=(self.height * self.width, self.channels),
            initializer=keras.initializers.RandomNormal(stddev=1.0),
            autocast=False,
        )

    def call(self, coords, training=False):
        coords = ops.cast(coords, "float32")
        if training and self.reference_training:
            column = coordinates.nearest_lattice_positions(
                coords[..., 0], self.width, "corner"
            )
            row = coordinates.nearest_lattice_positions(
                coords[..., 1], self.height, "corner"
            )
            column, row = ops.round(column), ops.round(row)
            return ops.cast(self._rows(row, column), self.compute_dtype)
        column = coordinates.nearest_lattice_positions(
            coords[..., 0], self.width, self.alignment
        )
        row = coordinates.nearest_lattice_positions(
            coords[..., 1], self.height, self.alignment
        )
        left, top = ops.floor(column), ops.floor(row)
        right = ops.minimum(left + 1.0, self.width - 1.0)
        bottom = ops.minimum(top + 1.0, self.height - 1.0)
        x = (column - left)[..., None]
        y = (row - top)[..., None]
        upper = self._rows(top, left) * (1 - x) + self._rows(top, right) * x
        lower = self._rows(bottom, left) * (1 - x)
        lower = lower + self._rows(bottom, right) * x
        return ops.cast(upper * (1 - y) + lower * y, self.compute_dtype)

    def _rows(self, row, column):
        index = ops.cast(row * self.width + column, "int32")
        return ops.take(self.table, index, axis=0)

    def compute_output_shape(self, coords_shape):
        return (*coords_shape[:-1], self.channels)

    def get_config(self):
        config = {
            "height": self.height,
            "width": self.width,
            "channels": self.channels,
            "alignment": self.alignment,
            "reference_training": self.reference_training,
        }
        return {**super().get_config(), **config}
