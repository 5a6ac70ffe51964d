"""Bases of INR-GAN's Fourier features: the phases of their sines and cosines."""

import math

import keras
import numpy as np
from keras import ops

from inr_keras.layers.equalized_dense import EqualizedDense
from inr_keras.whole_numbers import check_positive

DEFAULT_SCALE = math.sqrt(10.0)


class _Basis(keras.layers.Layer):
    """Base class of the bases, in float32 whatever the dtype policy.

    Half precision cannot tell neighbouring coordinates apart.
    """

    def __init__(self, **kwargs):
        kwargs.pop("dtype", None)
        super().__init__(autocast=False, dtype="float32", **kwargs)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], self.features)


@keras.saving.register_keras_serializable(package="inr_keras")
class LogarithmicBasis(_Basis):
    """Waves of doubling frequency in two or four directions, without weights.

    The n = ceil(log2 `resolution`) frequencies of a direction are pi / 2
    times 1, 2, 4, ...: the slowest wave has the period 4, twice the frame's
    side. In this order: waves along y (the reference calls them horizontal),
    along x, and along both diagonals.

    Args:
        resolution: int. Side of the lattice whose points the waves tell apart.
        diagonals: bool. Add waves along both diagonals. Defaults to `True`.
        **kwargs: Base layer arguments, such as `name`.

    Call arguments:
        coords: Tensor of shape `(batch, points, 2)`, float32.

    Returns:
        float32 tensor of shape `(batch, points, 2 n)`, or `4 n` with diagonals.

    Raises:
        ValueError: `resolution` is below 2.

    Example:
        >>> basis = LogarithmicBasis(8)
        >>> coords = np.zeros((1, 5, 2), "float32")
        >>> tuple(basis(coords).shape)
        (1, 5, 12)

    References:
        - [Skorokhodov et al., 2020](https://arxiv.org/abs/2011.12026), and the
          values of its public code.
    """

    def __init__(self, resolution, diagonals=True, **kwargs):
        super().__init__(**kwargs)
        if resolution < 2:
            raise ValueError(f"`resolution` must be 2 or more. Received: {resolution=}")
        self.resolution = resolution
        self.diagonals = diagonals
        powers = 2.0 ** np.arange(math.ceil(math.log2(resolution)))
        # A diagonal wave's unit vector and its period, longer by sqrt 2.
        directions = [(0, math.pi / 2), (math.pi / 2, 0)]
        if diagonals:
            quarter = math.pi / 4
            directions += [(-quarter, quarter), (quarter, quarter)]
        basis = [power * np.array(d) for d in directions for power in powers]
        self.basis = np.stack(basis).astype("float32")  # (features, 2)

    @property
    def features(self):
        return len(self.basis)

    def call(self, coords):
        return ops.matmul(ops.cast(coords, "float32"), self.basis.T)

    def get_config(self):
        config = {"resolution": self.resolution, "diagonals": self.diagonals}
        return {**super().get_config(), **config}


@keras.saving.register_keras_serializable(package="inr_keras")
class FourierBasis(_Basis):
    """Waves W x of random frequency and direction, fixed or learned.

    They are `FourierFeatures` without phase. INR-GAN calls fixed waves random and
    learned waves shared (by all images).

    Args:
        features: int. Number of waves.
        scale: float. Standard deviation of the normal distribution that W is drawn
            from. Defaults to sqrt(10).
        learned: bool. Train W. Defaults to `False`.
        **kwargs: Base layer arguments, such as `name`.

    Call arguments:
        coords: Tensor of shape `(batch, points, 2)`, float32.

    Returns:
        float32 tensor of shape `(batch, points, features)`.

    Raises:
        ValueError: `features` or `scale` is not positive.

    Example:
        >>> basis = FourierBasis(features=8)
        >>> coords = np.zeros((1, 5, 2), "float32")
        >>> tuple(basis(coords).shape)
        (1, 5, 8)

    References:
        - [Tancik et al., 2020](https://arxiv.org/abs/2006.10739).
        - [Skorokhodov et al., 2020](https://arxiv.org/abs/2011.12026).
    """

    def __init__(self, features, scale=DEFAULT_SCALE, learned=False, **kwargs):
        super().__init__(**kwargs)
        _check(features, scale)
        self.features = features
        self.scale = scale
        self.learned = learned

    def build(self, input_shape):
        self.kernel = self.add_weight(
            name="kernel",
            shape=(input_shape[-1], self.features),
            initializer=keras.initializers.RandomNormal(stddev=self.scale),
            trainable=self.learned,
        )

    def call(self, coords):
        return ops.matmul(ops.cast(coords, "float32"), self.kernel)

    def get_config(self):
        config = {
            "features": self.features,
            "scale": self.scale,
            "learned": self.learned,
        }
        return {**super().get_config(), **config}


@keras.saving.register_keras_serializable(package="inr_keras")
class PredictedBasis(_Basis):
    """Waves W x + b whose W and b are predicted from each image's style.

    Args:
        features: int. Number of waves.
        scale: float. Factor of the predicted W, but not of b. Defaults to
            sqrt(10).
        **kwargs: Base layer arguments, such as `name`.

    Call arguments:
        coords: Tensor of shape `(batch or 1, points, 2)`, float32.
        styles: Tensor of shape `(batch, style_dim)`.

    Returns:
        float32 tensor of shape `(batch, points, features)`.

    Raises:
        ValueError: `features` or `scale` is not positive.

    Example:
        >>> basis = PredictedBasis(8)
        >>> coords, styles = np.zeros((1, 5, 2), "float32"), np.ones((3, 6), "float32")
        >>> tuple(basis(coords, styles).shape)
        (3, 5, 8)

    References:
        - [Skorokhodov et al., 2020](https://arxiv.org/abs/2011.12026).
    """

    def __init__(self, features, scale=DEFAULT_SCALE, **kwargs):
        super().__init__(**kwargs)
        _check(features, scale)
        self.features = features
        self.scale = scale

    def build(self, coords_shape, styles_shape):
        axes = coords_shape[-1]
        self.to_waves = EqualizedDense(
            self.features * (axes + 1), dtype="float32", name="to_waves"
        )
        self.to_waves.build(styles_shape)

    def call(self, coords, styles):
        axes = coords.shape[-1]
        waves = self.to_waves(styles)
        split = self.features * axes
        kernel = ops.reshape(waves[:, :split], (-1, self.features, axes))
        kernel = ops.transpose(kernel, (0, 2, 1)) * self.scale
        phase = waves[:, None, split:]
        return ops.matmul(ops.cast(coords, "float32"), kernel) + phase

    def compute_output_shape(self, coords_shape, styles_shape):
        return (styles_shape[0], *coords_shape[1:-1], self.features)

    def get_config(self):
        config = {"features": self.features, "scale": self.scale}
        return {**super().get_config(), **config}


def _check(features, scale):
    check_positive(features=features)
    if not scale > 0:
        raise ValueError(f"`scale` must be positive. Received: {scale=}")
