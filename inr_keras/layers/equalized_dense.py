"""Dense layer with an equalized learning rate."""

import math

import keras
from keras import ops

from inr_keras.layers.activations import check_activation
from inr_keras.layers.activations import scaled_leaky_relu
from inr_keras.whole_numbers import check_positive


@keras.saving.register_keras_serializable(package="inr_keras")
class EqualizedDense(keras.layers.Layer):
    """Dense layer whose kernel and bias are scaled at run time.

    The stored kernel has standard deviation 1 / `lr_multiplier` and is multiplied by
    `lr_multiplier / sqrt(inputs)`, the bias by `lr_multiplier`, so that Adam
    moves every layer at the same relative speed, slower by `lr_multiplier`.

    Args:
        units: int. Number of output channels.
        lr_multiplier: float. Relative learning rate. Defaults to `1.0`.
        bias_value: float. Initial value of the effective bias. Defaults to `0`.
        activation: str. `"leaky_relu"` (slope 0.2, gain sqrt 2) or `None`.
            Defaults to `None`.
        **kwargs: Base layer arguments, such as `name` and `dtype`.

    Call arguments:
        inputs: Tensor of shape `(..., channels)`.

    Returns:
        Tensor of shape `(..., units)`.

    Raises:
        ValueError: `units` or `lr_multiplier` is not positive, or `activation` is
            unknown.

    Example:
        >>> dense = EqualizedDense(units=4, lr_multiplier=0.01)
        >>> tuple(dense(np.ones((2, 3), "float32")).shape)
        (2, 4)

    References:
        - [Karras et al., 2018](https://arxiv.org/abs/1710.10196), section 4.1.
        - [Karras et al., 2020](https://arxiv.org/abs/1912.04958).
    """

    def __init__(
        self,
        units,
        lr_multiplier=1.0,
        bias_value=0.0,
        activation=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        check_positive(units=units)
        if not lr_multiplier > 0:
            raise ValueError(
                f"`lr_multiplier` must be positive. Received: {lr_multiplier=}"
            )
        check_activation(activation)
        self.units = units
        self.lr_multiplier = lr_multiplier
        self.bias_value = bias_value
        self.activation = activation

    def build(self, inputs_shape):
        self.input_spec = keras.InputSpec(axes={-1: inputs_shape[-1]})
        self.kernel = self.add_weight(
            name="kernel",
            shape=(inputs_shape[-1], self.units),
            initializer=keras.initializers.RandomNormal(
                stddev=1.0 / self.lr_multiplier
            ),
        )
        self.bias = self.add_weight(
            name="bias",
            shape=(self.units,),
            initializer=keras.initializers.Constant(
                self.bias_value / self.lr_multiplier
            ),
        )

    def call(self, inputs):
        scale = self.lr_multiplier / math.sqrt(self.kernel.shape[0])
        x = ops.matmul(inputs, self.kernel * scale)
        x = x + self.bias * self.lr_multiplier
        if self.activation:
            x = scaled_leaky_relu(x)
        return x

    def compute_output_shape(self, inputs_shape):
        return (*inputs_shape[:-1], self.units)

    def get_config(self):
        config = {
            "units": self.units,
            "lr_multiplier": self.lr_multiplier,
            "bias_value": self.bias_value,
            "activation": self.activation,
        }
        return {**super().get_config(), **config}
