"""Fourier features of coordinates."""

import math

import keras
from keras import ops

from inr_keras.layers import precision
from inr_keras.whole_numbers import check_positive


@keras.saving.register_keras_serializable(package="inr_keras")
class FourierFeatures(keras.layers.Layer):
    """Learned Fourier features sin(W x + b) (CIPS, section 3.2).

    The layer computes in float32 whatever the dtype policy, because half precision
    cannot tell neighbouring coordinates apart. Only the result is cast.

    Args:
        features: int. Number of sines.
        scale: float, or sequence of a float for each axis. Standard deviation of the
            normal distribution that W is drawn from, in radians per unit of the
            frame. The higher it is, the finer is the detail that a small network can
            draw. 0 draws W from CIPS's uniform distribution +-sqrt(9 / 2). Defaults
            to `0`.
        **kwargs: Base layer arguments, such as `name` and `dtype`.

    Call arguments:
        coords: Tensor of shape `(batch, points, axes)`, float32.

    Returns:
        Tensor of shape `(batch, points, features)` in [-1, 1].

    Raises:
        ValueError: `features` is not positive, `scale` is negative, or a sequence
            `scale` is not one positive number for each axis.

    Example:
        >>> coords = np.zeros((1, 5, 2), "float32")
        >>> tuple(FourierFeatures(8)(coords).shape)
        (1, 5, 8)

    References:
        - [Anokhin et al., 2020](https://arxiv.org/abs/2011.13775), section 3.2.
        - [Tancik et al., 2020](https://arxiv.org/abs/2006.10739), for `scale`.
    """

    def __init__(self, features, scale=0.0, **kwargs):
        super().__init__(autocast=False, **kwargs)
        precision.check(self)
        check_positive(features=features)
        if isinstance(scale, (list, tuple)):
            scale = tuple(scale)
            if not all(value > 0 for value in scale):
                raise ValueError(
                    f"`scale` must be positive for each axis. Received: {scale=}"
                )
        elif not scale >= 0:
            raise ValueError(f"`scale` must be zero or more. Received: {scale=}")
        self.features = features
        self.scale = scale

    def build(self, coords_shape):
        axes = coords_shape[-1]
        self.input_spec = keras.InputSpec(axes={-1: axes})
        if isinstance(self.scale, tuple):
            if len(self.scale) != axes:
                raise ValueError(
                    f"`scale` must have {axes} numbers, one for each axis. "
                    f"Received: scale={self.scale}"
                )
            kernel = self._normal_by_axis
            phase = math.pi
        elif self.scale:
            kernel = keras.initializers.RandomNormal(stddev=self.scale)
            phase = math.pi
        else:
            limit = math.sqrt(9.0 / axes)
            kernel = keras.initializers.RandomUniform(-limit, limit)
            phase = math.sqrt(1.0 / axes)
        self.kernel = self.add_weight(
            name="kernel",
            shape=(axes, self.features),
            initializer=kernel,
            autocast=False,
        )
        self.bias = self.add_weight(
            name="bias",
            shape=(self.features,),
            initializer=keras.initializers.RandomUniform(-phase, phase),
            autocast=False,
        )

    def _normal_by_axis(self, shape, dtype=None):
        draw = keras.initializers.RandomNormal(stddev=1.0)(shape, dtype)
        return draw * ops.cast(self.scale, dtype)[:, None]

    def call(self, coords):
        coords = ops.cast(coords, "float32")
        x = ops.sin(ops.matmul(coords, self.kernel) + self.bias)
        return ops.cast(x, self.compute_dtype)

    def compute_output_shape(self, coords_shape):
        return (*coords_shape[:-1], self.features)

    def get_config(self):
        config = {"features": self.features, "scale": self.scale}
        return {**super().get_config(), **config}
