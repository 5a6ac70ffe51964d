"""Low-pass filter in front of a downsampling convolution."""

import keras
import numpy as np
from keras import ops

_TAPS = np.array([1.0, 3.0, 3.0, 1.0], dtype="float32") / 8.0


@keras.saving.register_keras_serializable(package="inr_keras")
class Blur(keras.layers.Layer):
    """Binomial filter [1, 3, 3, 1] on both axes, after zero padding.

    It runs as a depthwise convolution: on CPUs, gradient included, that was many
    times faster than sums of shifted images, and from sides of 64 on faster than
    products with banded matrices.

    Args:
        padding: int. Zeros on each side. Sides grow by `2 * padding - 3`.
        stride: int. Only every `stride`-th row and column of the result is
            computed. Defaults to `1`.
        **kwargs: Base layer arguments, such as `name` and `dtype`.

    Call arguments:
        inputs: Tensor of shape `(batch, height, width, channels)`.

    Returns:
        Tensor of shape `(batch, height', width', channels)`.

    References:
        - [Zhang, 2019](https://arxiv.org/abs/1904.11486).
        - [Karras et al., 2020](https://arxiv.org/abs/1912.04958).
    """

    def __init__(self, padding, stride=1, **kwargs):
        super().__init__(**kwargs)
        if padding < 0 or stride < 1:
            raise ValueError(
                "`padding` must be zero or more and `stride` positive. "
                f"Received: {padding=}, {stride=}"
            )
        self.padding = padding
        self.stride = stride

    def call(self, inputs):
        pad = (self.padding, self.padding)
        x = ops.pad(inputs, ((0, 0), pad, pad, (0, 0)))
        kernel = np.outer(_TAPS, _TAPS)[:, :, None, None]
        kernel = np.tile(kernel, (1, 1, inputs.shape[-1], 1))
        return ops.depthwise_conv(
            x,
            ops.cast(kernel, x.dtype),
            strides=self.stride,
            padding="valid",
            data_format="channels_last",
        )

    def compute_output_shape(self, inputs_shape):
        batch, height, width, channels = inputs_shape

        def size(side):
            return (side + 2 * self.padding - 4) // self.stride + 1

        return (batch, size(height), size(width), channels)

    def get_config(self):
        config = {"padding": self.padding, "stride": self.stride}
        return {**super().get_config(), **config}
