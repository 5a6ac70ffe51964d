"""Optimizer steps of both networks, on one replica or many."""

import tensorflow as tf

from inr_keras.training import row_adam


def discriminator(optimizer, gradients, variables):
    """Applies the gradients of a replica's mean loss; returns their norm."""
    optimizer.apply([_share(g) for g in gradients], variables)
    return tf.linalg.global_norm(gradients)


def generator(optimizer, row_adams, gradients, variables, decay):
    """As `discriminator`; tables of `row_adams` are trained by those."""
    row_adam.apply(
        optimizer, row_adams, [_share(g) for g in gradients], variables, decay
    )
    return tf.linalg.global_norm(gradients)


def _share(gradient):
    """A replica's share: optimizers add gradients up over replicas."""
    count = tf.distribute.get_strategy().num_replicas_in_sync
    if count == 1:
        return gradient
    if isinstance(gradient, tf.IndexedSlices):
        return tf.IndexedSlices(
            gradient.values / count, gradient.indices, gradient.dense_shape
        )
    return gradient / count
