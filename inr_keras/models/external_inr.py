"""Implicit neural representations whose weights are inputs."""

import math

import keras
from keras import ops

from inr_keras.config.choices import COORDS_LAYERS
from inr_keras.config.choices import SIREN_INITS
from inr_keras.layers import precision
from inr_keras.layers.activations import SLOPE
from inr_keras.layers.external_dense import PARAMETRIZATIONS
from inr_keras.layers.external_dense import external_dense
from inr_keras.whole_numbers import check_positive

BASES = ("fourier", "siren")


@keras.saving.register_keras_serializable(package="inr_keras")
class ExternalINR(keras.Model):
    """MLP of coordinates whose weights are a vector for each image.

    The first layer takes the coordinates. It is followed by layers of one weight
    parametrization and by a linear layer to colours. With `basis="fourier"`, the first
    layer returns sines and cosines (FourierINR) and the others apply leaky ReLUs; with
    `"siren"`, all activations are sines.

    The frequency w_0 of SIREN's sines is part of the weights' scale here:
    `external_dense` multiplies numbers of unit variance at run time, so that
    sin(w_0 (W x + b)) and sin(W' x + b') with W' = w_0 W start and learn alike.
    A SIREN's biases are drawn from +-1 / sqrt(n), times w_0, as in its authors'
    code; other biases have 0.2 of the weights' deviation, as in the slides'
    layers.

    Args:
        parametrization: str. Parametrization of the layers between the first and
            the last; see `external_dense`. Defaults to `"factorized_se"`.
        rank: int. Rank of factorized weights. Defaults to `10`.
        width: int. Channels of each layer. Defaults to `64`.
        layers: int. Number of layers before the colours, the first included.
            Defaults to `3`.
        basis: str. `"fourier"` or `"siren"`. Defaults to `"fourier"`.
        coords_layer: str. Parametrization of the first layer: `"linear"`, all of
            it external, or `"shared"` by all images. Defaults to `"linear"`.
        fourier_features: int. Number of sines and cosines together, with
            `"fourier"`; a SIREN's first layer has `width` sines. Defaults to
            `width`.
        fourier_scale: float. Deviation of the first layer's weights with
            `"fourier"`, in radians per unit of the frame. Defaults to `10`.
        omega: float. Frequency w_0 of a SIREN. Defaults to `None`: 30 for
            `"original"`, 1 for `"slides"`.
        initialization: str. Weights of a SIREN's layer of n inputs: `"original"`
            draws them from +-1 / n in the first layer and from +-sqrt(6 / n) /
            w_0 in the others, with w_0 in every sine; `"slides"` draws all from
            +-sqrt(6 / n), whose deviation is sqrt(2 / n). The slides divide the
            first layer's weights by 30 and multiply its activations by 30, which
            leaves that deviation as it is: `omega`, a factor of it, is then 1.
            Defaults to `"original"`.
        channels: int. Colour channels. Defaults to `3`.
        coord_dim: int. Axes of the coordinates. Defaults to `2`.
        **kwargs: Base model arguments, such as `name` and `dtype`.

    Call arguments:
        params: Tensor of shape `(batch, num_external_params)`.
        coords: float32 tensor of shape `(batch or 1, points, coord_dim)`.

    Returns:
        float32 tensor of shape `(batch, points, channels)`.

    Raises:
        ValueError: `parametrization`, `basis`, `coords_layer` or `initialization` is
            unknown, `layers`, `width`, `omega` or `fourier_scale` is not positive, or
            `fourier_features` is odd with `basis="fourier"`.

    Example:
        >>> inr = ExternalINR("linear", width=8, layers=2)
        >>> params = keras.random.normal((3, inr.num_external_params))
        >>> tuple(inr(params, np.zeros((1, 5, 2), "float32")).shape)
        (3, 5, 3)

    References:
        - [Sitzmann et al., 2020](https://arxiv.org/abs/2006.09661), section
          3.2.
        - [Tancik et al., 2020](https://arxiv.org/abs/2006.10739), section 6.
        - [Skorokhodov et al., 2020](https://arxiv.org/abs/2011.12026), section
          3, and the authors' slides "Meta Generation".
    """

    def __init__(
        self,
        parametrization="factorized_se",
        rank=10,
        width=64,
        layers=3,
        basis="fourier",
        coords_layer="linear",
        fourier_features=None,
        fourier_scale=10.0,
        omega=None,
        initialization="original",
        channels=3,
        coord_dim=2,
        **kwargs,
    ):
        # Coordinates must not be cast to a half-precision compute dtype.
        super().__init__(autocast=False, **kwargs)
        precision.check(self)
        for name, value, choices in (
            ("parametrization", parametrization, PARAMETRIZATIONS),
            ("basis", basis, BASES),
            ("coords_layer", coords_layer, COORDS_LAYERS),
            ("initialization", initialization, SIREN_INITS),
        ):
            if value not in choices:
                raise ValueError(
                    f"`{name}` must be one of {', '.join(choices)}. "
                    f"Received: {name}={value!r}"
                )
        check_positive(layers=layers, width=width)
        for name, value in (("omega", omega), ("fourier_scale", fourier_scale)):
            if value is not None and not value > 0.0:
                raise ValueError(f"`{name}` must be positive. Received: {value!r}")
        fourier_features = fourier_features or width
        if basis == "fourier" and fourier_features % 2:
            raise ValueError(
                f"`fourier_features` must be even. Received: {fourier_features=}"
            )
        self.parametrization = parametrization
        self.rank = rank
        self.width = width
        self.num_hidden = layers
        self.basis = basis
        self.coords_layer = coords_layer
        self.fourier_features = fourier_features
        self.fourier_scale = fourier_scale
        if omega is None:
            omega = {"original": 30.0, "slides": 1.0}[initialization]
        self.omega = omega
        self.initialization = initialization
        self.channels = channels
        self.coord_dim = coord_dim

        # In float32: half precision cannot distinguish neighbouring points.
        self.dense = [
            external_dense(
                coords_layer,
                fourier_features // 2 if basis == "fourier" else width,
                rank,
                *self._stds(0),
                dtype="float32",
                name="coords",
            )
        ]
        for i in range(1, layers):
            self.dense.append(
                external_dense(
                    parametrization,
                    width,
                    rank,
                    *self._stds(i),
                    dtype=self.dtype_policy,
                    name=f"hidden_{i}",
                )
            )
        self.dense.append(
            external_dense(
                "linear",
                channels,
                rank,
                *self._stds(layers),
                dtype=self.dtype_policy,
                name="colours",
            )
        )
        self.build()

    def _stds(self, index):
        """Returns deviations of a layer's weights and biases; `None`: its default."""
        if self.basis == "fourier":
            return (None if index else self.fourier_scale), None
        inputs = self.width if index else self.coord_dim
        frequency = 1.0 if index == self.num_hidden else self.omega
        limit = math.sqrt(6.0 / inputs)
        if self.initialization == "slides":
            frequency = 1.0 if index else self.omega
        else:
            limit = limit / self.omega if index else 1.0 / inputs
        # A uniform distribution's deviation is its limit / sqrt(3).
        frequency /= math.sqrt(3.0)
        return limit * frequency, frequency / math.sqrt(inputs)

    def build(self, params_shape=None, coords_shape=None):
        if self.built:
            return
        for layer, size, length in zip(self.dense, self._inputs(), self.external_sizes):
            layer.build((None, None, size), (None, length))
        self.built = True

    @property
    def external_sizes(self):
        """Number of values that each layer takes from a vector, in order."""
        return [
            layer.num_external(size) for layer, size in zip(self.dense, self._inputs())
        ]

    def _inputs(self):
        """Returns the number of input channels of each layer."""
        first = self.width
        if self.basis == "fourier":
            first = self.fourier_features
        return [self.coord_dim, first] + [self.width] * (self.num_hidden - 1)

    @property
    def num_external_params(self):
        """Length of an image's vector."""
        return sum(self.external_sizes)

    def initial_params(self, count, seed=None, scaled=True):
        """Draws vectors at random, uniform ones for a SIREN, else normal ones.

        Args:
            count: int. Number of images.
            seed: int or `keras.random.SeedGenerator`. Defaults to `None`.
            scaled: bool. Multiply each layer's numbers by its `external_std`, such
                that layers start well scaled. `False` leaves them of unit variance,
                as in the authors' code. Defaults to `True`.

        Returns:
            float32 tensor of shape `(count, num_external_params)`.
        """
        shape = (count, self.num_external_params)
        if self.basis == "siren":
            limit = math.sqrt(3.0)
            params = keras.random.uniform(shape, -limit, limit, seed=seed)
        else:
            params = keras.random.normal(shape, seed=seed)
        if not scaled:
            return params
        stds = [
            ops.full((size,), layer.external_std)
            for layer, size in zip(self.dense, self.external_sizes)
        ]
        return params * ops.concatenate(stds)

    def apply_layer(self, index, x, params):
        """Applies layer `index` and its activation to `x`."""
        x = self.dense[index](x, params)
        if index == self.num_hidden:
            return ops.cast(x, "float32")
        if self.basis == "siren":
            x = ops.sin(x)
        elif index == 0:
            x = ops.concatenate([ops.sin(x), ops.cos(x)], axis=-1)
        else:
            x = ops.leaky_relu(x, negative_slope=SLOPE)
        return ops.cast(x, self.compute_dtype)

    def call(self, params, coords):
        x, start = coords, 0
        for index, size in enumerate(self.external_sizes):
            x = self.apply_layer(index, x, params[:, start : start + size])
            start += size
        return x

    def get_config(self):
        names = (
            "parametrization",
            "rank",
            "width",
            "basis",
            "coords_layer",
            "fourier_features",
            "fourier_scale",
            "omega",
            "initialization",
            "channels",
            "coord_dim",
        )
        return {
            **super().get_config(),
            **{name: getattr(self, name) for name in names},
            "layers": self.num_hidden,
        }
