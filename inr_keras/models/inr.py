"""Implicit neural representation of one signal."""

import math

import keras
from keras import ops

from inr_keras.layers import FourierFeatures
from inr_keras.layers import precision
from inr_keras.layers.activations import scaled_leaky_relu
from inr_keras.whole_numbers import check_positive

ACTIVATIONS = ("sine", "leaky_relu")
_OMEGA = 30.0  # SIREN's w_0; the weights of its last layer are divided by it.


@keras.saving.register_keras_serializable(package="inr_keras")
class INR(keras.Model):
    """MLP of coordinates whose weights are one signal: a picture, sound, film or shape.

    Learned Fourier features sin(W x + b) are followed by `depth - 1` layers of
    `width` channels and a linear layer to values. With `activation="sine"` this is
    SIREN, with `"leaky_relu"` the network of Tancik et al. Both draw W from a normal
    distribution here, while the authors of SIREN use a uniform one. They also multiply
    the argument of every sine by a frequency w_0 = 30, which is part of the weights
    here: sin(w_0 (W x + b)) and sin(W' x + b') with W' = w_0 W are equal at the start,
    but need different learning rates (here about 0.01).

    The model is plain Keras: `compile`, `fit` on coordinates and values, `predict`
    and `save` work as for any other.

    Args:
        coord_dim: int. Axes of the coordinates: 1 for a sound, 2 for a picture, 3
            for a film (x, y, t) or a shape (x, y, z). Defaults to `2`.
        channels: int. Values of a point. Defaults to `3`.
        width: int. Channels of each layer. Defaults to `128`.
        depth: int. Number of layers before the values, the first included. Defaults
            to `4`.
        scale: float. Deviation of the frequencies W in radians per unit, or one for
            each axis. The root mean square of the signal's own frequencies is a good
            value; see `inr_keras.data.signals`. Defaults to `30`.
        activation: str. `"sine"` or `"leaky_relu"`. Defaults to `"sine"`.
        signal: dict of facts about the signal that renderers need, such as its kind and
            size, see `inr_keras.data.signals`; the network itself does not read them.
            Defaults to `None`.
        **kwargs: Base model arguments, such as `name` and `dtype`.

    Call arguments:
        coords: float32 tensor of shape `(..., coord_dim)`, about [-1, 1].

    Returns:
        float32 tensor of shape `(..., channels)`, about [-1, 1] once it is fitted.

    Raises:
        ValueError: `coord_dim`, `channels`, `width` or `depth` is not positive, or
            `activation` is unknown.

    Example:
        >>> times = np.linspace(-1.0, 1.0, 1024)[:, None]
        >>> samples = np.sin(40.0 * times)
        >>> inr = INR(coord_dim=1, channels=1, width=16)
        >>> inr.compile(keras.optimizers.Adam(0.01), "mse")
        >>> history = inr.fit(times, samples, batch_size=256, epochs=2, verbose=0)
        >>> inr.predict(times, verbose=0).shape
        (1024, 1)

    References:
        - [Sitzmann et al., 2020](https://arxiv.org/abs/2006.09661), section 3.2.
        - [Tancik et al., 2020](https://arxiv.org/abs/2006.10739), section 6.
    """

    def __init__(
        self,
        coord_dim=2,
        channels=3,
        width=128,
        depth=4,
        scale=30.0,
        activation="sine",
        signal=None,
        **kwargs,
    ):
        # Coordinates must not be cast to a half-precision compute dtype.
        super().__init__(autocast=False, **kwargs)
        precision.check(self)
        check_positive(coord_dim=coord_dim, channels=channels, width=width, depth=depth)
        if activation not in ACTIVATIONS:
            raise ValueError(
                f"`activation` must be one of {', '.join(ACTIVATIONS)}. "
                f"Received: {activation=}"
            )
        self.coord_dim = coord_dim
        self.channels = channels
        self.width = width
        self.depth = depth
        self.scale = tuple(scale) if isinstance(scale, (list, tuple)) else scale
        self.activation = activation
        self.signal = signal

        self.features = FourierFeatures(
            width, self.scale, dtype=self.dtype_policy, name="features"
        )
        self.hidden = [self._dense(width, 1.0, f"hidden_{i}") for i in range(1, depth)]
        self.values = self._dense(channels, 1.0 / _OMEGA, "values")
        self.build((None, coord_dim))

    def _dense(self, units, factor, name):
        """Makes a layer with the weights that its activation asks for."""
        if self.activation == "sine":
            # Sitzmann et al., theorem 1.8: the sines' arguments have deviation 1.
            limit = factor * math.sqrt(6.0 / self.width)
            kernel = keras.initializers.RandomUniform(-limit, limit)
        else:
            kernel = keras.initializers.RandomNormal(stddev=self.width**-0.5)
        return keras.layers.Dense(
            units, kernel_initializer=kernel, dtype=self.dtype_policy, name=name
        )

    def build(self, coords_shape=None):
        if self.built:
            return
        self.features.build((None, self.coord_dim))
        for layer in (*self.hidden, self.values):
            layer.build((None, self.width))
        self.built = True

    def call(self, coords):
        x = self.features(coords)
        act = ops.sin if self.activation == "sine" else scaled_leaky_relu
        for layer in self.hidden:
            x = act(layer(x))
        return ops.cast(self.values(x), "float32")

    def compute_output_shape(self, coords_shape):
        return (*coords_shape[:-1], self.channels)

    def compute_output_spec(self, coords):
        # Keras would take the compute dtype.
        return keras.KerasTensor(self.compute_output_shape(coords.shape), "float32")

    def get_config(self):
        names = (
            *("coord_dim", "channels", "width", "depth", "scale", "activation"),
            "signal",
        )
        return {
            **super().get_config(),
            **{name: getattr(self, name) for name in names},
        }
