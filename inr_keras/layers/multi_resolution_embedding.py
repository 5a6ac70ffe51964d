"""Learned tables of several resolutions over the frame."""

import keras
from keras import ops

from inr_keras.layers.coordinate_embedding import CoordinateEmbedding


@keras.saving.register_keras_serializable(package="inr_keras")
class LatticeEmbedding(CoordinateEmbedding):
    """`CoordinateEmbedding` with the name that files use for levels of 1 or 3 axes.

    Keras saves the layers of a list under the names of their classes.
    """


@keras.saving.register_keras_serializable(package="inr_keras")
class MultiResolutionEmbedding(keras.layers.Layer):
    """Coordinate embeddings on lattices of several sizes, side by side.

    The tables do not grow with the image. CIPS's dense table has a vector for each
    pixel; these tables have a vector for each point of a few fixed lattices, with
    multilinear interpolation between the points. (Levels of a pyramid as in Mueller et
    al. 2022, arXiv 2201.05989, without their hashing.)

    Args:
        sizes: Sequence of int. Sides of the lattices.
        channels: int. Channels of all levels together. If the levels cannot share
            them equally, the first levels have one more.
        alignment: str. See `CoordinateEmbedding`. Defaults to `"corner"`.
        coord_dim: int. Axes of the frame. Defaults to `2`.
        **kwargs: Base layer arguments, such as `name` and `dtype`.

    Call arguments:
        coords: Tensor of shape `(batch, points, coord_dim)`, float32.
        training: bool. It has no effect here.

    Returns:
        Tensor of shape `(batch, points, channels)`.

    Raises:
        ValueError: `sizes` is empty, there are fewer `channels` than lattices, or
            `alignment` is unknown.

    Example:
        >>> embedding = MultiResolutionEmbedding(sizes=(4, 8, 16), channels=12)
        >>> tuple(embedding(np.zeros((1, 5, 2), "float32")).shape)
        (1, 5, 12)
        >>> [tuple(table.shape) for table in embedding.tables]
        [(16, 4), (64, 4), (256, 4)]
    """

    def __init__(self, sizes, channels, alignment="corner", coord_dim=2, **kwargs):
        super().__init__(autocast=False, **kwargs)
        sizes = tuple(sizes)
        if not sizes or channels < len(sizes):
            raise ValueError(
                "`sizes` must be one lattice or more, with a channel each. "
                f"Received: {sizes=}, {channels=}"
            )
        self.sizes = sizes
        self.channels = channels
        self.alignment = alignment
        self.coord_dim = coord_dim
        each, rest = divmod(channels, len(sizes))
        embedding = CoordinateEmbedding if coord_dim == 2 else LatticeEmbedding
        self.levels = [
            embedding(
                (size,) * coord_dim,
                each + (i < rest),
                alignment=alignment,
                dtype=self.dtype_policy,
                name=f"level_{size}_{i}",
            )
            for i, size in enumerate(sizes)
        ]

    @property
    def tables(self):
        """List of the variables of which a call reads a few rows."""
        return [level.table for level in self.levels]

    def build(self, coords_shape):
        for level in self.levels:
            level.build(coords_shape)

    def call(self, coords, training=False):
        return ops.concatenate([level(coords) for level in self.levels], -1)

    def compute_output_shape(self, coords_shape):
        return (*coords_shape[:-1], self.channels)

    def get_config(self):
        config = {
            "sizes": self.sizes,
            "channels": self.channels,
            "alignment": self.alignment,
            "coord_dim": self.coord_dim,
        }
        return {**super().get_config(), **config}
