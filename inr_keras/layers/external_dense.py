"""Dense layers whose weights come from an external vector per image.

They are the weight parametrizations of the slides' table. With n channels in and out
and rank r, the vector of an image has n^2 + n numbers for `linear` and `se_linear`, 3 n
for the three `mfilm`, 2 n r + n for the two `factorized`, 2 n for `adain`.

The sources leave two points open. The slides name three kinds of mFiLM; the authors'
archived code has one, with factors of 1 / 10 and without normalization, which is
`mfilm_scaled` here. `mfilm` is mFiLM as in its paper, which normalizes the rows of the
shared weights, and `mfilm_no_norm` the same without normalization.
"""

import math

import keras
from keras import ops

from inr_keras.whole_numbers import check_positive

BIAS_SHARE = 0.2  # Standard deviation of biases, relative to that of weights.
SCALE = 0.1  # Factor of the external numbers of `mfilm_scaled`.


class ExternalDense(keras.layers.Layer):
    """Base class of dense layers whose weights come from an external vector.

    All weights, shared by images or external, have unit variance and are multiplied by
    `weight_std` and `bias_std` at run time: the hypernetwork or the vectors do not have
    to know the layer's size.

    Args:
        units: int. Number of output channels.
        weight_std: float. Standard deviation of the effective weights. Defaults to
            sqrt(2 / inputs), which suits ReLUs.
        bias_std: float. Standard deviation of the effective biases. Defaults to
            0.2 times `weight_std`.
        **kwargs: Base layer arguments, such as `name` and `dtype`.

    Call arguments:
        inputs: Tensor of shape `(batch, points, channels)`, or `(1, points,
            channels)` if all images share it; `SharedDense` then returns a batch of 1
            as well.
        params: Tensor of shape `(batch, num_external(channels))`.

    Returns:
        Tensor of shape `(batch, points, units)`.

    Raises:
        ValueError: `units` is not positive, or the vectors in `params` have another
            length than `num_external(channels)`.

    Example:
        >>> dense = external_dense("factorized", units=4, rank=2)
        >>> points = np.ones((2, 5, 3), "float32")
        >>> dense.num_external(channels=3)
        18
        >>> tuple(dense(points, np.ones((2, 18), "float32")).shape)
        (2, 5, 4)

    References:
        - [Skorokhodov et al., 2020](https://arxiv.org/abs/2011.12026), section
          3, and the authors' slides "Meta Generation".
    """

    shares_kernel = True
    shares_bias = True

    def __init__(self, units, weight_std=None, bias_std=None, **kwargs):
        super().__init__(**kwargs)
        check_positive(units=units)
        self.units = units
        self.weight_std = weight_std
        self.bias_std = bias_std

    def num_external(self, channels):
        """Length of an image's vector for inputs of `channels`."""
        raise NotImplementedError

    @property
    def external_std(self):
        """Standard deviation of random vectors for which layers start well scaled.

        Our own choice: the authors draw all vectors from a unit normal.
        """
        return 1.0

    def build(self, inputs_shape, params_shape):
        channels = inputs_shape[-1]
        length = self.num_external(channels)
        if params_shape[-1] != length:
            raise ValueError(
                f"`params` must have {length} numbers per image for {channels} "
                f"channels. Received: {params_shape=}"
            )
        unit = keras.initializers.RandomNormal(stddev=1.0)
        if self.shares_kernel:
            self.kernel = self.add_weight(
                name="kernel", shape=(channels, self.units), initializer=unit
            )
        if self.shares_bias:
            self.bias = self.add_weight(
                name="bias", shape=(self.units,), initializer=unit
            )
        self._weight_std, self._bias_std = self.weight_std, self.bias_std
        if self._weight_std is None:
            self._weight_std = math.sqrt(2.0 / channels)
        if self._bias_std is None:
            self._bias_std = BIAS_SHARE * self._weight_std

    def compute_output_shape(self, inputs_shape, params_shape):
        return (params_shape[0], *inputs_shape[1:-1], self.units)

    def get_config(self):
        config = {
            "units": self.units,
            "weight_std": self.weight_std,
            "bias_std": self.bias_std,
        }
        return {**super().get_config(), **config}

    def _split(self, params, *sizes):
        """Cuts vectors into parts of `sizes`, the last being the rest."""
        parts, start = [], 0
        for size in sizes:
            parts.append(params[:, start : start + size])
            start += size
        return [*parts, params[:, start:]]

    def _matrix(self, params, *shape):
        """Reshapes the numbers of each image into a matrix."""
        return ops.reshape(params, (-1, *shape))


