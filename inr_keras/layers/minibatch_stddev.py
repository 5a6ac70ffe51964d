"""Deviation across the batch, as a feature for the discriminator."""

import math

import keras
from keras import ops

from inr_keras.config.rules import stddev_groups
from inr_keras.whole_numbers import check_positive


@keras.saving.register_keras_serializable(package="inr_keras")
class MinibatchStddev(keras.layers.Layer):
    """Appends a channel with the standard deviation within groups of samples.

    Sample n belongs to group n mod (batch / group), as in StyleGAN2's and
    CIPS's code. The deviation over the group is averaged over all features and
    positions, and computed in float32.

    Args:
        group_size: int. Samples in a group. A smaller batch is one group. If it does
            not divide the batch, groups have the largest divisor of the batch below
            it (StyleGAN2 refuses such a batch). Defaults to `4`.
        epsilon: float. Added to the variance, whose root has no gradient at
            zero. Defaults to `1e-8`.
        **kwargs: Base layer arguments, such as `name` and `dtype`.

    Call arguments:
        inputs: Tensor of shape `(batch, *sides, channels)`, of two sides for images.

    Returns:
        Tensor of shape `(batch, *sides, channels + 1)`.

    Raises:
        ValueError: `group_size` is not positive.

    Example:
        >>> tuple(MinibatchStddev(group_size=4)(np.ones((8, 4, 4, 6), "float32")).shape)
        (8, 4, 4, 7)

    References:
        - [Karras et al., 2018](https://arxiv.org/abs/1710.10196), section 3.
    """

    def __init__(self, group_size=4, epsilon=1e-8, **kwargs):
        super().__init__(**kwargs)
        check_positive(group_size=group_size)
        if not epsilon > 0:
            raise ValueError(f"`epsilon` must be positive. Received: {epsilon=}")
        self.group_size = group_size
        self.epsilon = epsilon

    def call(self, inputs):
        _, *sides, channels = inputs.shape
        batch = ops.shape(inputs)[0]
        group = self._group(batch)
        x = ops.cast(inputs, "float32")
        # Sample n = (index in group) * groups + (group).
        x = ops.reshape(x, (group, -1, math.prod(sides) * channels))
        deviation = x - ops.mean(x, axis=0, keepdims=True)
        variance = ops.mean(ops.square(deviation), axis=0)
        mean = ops.mean(ops.sqrt(variance + self.epsilon), axis=-1)  # (groups,)
        mean = ops.reshape(ops.tile(mean, [group]), (-1, *(1 for _ in sides), 1))
        mean = ops.cast(mean, inputs.dtype)
        mean = ops.broadcast_to(mean, (batch, *sides, 1))
        return ops.concatenate([inputs, mean], axis=-1)

    def _group(self, batch):
        if isinstance(batch, int):
            return batch // stddev_groups(batch, self.group_size)
        # A dynamic batch: the largest divisor up to `group_size`.
        size = 1
        for candidate in range(2, self.group_size + 1):
            divides = ops.equal(batch % candidate, 0)
            size = ops.where(divides, candidate, size)
        return size

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], input_shape[-1] + 1)

    def get_config(self):
        config = {"group_size": self.group_size, "epsilon": self.epsilon}
        return {**super().get_config(), **config}
