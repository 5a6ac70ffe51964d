"""Features of a point's position for one resolution of INR-GAN."""

import keras
from keras import ops

from inr_keras.layers.coordinate_embedding import CoordinateEmbedding
from inr_keras.layers.fourier_bases import DEFAULT_SCALE
from inr_keras.layers.fourier_bases import FourierBasis
from inr_keras.layers.fourier_bases import LogarithmicBasis
from inr_keras.layers.fourier_bases import PredictedBasis


def edge_coordinates(coords, resolution):
    """Converts coordinates of this project's frame to those of INR-GAN.

    In INR-GAN, y grows upwards, and a pixel of a lattice of `resolution` is
    identified by its lower left corner (from -1 to 1 - 2 / `resolution`), here by
    its middle (`center` alignment): (x, y) becomes (x, -y) - 1 / `resolution`. With
    this conversion the weights of public models fit.
    """
    x, y = coords[..., :1], coords[..., 1:]
    return ops.concatenate([x, -y], axis=-1) - 1.0 / resolution


@keras.saving.register_keras_serializable(package="inr_keras")
class LatticeFeatures(keras.layers.Layer):
    """Fourier features and a learned table for the lattice of one resolution.

    The features are sines (and cosines) of `edge_coordinates` in up to four bases
    (logarithmic, random, shared and predicted), and optional constants: a
    `CoordinateEmbedding` in `center` alignment. The order of the channels is: raw
    coordinates, sines, cosines, constants.

    Args:
        resolution: int. Side of the lattice.
        logarithmic: bool. Use a `LogarithmicBasis`. Defaults to `True`.
        diagonals: bool. Let that basis have diagonal waves. Defaults to `True`.
        random: int. Number of fixed random waves. Defaults to `0`.
        shared: int. Number of learned waves. Defaults to `0`.
        predicted: int. Number of waves predicted from the style. Defaults to `0`.
        scale: float. Scale of the last three bases. Defaults to sqrt(10).
        cosine: bool. Add cosines to the sines. Defaults to `True`.
        raw: bool. Add the coordinates themselves. Defaults to `False`.
        constants: int. Channels of the constant embedding. Defaults to `0`.
        **kwargs: Base layer arguments, such as `name` and `dtype`.

    Call arguments:
        coords: Tensor of shape `(batch or 1, points, 2)`, float32.
        styles: Tensor of shape `(batch, style_dim)`; used only by
            predicted waves.

    Returns:
        Tensor of shape `(batch or 1, points, features)`.

    Raises:
        ValueError: `logarithmic` is `False` and there are no other waves.

    Example:
        >>> layer = LatticeFeatures(resolution=8, random=4, constants=2)
        >>> coords, styles = np.zeros((1, 5, 2), "float32"), np.ones((3, 6), "float32")
        >>> tuple(layer(coords, styles).shape)
        (1, 5, 34)

    References:
        - [Skorokhodov et al., 2020](https://arxiv.org/abs/2011.12026), and the
          settings of its public code.
    """

    def __init__(
        self,
        resolution,
        logarithmic=True,
        diagonals=True,
        random=0,
        shared=0,
        predicted=0,
        scale=DEFAULT_SCALE,
        cosine=True,
        raw=False,
        constants=0,
        **kwargs,
    ):
        super().__init__(autocast=False, **kwargs)
        if not (logarithmic or random or shared or predicted):
            raise ValueError(
                "`logarithmic` must be True, or `random`, `shared` or `predicted` "
                "above 0. Received: none of these"
            )
        self.resolution = resolution
        self.logarithmic = logarithmic
        self.diagonals = diagonals
        self.random = random
        self.shared = shared
        self.predicted = predicted
        self.scale = scale
        self.cosine = cosine
        self.raw = raw
        self.constants = constants
        self.bases = []
        if logarithmic:
            self.bases.append(
                LogarithmicBasis(resolution, diagonals, name="logarithmic")
            )
        if random:
            self.bases.append(FourierBasis(random, scale, name="random"))
        if shared:
            self.bases.append(FourierBasis(shared, scale, learned=True, name="shared"))
        if predicted:
            self.bases.append(PredictedBasis(predicted, scale, name="predicted"))
        self.embedding = None
        if constants:
            self.embedding = CoordinateEmbedding(
                (resolution, resolution),
                constants,
                alignment="center",
                dtype=self.dtype_policy,
                name="embedding",
            )

    @property
    def features(self):
        """Number of channels."""
        waves = sum(basis.features for basis in self.bases)
        return waves * (1 + self.cosine) + 2 * self.raw + self.constants

    def build(self, coords_shape, styles_shape=None):
        for basis in self.bases:
            if isinstance(basis, PredictedBasis):
                basis.build(coords_shape, styles_shape)
            else:
                basis.build(coords_shape)
        if self.embedding is not None:
            self.embedding.build(coords_shape)

    def call(self, coords, styles=None):
        coords = ops.cast(coords, "float32")
        edges = edge_coordinates(coords, self.resolution)
        phases = [
            basis(edges, styles) if isinstance(basis, PredictedBasis) else basis(edges)
            for basis in self.bases
        ]
        phases = side_by_side(phases)
        parts = [edges] if self.raw else []
        parts.append(ops.sin(phases))
        if self.cosine:
            parts.append(ops.cos(phases))
        parts = [ops.cast(part, self.compute_dtype) for part in parts]
        if self.embedding is not None:
            parts.append(self.embedding(coords))
        return side_by_side(parts)

    def compute_output_shape(self, coords_shape, styles_shape=None):
        batch = coords_shape[0]
        if self.predicted and styles_shape:
            batch = styles_shape[0]
        return (batch, *coords_shape[1:-1], self.features)

    def get_config(self):
        names = (
            "resolution",
            "logarithmic",
            "diagonals",
            "random",
            "shared",
            "predicted",
            "scale",
            "cosine",
            "raw",
            "constants",
        )
        return {
            **super().get_config(),
            **{name: getattr(self, name) for name in names},
        }


def side_by_side(parts):
    """Joins channels of tensors `(batch or 1, points, channels)`."""
    if len(parts) == 1:
        return parts[0]
    sizes = {part.shape[0] for part in parts}
    if None in sizes or len(sizes) > 1:
        if None in sizes:  # Sizes that the graph does not know may differ.
            batch = ops.max(ops.stack([ops.shape(part)[0] for part in parts]))
        else:  # A number, or a symbol of JAX.
            batch, *_ = sizes - {1}
        parts = [
            ops.broadcast_to(part, (batch, *ops.shape(part)[1:])) for part in parts
        ]
    return ops.concatenate(parts, axis=-1)