@keras.saving.register_keras_serializable(package="inr_keras")
class SharedDense(ExternalDense):
    """Dense layer without external weights: all images share its weights."""

    def num_external(self, channels):
        return 0

    def call(self, inputs, params):
        x = ops.matmul(inputs, self.kernel * self._weight_std)
        return x + self.bias * self._bias_std


@keras.saving.register_keras_serializable(package="inr_keras")
class LinearExternalDense(ExternalDense):
    """Dense layer of external weights alone: W = A, b = c.

    A and c are of unit variance before scaling.
    """

    shares_kernel = False
    shares_bias = False

    def num_external(self, channels):
        return channels * self.units + self.units

    def call(self, inputs, params):
        channels = inputs.shape[-1]
        a, c = self._split(params, self.units * channels)
        a = self._matrix(a * self._weight_std, self.units, channels)
        x = ops.matmul(inputs, ops.swapaxes(a, 1, 2))
        return x + c[:, None] * self._bias_std


@keras.saving.register_keras_serializable(package="inr_keras")
class SEExternalDense(ExternalDense):
    """Dense layer of shared weights, each times a gate 2 sigmoid (squeeze-excite).

    As in the authors' code, the external numbers are multiplied by `weight_std` and
    `bias_std` before the sigmoid, which draws the gates towards 1 and makes them
    learn more slowly.
    """

    scales_gates = True

    def num_external(self, channels):
        return channels * self.units + self.units

    def call(self, inputs, params):
        channels = inputs.shape[-1]
        a, c = self._split(params, self.units * channels)
        if self.scales_gates:
            a, c = a * self._weight_std, c * self._bias_std
        gates = _gate(self._matrix(a, self.units, channels))
        kernel = ops.swapaxes(gates, 1, 2) * (self.kernel * self._weight_std)
        bias = _gate(c) * (self.bias * self._bias_std)
        return ops.matmul(inputs, kernel) + bias[:, None]


@keras.saving.register_keras_serializable(package="inr_keras")
class SEUnscaledExternalDense(SEExternalDense):
    """`SEExternalDense` whose external numbers are not scaled before the sigmoid."""

    scales_gates = False


class _MFiLM(ExternalDense):
    """Base class of mFiLM layers, which scale and shift the rows of shared weights.

    W_o = (1 + g_o) V_o + h_o, b_o = d_o + c_o, where V and d are shared. One kernel
    serves all images: the shift h_o multiplies the sum of the inputs.
    """

    scale = 1.0

    def num_external(self, channels):
        return 3 * self.units

    @property
    def external_std(self):
        # The shifts of a row add up over its inputs.
        return SCALE / self.scale

    def call(self, inputs, params):
        g, h, c = self._split(params * self.scale, self.units, self.units)
        x = ops.matmul(inputs, self._rows(self.kernel) * self._weight_std)
        total = ops.sum(inputs, axis=-1, keepdims=True) * self._weight_std
        x = x * (1.0 + g[:, None]) + total * h[:, None]
        return x + (self.bias + c[:, None]) * self._bias_std

    def _rows(self, kernel):
        return kernel


@keras.saving.register_keras_serializable(package="inr_keras")
class MFiLMExternalDense(_MFiLM):
    """mFiLM layer: rows of zero mean and unit deviation, scaled and shifted.

    References:
        - [Cong et al., 2020](https://arxiv.org/abs/2006.07543).
    """

    def _rows(self, kernel):
        kernel = ops.cast(kernel, "float32")
        kernel = kernel - ops.mean(kernel, axis=0)
        kernel = kernel * ops.rsqrt(ops.mean(ops.square(kernel), 0) + 1e-8)
        return ops.cast(kernel, self.compute_dtype)


@keras.saving.register_keras_serializable(package="inr_keras")
class MFiLMNoNormExternalDense(_MFiLM):
    """mFiLM layer without normalization of the rows."""


