"""Optimizer steps of both networks, on one replica or many."""

import tensorflow as tf

from inr_keras.training.step import row_adam


def optimizers(gan):
    """Those of the networks that there are."""
    found = (
        gan.generator_optimizer,
        gan.discriminator_optimizer,
        gan.dense_optimizer,
    )
    return [optimizer for optimizer in found if optimizer]


def build(gan):
    """Makes the optimizers' variables.

    Those made inside the step fail under a strategy, and those not made
    before a checkpoint is read are not restored.
    """
    tables = {id(adam.table) for adam in gan.row_adams}
    variables = gan.generator.trainable_variables
    gan.generator_optimizer.build([v for v in variables if id(v) not in tables])
    gan.discriminator_optimizer.build(gan.discriminator.trainable_variables)
    if gan.dense_optimizer:
        gan.dense_optimizer.build(gan.dense_discriminator.trainable_variables)


def discriminators(gan, gradients):
    """Applies those of the discriminator, then of the dense one if there.

    Returns:
        The norm of the discriminator's.
    """
    variables = gan.discriminator.trainable_variables
    count = len(variables)
    if gradients[count:]:
        discriminator(
            gan.dense_optimizer,
            gradients[count:],
            gan.dense_discriminator.trainable_variables,
        )
    return discriminator(gan.discriminator_optimizer, gradients[:count], variables)


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
