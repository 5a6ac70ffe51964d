"""Implicit neural representations whose weights come from outside."""

import math

import keras
from keras import ops

from inr_keras.layers import external_dense
from inr_keras.layers.activations import SLOPE

BASES = ("fourier", "siren")
INITIALIZATIONS = ("original", "slides")
COORDS_LAYERS = ("linear", "shared")


@keras.saving.register_keras_serializable(package="inr_keras")
class ExternalINR(keras.Model):
    """One image, one vector: an MLP of coordinates that vectors parametrize.

    A layer on the coordinates, layers of one weight parametrization, a linear
    layer to colours. With `basis="fourier"` the first gives sines and cosines
    (FourierINR) and leaky ReLUs follow; with `"siren"` all activations are
    sines.

    A frequency w_0 that SIREN writes before each sine is part of the weights'
    scale here: `external_dense` multiplies numbers of unit variance at run
    time, so that sin(w_0 (W x + b)) and sin(W' x + b') with W' = w_0 W start
    and learn alike. Biases are 0.2 of the weights' deviation, as in the
    slides' layers, where SIREN's own code has those of PyTorch's layers.

    Args:
        parametrization: str. Of the layers between the first and the last;
            see `external_dense`. Defaults to `"factorized_se"`.
        rank: int. Of factorized ones. Defaults to `10`.
        width: int. Channels of every layer. Defaults to `64`.
        layers: int. Those before the colours, the first included. Defaults to
            `3`.
        basis: str. `"fourier"` or `"siren"`. Defaults to `"fourier"`.
        coords_layer: str. Parametrization of the first layer: `"linear"`, all
            external, or `"shared"` by all images. Defaults to `"linear"`.
        fourier_scale: float. Deviation of the first layer's weights with
            `"fourier"`, radians a unit of the frame. Defaults to `10`.
        omega: float. w_0 of the first layer with `"siren"`. Defaults to `30`.
        initialization: str. Of a SIREN: `"original"` draws the first layer's
            weights from +-w_0 / 2 and the colours' from +-sqrt(6 / n) / w_0;
            `"slides"` draws every layer's from +-sqrt(6 / n), times w_0 in
            the first layer. In the layers between they come to the same.
            Defaults to `"original"`.
        channels: int. Colour channels. Defaults to `3`.
        **kwargs: Base model arguments, such as `name` and `dtype`.

    Call arguments:
        params: Tensor of shape `(batch, num_external_params)`.
        coords: float32 tensor of shape `(batch or 1, points, 2)`.

    Returns:
        float32 tensor of shape `(batch, points, channels)`.

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
        fourier_scale=10.0,
        omega=30.0,
        initialization="original",
        channels=3,
        **kwargs,
    ):
        # Coordinates must not be cast to a half-precision compute dtype.
        super().__init__(autocast=False, **kwargs)
        for name, value, choices in (
            ("basis", basis, BASES),
            ("coords_layer", coords_layer, COORDS_LAYERS),
            ("initialization", initialization, INITIALIZATIONS),
        ):
            if value not in choices:
                raise ValueError(
                    f"`{name}` must be one of {', '.join(choices)}. "
                    f"Received: {name}={value!r}"
                )
        if layers < 1:
            raise ValueError(f"`layers` must be positive. Received: {layers=}")
        if width < 2 or width % 2:
            raise ValueError(
                f"`width` must be even and positive. Received: {width=}"
            )
        self.parametrization = parametrization
        self.rank = rank
        self.width = width
        self.num_hidden = layers
        self.basis = basis
        self.coords_layer = coords_layer
        self.fourier_scale = fourier_scale
        self.omega = omega
        self.initialization = initialization
        self.channels = channels

        fourier = basis == "fourier"
        # In float32: half precision cannot tell neighbouring points apart.
        self.dense = [
            external_dense(
                coords_layer,
                width // 2 if fourier else width,
                weight_std=self._first_std(),
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
                    dtype=self.dtype_policy,
                    name=f"hidden_{i}",
                )
            )
        std = math.sqrt(2.0 / width)
        if not fourier and initialization == "original":
            std /= omega
        self.dense.append(
            external_dense(
                "linear",
                channels,
                weight_std=std,
                dtype=self.dtype_policy,
                name="colours",
            )
        )
        self.build()

    def _first_std(self):
        if self.basis == "fourier":
            return self.fourier_scale
        if self.initialization == "original":
            return self.omega / 2 / math.sqrt(3.0)
        return self.omega * math.sqrt(2.0 / 2)

    def build(self, params_shape=None, coords_shape=None):
        if self.built:
            return
        size = 2
        for layer in self.dense:
            layer.build((None, None, size), (None, layer.num_external(size)))
            size = self.width
        self.built = True

    @property
    def external_sizes(self):
        """Numbers that each layer takes of a vector, in their order."""
        sizes = [2] + [self.width] * self.num_hidden
        return [
            layer.num_external(size) for layer, size in zip(self.dense, sizes)
        ]

    @property
    def num_external_params(self):
        """Length of an image's vector."""
        return sum(self.external_sizes)

    def initial_params(self, count, seed=None):
        """Vectors drawn at random: uniform of a SIREN, else normal.

        Args:
            count: int. Number of images.
            seed: int or `keras.random.SeedGenerator`. Defaults to `None`.

        Returns:
            float32 tensor of shape `(count, num_external_params)`.
        """
        shape = (count, self.num_external_params)
        if self.basis == "siren":
            limit = math.sqrt(3.0)
            params = keras.random.uniform(shape, -limit, limit, seed=seed)
        else:
            params = keras.random.normal(shape, seed=seed)
        stds = [
            ops.full((size,), layer.external_std)
            for layer, size in zip(self.dense, self.external_sizes)
        ]
        return params * ops.concatenate(stds)

    def apply_layer(self, index, x, params):
        """What layer `index` and its activation make of `x`."""
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
            "fourier_scale",
            "omega",
            "initialization",
            "channels",
        )
        return {
            **super().get_config(),
            **{name: getattr(self, name) for name in names},
            "layers": self.num_hidden,
        }
