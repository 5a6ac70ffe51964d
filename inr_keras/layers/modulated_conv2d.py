"""Style-modulated convolution, the building block of StyleGAN2's generator."""

import math

import keras
from keras import ops

from inr_keras.layers.activations import GAIN
from inr_keras.layers.activations import SLOPE
from inr_keras.layers.activations import check_activation
from inr_keras.layers.equalized_dense import EqualizedDense
from inr_keras.whole_numbers import check_positive


@keras.saving.register_keras_serializable(package="inr_keras")
class ModulatedConv2D(keras.layers.Layer):
    """Convolution whose input channels are scaled by a per-image style.

    `ModulatedDense` is the same layer with a kernel of one pixel. All images share one
    kernel: instead of the kernel, the layer scales the activations before and after it.

    Args:
        filters: int. Number of output channels.
        kernel_size: int. Side of the kernel. Defaults to `3`.
        demodulate: bool. Divide each output channel by the norm of its scaled
            kernel. Defaults to `True`.
        activation: str. `"leaky_relu"` (slope 0.2, gain sqrt 2) or `None`.
            Defaults to `"leaky_relu"`.
        **kwargs: Base layer arguments, such as `name` and `dtype`.

    Call arguments:
        inputs: Tensor of shape `(batch, height, width, channels)`.
        styles: Tensor of shape `(batch, style_dim)`.

    Returns:
        Tensor of shape `(batch, height, width, filters)`.

    Raises:
        ValueError: `filters` or `kernel_size` is not positive, or `activation` is
            unknown.

    Example:
        >>> conv = ModulatedConv2D(filters=4)
        >>> images = np.ones((2, 8, 8, 3), "float32")
        >>> styles = np.ones((2, 6), "float32")
        >>> tuple(conv(images, styles).shape)
        (2, 8, 8, 4)

    References:
        - [Karras et al., 2020](https://arxiv.org/abs/1912.04958), section 2.2.
    """

    def __init__(
        self,
        filters,
        kernel_size=3,
        demodulate=True,
        activation="leaky_relu",
        **kwargs,
    ):
        super().__init__(**kwargs)
        check_positive(filters=filters, kernel_size=kernel_size)
        check_activation(activation)
        self.filters = filters
        self.kernel_size = kernel_size
        self.demodulate = demodulate
        self.activation = activation

    def build(self, inputs_shape, styles_shape):
        channels, size = inputs_shape[-1], self.kernel_size
        self.to_scale = EqualizedDense(
            channels, bias_value=1.0, dtype="float32", name="to_scale"
        )
        self.to_scale.build(styles_shape)
        self.kernel = self.add_weight(
            name="kernel",
            shape=(size, size, channels, self.filters),
            initializer=keras.initializers.RandomNormal(stddev=1.0),
        )
        self.bias = self.add_weight(
            name="bias", shape=(self.filters,), initializer="zeros"
        )

    def call(self, inputs, styles):
        fan_in = math.prod(self.kernel.shape[:3])
        scale = self.to_scale(styles) / math.sqrt(fan_in)
        x = inputs * ops.cast(scale, self.compute_dtype)[:, None, None]
        x = ops.conv(x, self.kernel, padding="same", data_format="channels_last")
        gain = GAIN if self.activation else 1.0
        if self.demodulate:
            kernel = ops.cast(self.kernel, "float32")
            power = ops.sum(ops.square(kernel), axis=(0, 1))
            norm_sq = ops.matmul(ops.square(scale), power)
            factor = ops.cast(ops.rsqrt(norm_sq + 1e-8) * gain, x.dtype)
            x = x * factor[:, None, None]
        else:
            x = x * gain
        x = x + self.bias * gain
        if self.activation:
            x = ops.leaky_relu(x, negative_slope=SLOPE)
        return x

    def compute_output_shape(self, inputs_shape, styles_shape):
        return (*inputs_shape[:-1], self.filters)

    def get_config(self):
        config = {
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "demodulate": self.demodulate,
            "activation": self.activation,
        }
        return {**super().get_config(), **config}