@keras.saving.register_keras_serializable(package="inr_keras")
class MFiLMScaledExternalDense(_MFiLM):
    """mFiLM layer without normalization, with external numbers times 1 / 10."""

    scale = SCALE


class _Factorized(ExternalDense):
    """Base class of the factorized layers, with an external matrix L R.

    The `rank` of L R defaults to `10`, as in the slides. Vectors are drawn with
    standard deviation `rank`^(-1/4), which gives L R a unit variance; the authors'
    code has no such factor.
    """

    shares_bias = False

    def __init__(self, units, weight_std=None, bias_std=None, rank=10, **kwargs):
        super().__init__(units, weight_std, bias_std, **kwargs)
        check_positive(rank=rank)
        self.rank = rank

    def num_external(self, channels):
        return self.rank * (channels + self.units) + self.units

    @property
    def external_std(self):
        return self.rank**-0.25

    def _factors(self, params, channels):
        left, right, c = self._split(
            params, self.units * self.rank, self.rank * channels
        )
        left = self._matrix(left, self.units, self.rank)
        right = self._matrix(right, self.rank, channels)
        bias = c[:, None] * self._bias_std
        return ops.swapaxes(left, 1, 2), ops.swapaxes(right, 1, 2), bias

    def get_config(self):
        return {**super().get_config(), "rank": self.rank}


@keras.saving.register_keras_serializable(package="inr_keras")
class FactorizedExternalDense(_Factorized):
    """Dense layer with W = L R: points go through R, then through L."""

    shares_kernel = False

    def call(self, inputs, params):
        left, right, bias = self._factors(params, inputs.shape[-1])
        x = ops.matmul(inputs, right * self._weight_std)
        return ops.matmul(x, left) + bias


@keras.saving.register_keras_serializable(package="inr_keras")
class FactorizedSEExternalDense(_Factorized):
    """Dense layer of shared weights times gates 2 sigmoid(L R), with external bias."""

    def call(self, inputs, params):
        left, right, bias = self._factors(params, inputs.shape[-1])
        gates = _gate(ops.matmul(right, left))  # (batch, inputs, units)
        kernel = gates * (self.kernel * self._weight_std)
        return ops.matmul(inputs, kernel) + bias


@keras.saving.register_keras_serializable(package="inr_keras")
class AdaINExternalDense(ExternalDense):
    """Shared dense layer, then 2 sigmoid(g) times each channel, plus h.

    As in the authors' code, nothing is normalized before.
    """

    def num_external(self, channels):
        return 2 * self.units

    def call(self, inputs, params):
        g, h = self._split(params, self.units)
        x = ops.matmul(inputs, self.kernel * self._weight_std)
        x = x + self.bias * self._bias_std
        return x * _gate(g)[:, None] + h[:, None]


def _gate(x):
    return 2.0 * ops.sigmoid(x)


PARAMETRIZATIONS = {
    "linear": LinearExternalDense,
    "se_linear": SEExternalDense,
    "mfilm": MFiLMExternalDense,
    "mfilm_no_norm": MFiLMNoNormExternalDense,
    "mfilm_scaled": MFiLMScaledExternalDense,
    "factorized": FactorizedExternalDense,
    "factorized_se": FactorizedSEExternalDense,
    "adain": AdaINExternalDense,
    "shared": SharedDense,
    "se_linear_unscaled": SEUnscaledExternalDense,
}


def external_dense(
    parametrization, units, rank=10, weight_std=None, bias_std=None, **kwargs
):
    """Builds the external dense layer of a parametrization.

    Args:
        parametrization: str. A key of `PARAMETRIZATIONS`, such as `"factorized_se"`.
        units, weight_std, bias_std, **kwargs: See `ExternalDense`.
        rank: int. Rank of the factorized layers; others ignore it. Defaults to `10`.

    Returns:
        `ExternalDense`.

    Raises:
        ValueError: `parametrization` is unknown.
    """
    if parametrization not in PARAMETRIZATIONS:
        raise ValueError(
            f"`parametrization` must be one of {', '.join(PARAMETRIZATIONS)}. "
            f"Received: {parametrization=}"
        )
    layer = PARAMETRIZATIONS[parametrization]
    if issubclass(layer, _Factorized):
        kwargs["rank"] = rank
    return layer(units, weight_std, bias_std, **kwargs)
