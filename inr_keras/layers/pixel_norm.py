"""Normalization of latents to the hypersphere."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="inr_keras")
class PixelNorm(keras.layers.Layer):
    """Divides each vector by the root of the mean of its squares.

    Args:
        epsilon: float. Added to the mean. Defaults to `1e-8`.
        **kwargs: Base layer arguments, such as `name` and `dtype`.

    Call arguments:
        inputs: Tensor of shape `(..., channels)`.

    Returns:
        Tensor of the same shape. The mean is taken in float32.

    Example:
        >>> PixelNorm()(np.array([[3.0, 4.0]], "float32")).numpy().round(3)
        array([[0.849, 1.131]], dtype=float32)

    References:
        - [Karras et al., 2018](https://arxiv.org/abs/1710.10196), section 4.2.
    """

    def __init__(self, epsilon=1e-8, **kwargs):
        super().__init__(**kwargs)
        if not epsilon > 0:
            raise ValueError(f"`epsilon` must be positive. Received: {epsilon=}")
        self.epsilon = epsilon

    def call(self, inputs):
        x = ops.cast(inputs, "float32")
        mean = ops.mean(ops.square(x), axis=-1, keepdims=True)
        x = x * ops.rsqrt(mean + self.epsilon)
        return ops.cast(x, self.compute_dtype)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {**super().get_config(), "epsilon": self.epsilon}
