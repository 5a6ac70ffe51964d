"""Projection of a discriminator's features on a vector of their class."""

import math

import keras
from keras import ops

from inr_keras.whole_numbers import check_positive


def one_hot(labels, classes, dtype):
    """Turns labels into one-hot vectors `(batch, classes)`.

    Raises:
        ValueError: `labels` do not have shape `(batch,)`, or one that is known, outside
            of graphs, is no class; `keras.ops.one_hot` makes a vector of zeros of it.
    """
    labels = ops.convert_to_tensor(labels)
    if len(labels.shape) != 1:
        raise ValueError(
            f"`labels` must have shape (batch,). Received: {tuple(labels.shape)}"
        )
    try:
        values = ops.convert_to_numpy(labels)
    except (NotImplementedError, TypeError, ValueError):  # Symbolic.
        values = []
    for value in values:
        if not 0 <= value < classes:
            raise ValueError(
                f"`labels` must be from 0 to {classes - 1}. Received: {value}"
            )
    return ops.one_hot(labels, classes, dtype=dtype)


@keras.saving.register_keras_serializable(package="inr_keras")
class LabelProjection(keras.layers.Layer):
    """Inner product of features and a learned vector of their class.

    Added to a discriminator's logit, it makes the discriminator conditional: the
    term y^T V phi(x) of equation 3. It is divided by the root of the number of
    features, so that both parts of the logit learn at the same speed (equalized
    learning rate, which the source does not have).

    Args:
        classes: int. Number of classes.
        **kwargs: Base layer arguments, such as `name` and `dtype`.

    Call arguments:
        features: Tensor of shape `(batch, channels)`.
        labels: int tensor of shape `(batch,)` in [0, `classes`).

    Returns:
        Tensor of shape `(batch, 1)`.

    Raises:
        ValueError: `classes` is not positive, or a label is no class.

    Example:
        >>> projection = LabelProjection(classes=3)
        >>> tuple(projection(np.ones((2, 8), "float32"), np.array([0, 2])).shape)
        (2, 1)

    References:
        - [Miyato & Koyama, 2018](https://arxiv.org/abs/1802.05637), section 3.
    """

    def __init__(self, classes, **kwargs):
        super().__init__(**kwargs)
        check_positive(classes=classes)
        self.classes = classes

    def build(self, features_shape, labels_shape=None):
        self.vectors = self.add_weight(
            name="vectors",
            shape=(self.classes, features_shape[-1]),
            initializer=keras.initializers.RandomNormal(stddev=1.0),
        )

    def call(self, features, labels):
        # Not a gather: the gradient is as dense as the other weights'.
        classes = one_hot(labels, self.classes, self.compute_dtype)
        vectors = ops.matmul(classes, self.vectors)
        product = ops.sum(features * vectors, axis=-1, keepdims=True)
        return product / math.sqrt(self.vectors.shape[1])

    def compute_output_shape(self, features_shape, labels_shape=None):
        return (features_shape[0], 1)

    def get_config(self):
        return {**super().get_config(), "classes": self.classes}
