"""Adam with StyleGAN2's settings, and its steps on one replica or many."""

import keras
import tensorflow as tf
from keras import ops


@keras.saving.register_keras_serializable(package="inr_keras")
class CosineTail(keras.optimizers.schedules.LearningRateSchedule):
    """Constant learning rate that falls along half a cosine at the end.

    Args:
        rate: float. Learning rate until step `begin`.
        begin: int. Step at which the rate begins to fall.
        end: int. Step from which on the rate is `rate * final`.
        final: float. Share of the rate that is left at the end.

    Example:
        >>> rate = CosineTail(0.002, begin=100, end=200, final=0.1)
        >>> [round(float(rate(step)), 5) for step in (0, 100, 150, 200)]
        [0.002, 0.002, 0.0011, 0.0002]
    """

    def __init__(self, rate, begin, end, final):
        self.rate = rate
        self.begin = begin
        self.end = end
        self.final = final

    def __call__(self, step):
        done = ops.cast(step - self.begin, "float32") / (self.end - self.begin)
        done = ops.clip(done, 0.0, 1.0)
        fall = (1.0 - ops.cos(done * 3.14159265)) / 2.0
        return self.rate * (1.0 - (1.0 - self.final) * fall)

    def get_config(self):
        return {
            "rate": self.rate,
            "begin": self.begin,
            "end": self.end,
            "final": self.final,
        }


@keras.saving.register_keras_serializable(package="inr_keras")
class FusedAdam(keras.optimizers.Adam):
    """Adam that updates a variable and its moments in one operation.

    Keras's Adam takes about twenty operations, which cost a small network more than its
    arithmetic. Results and state are equal to those of Keras's Adam, which also handles
    sparse gradients here.

    Args:
        **kwargs: Arguments of `keras.optimizers.Adam`, except `amsgrad`.

    Raises:
        ValueError: `amsgrad` is `True`.

    Example:
        >>> adam = FusedAdam(learning_rate=0.002)
        >>> adam.build(generator.trainable_variables)
    """

    def __init__(self, name="adam", **kwargs):
        super().__init__(name=name, **kwargs)
        if self.amsgrad:
            raise ValueError("`amsgrad` must be False. Received: amsgrad=True")

    def update_step(self, gradient, variable, learning_rate):
        if isinstance(gradient, tf.IndexedSlices):
            super().update_step(gradient, variable, learning_rate)
            return
        index = self._get_variable_index(variable)
        step = tf.cast(self.iterations + 1, variable.dtype)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[index].value.handle,
            v=self._velocities[index].value.handle,
            beta1_power=tf.pow(tf.cast(self.beta_1, variable.dtype), step),
            beta2_power=tf.pow(tf.cast(self.beta_2, variable.dtype), step),
            lr=tf.cast(learning_rate, variable.dtype),
            beta1=self.beta_1,
            beta2=self.beta_2,
            epsilon=self.epsilon,
            grad=tf.cast(gradient, variable.dtype),
        )


@keras.saving.register_keras_serializable(package="inr_keras")
class PartAdam(FusedAdam):
    """Adam with another learning rate for the variables of one part of a network.

    The rate of the part is the common rate times a factor, so that schedules and
    StyleGAN2's correction apply to both. The state is that of Adam.

    Args:
        part: str. Name of a layer in the variables' paths.
        factor: float. Factor of the rate of that layer's variables.
        **kwargs: Arguments of `keras.optimizers.Adam`.

    Example:
        >>> adam = PartAdam("mapping", 0.5, learning_rate=0.002)
        >>> adam.build(generator.trainable_variables)
    """

    def __init__(self, part, factor, **kwargs):
        super().__init__(**kwargs)
        self.part = part
        self.factor = factor

    def build(self, variables):
        if self.built:
            return
        super().build(variables)
        self.factors = [
            self.factor if self.part in v.path.split("/") else 1.0 for v in variables
        ]

    def update_step(self, gradient, variable, learning_rate):
        factor = self.factors[self._get_variable_index(variable)]
        super().update_step(gradient, variable, learning_rate * factor)

    def get_config(self):
        config = {"part": self.part, "factor": self.factor}
        return {**super().get_config(), **config}


def lazy_adam(
    learning_rate=0.002,
    beta_1=0.0,
    beta_2=0.99,
    epsilon=1e-8,
    r1_interval=0,
    tail=None,
    mapping_rate=1.0,
):
    """Creates Adam with StyleGAN2's correction for a lazy regularizer.

    With a regularizer in every k-th step and c = k / (k + 1), the learning rate is
    multiplied by c and the betas are raised to the power of c. In StyleGAN2 the
    regularizer has a step of its own: k + 1 steps of Adam at c times the rate move as
    far as k steps at the full rate. Here the term is added to one of the k steps, which
    move c times as far: with k = 16, rates in a config are effectively 6 % lower. The
    correction is kept, so that Adam gets the same numbers from the settings of
    StyleGAN2, CIPS and MS-patch as in their code.

    Args:
        learning_rate: float. Defaults to `0.002`.
        beta_1: float. Defaults to `0`.
        beta_2: float. Defaults to `0.99`.
        epsilon: float. Defaults to `1e-8`.
        r1_interval: int. k; 0: no lazy regularizer. For a generator, the interval of
            StyleGAN2's path length regularization. Defaults to `0`.
        tail: Tuple `(begin, end, final)` of a `CosineTail`. Defaults to `None`: the
            rate is constant.
        mapping_rate: float. Factor of the rate of the layer named `mapping`. Defaults
            to `1`.

    Returns:
        keras.optimizers.Adam.

    Example:
        >>> adam = lazy_adam(0.002, r1_interval=16)
        >>> round(float(adam.learning_rate), 6)
        0.001882

    References:
        - [Karras et al., 2020](https://arxiv.org/abs/1912.04958), appendix B.
    """
    c = r1_interval / (r1_interval + 1) if r1_interval else 1.0
    rate = learning_rate * c
    settings = {
        "learning_rate": CosineTail(rate, *tail) if tail else rate,
        "beta_1": beta_1**c,
        "beta_2": beta_2**c,
        "epsilon": epsilon,
    }
    if mapping_rate == 1.0:
        return FusedAdam(**settings)
    return PartAdam("mapping", mapping_rate, **settings)


def update(apply, gradients, variables):
    """Makes an optimizer's step with the gradients of a replica's mean loss.

    Args:
        apply: Function of gradients and variables, such as an optimizer's `apply`.
        gradients: List of tensors or IndexedSlices.
        variables: List of Keras variables.

    Returns:
        The norm of the gradients.
    """
    apply([_replica_share(g) for g in gradients], variables)
    return tf.linalg.global_norm(gradients)


def _replica_share(gradient):
    """Divides a gradient by the number of replicas, over which optimizers add up."""
    count = tf.distribute.get_strategy().num_replicas_in_sync
    if count == 1:
        return gradient
    if isinstance(gradient, tf.IndexedSlices):
        return tf.IndexedSlices(
            gradient.values / count, gradient.indices, gradient.dense_shape
        )
    return gradient / count
