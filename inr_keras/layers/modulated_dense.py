"""Style-modulated dense layer, the building block of the INR generators."""

import math

import keras
from keras import ops

from inr_keras.layers.activations import GAIN
from inr_keras.layers.activations import SLOPE
from inr_keras.layers.activations import check_activation
from inr_keras.layers.equalized_dense import EqualizedDense
from inr_keras.layers.image_products import leaky_products
from inr_keras.whole_numbers import check_positive


def has_many_points(points, channels, units):
    """Tells whether `kernel_per_image` takes less time than `shared_kernel`.

    It does if the kernel of an image has at most a quarter as many numbers as
    `shared_kernel` scales: with equal numbers of inputs and outputs, from two points
    per channel on. The suite `generators` of `apps.benchmark` measures both forms.

    Args:
        points: int. Points of an image; `None`: unknown, which counts as few.
        channels: int. Inputs of a point.
        units: int. Outputs of a point.
    """
    return bool(points) and 4 * channels * units <= points * (channels + units)


def kernel_per_image(inputs, kernel, scale, factor):
    """Multiplies points by one kernel per image, which holds the image's scales.

    Args:
        inputs: Tensor `(batch or 1, points, channels)`.
        kernel: Tensor `(channels, units)`.
        scale: float32 tensor `(batch, channels)`.
        factor: float32 tensor `(batch, units)`, or a float.

    Returns:
        Tensor `(batch, points, units)`.
    """
    return ops.matmul(inputs, image_kernels(kernel, scale, factor, inputs.dtype))


def image_kernels(kernel, scale, factor, dtype):
    """Makes each image's kernel, which holds the image's scales.

    Args:
        kernel, scale, factor: See `kernel_per_image`.
        dtype: str. Type of the result.

    Returns:
        Tensor `(batch, channels, units)`.
    """
    scale = scale[:, :, None]
    if isinstance(factor, float):
        scale = scale * factor
    else:
        # A product, whose gradients take less time than those of broadcasting.
        scale = ops.matmul(scale, factor[:, None, :])
    return ops.cast(ops.cast(kernel, "float32") * scale, dtype)


def shared_kernel(inputs, kernel, scale, factor):
    """Scales the points of each image before and after a product with one kernel.

    See `kernel_per_image` for arguments and result.
    """
    kernel = ops.cast(kernel, inputs.dtype)
    x = ops.matmul(inputs * ops.cast(scale, inputs.dtype)[:, None, :], kernel)
    if not isinstance(factor, float):
        return x * ops.cast(factor, x.dtype)[:, None, :]
    return x if factor == 1.0 else x * factor


@keras.saving.register_keras_serializable(package="inr_keras")
class ModulatedDense(keras.layers.Layer):
    """Dense layer whose input channels are scaled by a per-image style.

    All images share one kernel. The layer scales either the activations or the rows of
    the kernel, with equal results. For images of many points, scaling the kernel takes
    less time and keeps fewer numbers for the backward pass; for images of few points,
    scaling the activations does, see `has_many_points`. The norm of the demodulation is
    computed in float32.

    Args:
        units: int. Number of output channels.
        demodulate: bool. Divide each output channel by the norm of its scaled
            kernel column. Defaults to `True`.
        noise: bool. Learn the strength of noise that is added before the bias,
            the same for all channels of a point. Defaults to `False`.
        activation: str. `"leaky_relu"` (slope 0.2, gain sqrt 2) or `None`.
            Defaults to `"leaky_relu"`.
        **kwargs: Base layer arguments, such as `name` and `dtype`.

    Call arguments:
        inputs: Tensor of shape `(batch, points, channels)`, or `(1, points,
            channels)` where all images share it.
        styles: Tensor of shape `(batch, style_dim)`.
        noise: Tensor of shape `(batch, points, 1)` or `None`. Used only by a
            layer with `noise=True`.

    Returns:
        Tensor of shape `(batch, points, units)`.

    Raises:
        ValueError: `units` is not positive, or `activation` is unknown.

    Example:
        >>> dense = ModulatedDense(units=4)
        >>> points, styles = np.ones((2, 5, 3), "float32"), np.ones((2, 6), "float32")
        >>> tuple(dense(points, styles).shape)
        (2, 5, 4)

    References:
        - [Karras et al., 2020](https://arxiv.org/abs/1912.04958), section 2.2.
        - [Anokhin et al., 2020](https://arxiv.org/abs/2011.13775), equation 2.
    """

    def __init__(
        self,
        units,
        demodulate=True,
        noise=False,
        activation="leaky_relu",
        **kwargs,
    ):
        super().__init__(**kwargs)
        check_positive(units=units)
        check_activation(activation)
        self.units = units
        self.demodulate = demodulate
        self.noise = noise
        self.activation = activation

    def build(self, inputs_shape, styles_shape):
        channels = inputs_shape[-1]
        # A bias of one starts the layer unmodulated. Float32: one vector per
        # image costs nothing, and the demodulation squares it.
        self.to_scale = EqualizedDense(
            channels, bias_value=1.0, dtype="float32", name="to_scale"
        )
        self.to_scale.build(styles_shape)
        self.kernel = self.add_weight(
            name="kernel",
            shape=(channels, self.units),
            initializer=keras.initializers.RandomNormal(stddev=1.0),
            autocast=False,
        )
        self.bias = self.add_weight(
            name="bias", shape=(self.units,), initializer="zeros"
        )
        if self.noise:
            self.noise_strength = self.add_weight(
                name="noise_strength", shape=(), initializer="zeros"
            )

    def call(self, inputs, styles, noise=None):
        # The kernel's equalized learning rate is folded into the scale.
        scale = self.to_scale(styles) / math.sqrt(self.kernel.shape[0])
        # A leaky ReLU's gain is taken before it: gain > 0 commutes with it,
        # and the per-image factors are small where activations are large.
        gain = GAIN if self.activation else 1.0
        factor = self._demodulation(scale) * gain if self.demodulate else gain
        bias = self.bias * gain
        is_dense = has_many_points(inputs.shape[1], *self.kernel.shape)
        has_noise = self.noise and noise is not None
        if is_dense and self.activation and not has_noise:
            kernels = image_kernels(self.kernel, scale, factor, inputs.dtype)
            return leaky_products(inputs, kernels, bias)
        product = kernel_per_image if is_dense else shared_kernel
        x = product(inputs, self.kernel, scale, factor)
        if has_noise:
            strength = self.noise_strength * gain
            x = x + ops.cast(noise, x.dtype) * strength
        x = x + bias
        if self.activation:
            x = ops.leaky_relu(x, negative_slope=SLOPE)
        return x

    def _demodulation(self, scale):
        kernel = ops.cast(self.kernel, "float32")
        norm_sq = ops.matmul(ops.square(scale), ops.square(kernel))
        return ops.rsqrt(norm_sq + 1e-8)

    def compute_output_shape(self, inputs_shape, styles_shape):
        return (styles_shape[0], *inputs_shape[1:-1], self.units)

    def get_config(self):
        config = {
            "units": self.units,
            "demodulate": self.demodulate,
            "noise": self.noise,
            "activation": self.activation,
        }
        return {**super().get_config(), **config}
