"""Dense layer whose kernel is multiplied by a low-rank matrix per image."""

import math

import keras
import numpy as np
from keras import ops

from inr_keras.config.choices import MODULATIONS
from inr_keras.layers.activations import GAIN
from inr_keras.layers.activations import SLOPE
from inr_keras.layers.activations import check_activation
from inr_keras.layers.equalized_dense import EqualizedDense
from inr_keras.layers.image_products import leaky_products
from inr_keras.whole_numbers import check_positive

FORMS = ("auto", "kernel", "factors")
# Up to so many points, products with one shared kernel took less time on 2 CPU
# cores than making a kernel of 512 x 512 per image; at 96 x 96 about as much.
FEW_POINTS = 4


@keras.saving.register_keras_serializable(package="inr_keras")
class FactorizedModulatedDense(keras.layers.Layer):
    """Dense layer with factorized multiplicative modulation (FMM) of its kernel.

    From an image's style come two factors L, `(units, rank)`, and R, `(rank,
    channels)`. With M = L R / sqrt(rank), the image's kernel is W (1 + M), element
    by element, after which `"demod"` divides the weights of each unit by their
    norm; `"tanh"` and `"sigmoid"` take tanh(M) and sigmoid(M) - 1/2 in place of M.

    There are two ways to compute the output. A kernel per image costs about
    `rank + 3` products by `channels * units` per image, one per point, and
    `channels * units` numbers of memory per image. For `"demod"` and `"none"`,
    W (1 + M) is also the sum of diag(L_k) W diag(R_k) over the columns k of [1, L]
    and [1, R]: no kernel per image, but `rank + 1` products per point and, to
    demodulate, (rank + 1)(rank + 2) / 2 with W^2 per image. So factors need less
    memory below `channels * units / ((rank + 1) (channels + units))` points (23 for
    512 x 512 at rank 10), but save time only for a few points without
    demodulation. A nonlinear function of M (`"tanh"`, `"sigmoid"`) is not of low
    rank and always needs the kernel.

    Args:
        units: int. Number of output channels.
        rank: int. Rank of the modulation. Defaults to `10`.
        modulation: str. `"demod"`, `"sigmoid"`, `"tanh"` or `"none"`. All but
            `"demod"` start W at standard deviation 1 / sqrt(channels), as the
            reference does not scale it; `"demod"`, which cancels constant
            factors, at 1. Defaults to `"demod"`.
        activation: str. `"leaky_relu"` (slope 0.2, gain sqrt 2) or `None`.
            Defaults to `"leaky_relu"`.
        form: str. `"kernel"`, `"factors"` or `"auto"`, the faster of the two
            for the number of points. Defaults to `"auto"`.
        **kwargs: Base layer arguments, such as `name` and `dtype`.

    Call arguments:
        inputs: Tensor of shape `(batch, points, channels)`, or `(1, points,
            channels)` where all images share it.
        styles: Tensor of shape `(batch, style_dim)`.

    Returns:
        Tensor of shape `(batch, points, units)`. Factors, kernels and norms
        are float32 whatever the dtype policy.

    Raises:
        ValueError: `units` or `rank` is not positive, `modulation`, `form` or
            `activation` is unknown, or `form` is `"factors"` for a `modulation` of
            `"sigmoid"` or `"tanh"`.

    Example:
        >>> dense = FactorizedModulatedDense(units=4, rank=2)
        >>> points, styles = np.ones((2, 5, 3), "float32"), np.ones((2, 6), "float32")
        >>> tuple(dense(points, styles).shape)
        (2, 5, 4)

    References:
        - [Skorokhodov et al., 2020](https://arxiv.org/abs/2011.12026), section
          3.2.
    """

    def __init__(
        self,
        units,
        rank=10,
        modulation="demod",
        activation="leaky_relu",
        form="auto",
        **kwargs,
    ):
        super().__init__(**kwargs)
        check_positive(units=units, rank=rank)
        if modulation not in MODULATIONS:
            raise ValueError(
                f"`modulation` must be one of {MODULATIONS}. Received: {modulation=}"
            )
        if form not in FORMS:
            raise ValueError(f"`form` must be one of {FORMS}. Received: {form=}")
        if form == "factors" and modulation in ("sigmoid", "tanh"):
            raise ValueError(
                "`form` must be 'kernel' or 'auto' where the modulation is not "
                f"linear. Received: {form=}, {modulation=}"
            )
        check_activation(activation)
        self.units = units
        self.rank = rank
        self.modulation = modulation
        self.activation = activation
        self.form = form

    def build(self, inputs_shape, styles_shape):
        channels = inputs_shape[-1]
        # Float32: two small matrices per image, whose product is squared.
        self.to_factors = EqualizedDense(
            (channels + self.units) * self.rank,
            dtype="float32",
            name="to_factors",
        )
        self.to_factors.build(styles_shape)
        deviation = 1.0
        if self.modulation != "demod":
            deviation = 1.0 / math.sqrt(channels)
        self.kernel = self.add_weight(
            name="kernel",
            shape=(channels, self.units),
            initializer=keras.initializers.RandomNormal(stddev=deviation),
            autocast=False,
        )
        self.bias = self.add_weight(
            name="bias", shape=(self.units,), initializer="zeros"
        )

    def call(self, inputs, styles):
        left, right = self._factors(styles)
        gain = GAIN if self.activation else 1.0
        bias = self.bias * gain
        if self._by_factors(inputs.shape[1]):
            x = self._products(inputs, left, right, gain)
        else:
            kernels = ops.cast(self._kernels(left, right) * gain, self.compute_dtype)
            if self.activation:
                return leaky_products(inputs, kernels, bias)
            x = ops.matmul(inputs, kernels)
        x = x + bias
        if self.activation:
            x = ops.leaky_relu(x, negative_slope=SLOPE)
        return x

    def _by_factors(self, points):
        """Tells whether to use factors for this number of points (`None`: unknown)."""
        if self.form != "auto":
            return self.form == "factors"
        few = points is not None and points <= FEW_POINTS
        return few and self.modulation == "none"

    def _factors(self, styles):
        """Returns L / sqrt(rank) and R, extended by ones where 1 + M is one product."""
        factors = self.to_factors(styles)
        split = self.units * self.rank
        left = ops.reshape(factors[:, :split], (-1, self.units, self.rank))
        right = ops.reshape(factors[:, split:], (-1, self.rank, self.kernel.shape[0]))
        left = left / math.sqrt(self.rank)
        if self.modulation in ("demod", "none"):
            # 1 + M is one product of matrices.
            left = ops.pad(left, [[0, 0], [0, 0], [1, 0]], constant_values=1.0)
            right = ops.pad(right, [[0, 0], [1, 0], [0, 0]], constant_values=1.0)
        return left, right

    def _kernels(self, left, right):
        """Kernels of the images, `(batch, channels, units)`."""
        # b: image, o: unit, k: rank, i: channel.
        modulation = ops.einsum("bki,bok->bio", right, left)
        if self.modulation == "tanh":
            modulation = 1.0 + ops.tanh(modulation)
        elif self.modulation == "sigmoid":
            modulation = 0.5 + ops.sigmoid(modulation)
        kernels = self.kernel * modulation
        if self.modulation == "demod":
            norm_sq = ops.sum(ops.square(kernels), axis=1, keepdims=True)
            kernels = kernels / _norm(norm_sq)
        return kernels

    def _products(self, inputs, left, right, gain):
        """Output by factors, a sum of products with W, `(batch, points, units)`."""
        if self.modulation == "demod":
            norm_sq = self._norms_sq(left, right)[..., None]
            left = left / _norm(norm_sq)
        left = ops.cast(left * gain, self.compute_dtype)
        right = ops.cast(right, self.compute_dtype)
        kernel = ops.cast(self.kernel, self.compute_dtype)
        x = ops.matmul(inputs[:, :, None] * right[:, None], kernel)
        return ops.einsum("bpko,bok->bpo", x, left)

    def _norms_sq(self, left, right):
        """Squared norms of the kernels' columns, `(batch, units)`."""
        k, j = np.triu_indices(self.rank + 1)
        pairs = ops.take(right, k, axis=1) * ops.take(right, j, axis=1)
        pairs = ops.matmul(pairs, ops.square(self.kernel))  # (b, pairs, o)
        left = ops.take(left, k, axis=2) * ops.take(left, j, axis=2)
        twice = np.where(k == j, 1.0, 2.0).astype("float32")
        return ops.einsum("bpo,bop,p->bo", pairs, left, twice)

    def compute_output_shape(self, inputs_shape, styles_shape):
        return (styles_shape[0], *inputs_shape[1:-1], self.units)

    def get_config(self):
        config = {
            "units": self.units,
            "rank": self.rank,
            "modulation": self.modulation,
            "activation": self.activation,
            "form": self.form,
        }
        return {**super().get_config(), **config}


def _norm(norm_sq):
    # The root has no finite gradient at 0. The epsilon is the reference's.
    return ops.sqrt(ops.maximum(norm_sq, 1e-30)) + 1e-8
