"""Convolution with an equalized learning rate."""

import math

import keras
from keras import ops

from inr_keras.layers.activations import check_activation
from inr_keras.layers.activations import scaled_leaky_relu
from inr_keras.whole_numbers import check_positive


@keras.saving.register_keras_serializable(package="inr_keras")
class EqualizedConv(keras.layers.Layer):
    """Convolution whose kernel is scaled by 1 / sqrt(fan in) at run time.

    The inputs have one, two or three axes between the batch and the channels: sounds,
    images or volumes.

    Args:
        filters: int. Number of output channels.
        kernel_size: int. Side of the kernel.
        strides: int. Step of the kernel on every axis. Defaults to `1`.
        padding: str. `"same"` or `"valid"`. Defaults to `"same"`.
        use_bias: bool. Add a learned bias per filter. Defaults to `True`.
        activation: str. `"leaky_relu"` (slope 0.2, gain sqrt 2) or `None`.
            Defaults to `"leaky_relu"`.
        **kwargs: Base layer arguments, such as `name` and `dtype`.

    Call arguments:
        inputs: Tensor of shape `(batch, *sides, channels)`, of two sides for images.

    Returns:
        Tensor of shape `(batch, *sides', filters)`.

    Raises:
        ValueError: `filters`, `kernel_size` or `strides` is not a positive integer, or
            `padding` or `activation` is unknown.

    Example:
        >>> images = np.ones((1, 8, 8, 3), "float32")
        >>> tuple(EqualizedConv(filters=4, kernel_size=3)(images).shape)
        (1, 8, 8, 4)

    References:
        - [Karras et al., 2018](https://arxiv.org/abs/1710.10196), section 4.1.
    """

    def __init__(
        self,
        filters,
        kernel_size,
        strides=1,
        padding="same",
        use_bias=True,
        activation="leaky_relu",
        **kwargs,
    ):
        super().__init__(**kwargs)
        check_positive(filters=filters, kernel_size=kernel_size, strides=strides)
        if padding not in ("same", "valid"):
            raise ValueError(
                f"`padding` must be 'same' or 'valid'. Received: {padding=}"
            )
        check_activation(activation)
        self.filters = filters
        self.kernel_size = kernel_size
        self.strides = strides
        self.padding = padding
        self.use_bias = use_bias
        self.activation = activation

    def build(self, inputs_shape):
        self.input_spec = keras.InputSpec(
            ndim=len(inputs_shape), axes={-1: inputs_shape[-1]}
        )
        size = (self.kernel_size,) * (len(inputs_shape) - 2)
        self.kernel = self.add_weight(
            name="kernel",
            shape=(*size, inputs_shape[-1], self.filters),
            initializer=keras.initializers.RandomNormal(stddev=1.0),
        )
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias", shape=(self.filters,), initializer="zeros"
            )

    def call(self, inputs):
        scale = 1.0 / math.sqrt(math.prod(self.kernel.shape[:-1]))
        x = ops.conv(
            inputs,
            self.kernel * scale,
            strides=self.strides,
            padding=self.padding,
            data_format="channels_last",
        )
        if self.use_bias:
            x = x + self.bias
        if self.activation:
            x = scaled_leaky_relu(x)
        return x

    def compute_output_shape(self, inputs_shape):
        batch, *sides, _ = inputs_shape

        def size(side):
            if side is None:
                return None
            lost = self.kernel_size - 1 if self.padding == "valid" else 0
            return (side - lost - 1) // self.strides + 1

        return (batch, *map(size, sides), self.filters)

    def get_config(self):
        config = {
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
            "use_bias": self.use_bias,
            "activation": self.activation,
        }
        return {**super().get_config(), **config}
