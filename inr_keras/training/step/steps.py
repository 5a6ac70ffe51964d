"""Orders in which a GAN's two networks are updated in a step."""

import tensorflow as tf

from inr_keras.training.patches.draws import first_styles
from inr_keras.training.patches.draws import layer_styles
from inr_keras.training.step import micro_batches
from inr_keras.training.step import updates


def run(gan, real, draws):
    """Both updates of a step.

    Args:
        gan: INRGAN.
        real: Tensor `(batch, P, P, channels)`.
        draws: Draws.

    Returns:
        Styles of the first latents, to track their mean, and logs.
    """
    if gan.accumulate == 1 and gan.discriminator_steps == 1:
        return _together(gan, real, draws)
    return _apart(gan, real, draws)


def _together(gan, real, draws):
    """Both updates, with one forward pass of the generator."""
    with tf.GradientTape() as tape:
        styles = layer_styles(gan.generator, draws)
        fake = gan._fake_patches(styles, draws)
        with tape.stop_recording():
            d_logs, gradients = gan.discriminator_gradients(real, fake, draws)
            d_logs["d_grad"] = updates.discriminators(gan, gradients)
        g_logs, loss = gan._generator_loss(real, fake, draws)
    gradients = tape.gradient(loss, gan.generator.trainable_variables)
    g_logs["g_grad"] = _update_generator(gan, gradients)
    return styles[:, 0], {**d_logs, **g_logs}


def _apart(gan, real, draws):
    """Both updates, each from fakes of its own and where it is due."""

    def discriminator(real, draws):
        fake = gan.fake_patches(draws)
        return gan.discriminator_gradients(real, fake, draws)

    mean = _mean_over_parts(gan.accumulate, real, draws)
    d_logs, gradients = mean(discriminator)
    styles = first_styles(gan.generator, draws)
    d_logs["d_grad"] = updates.discriminators(gan, gradients)

    def generator():
        g_logs, gradients = mean(gan.generator_gradients)
        g_logs["g_grad"] = _update_generator(gan, gradients)
        return g_logs

    every = gan.discriminator_steps
    if every == 1:
        return styles, {**d_logs, **generator()}
    # The last of each `every` steps, after the critic's as in WGAN-GP.
    due = tf.equal(gan.step % every, every - 1)
    names = _generator_logs(gan)
    g_logs = tf.cond(due, generator, lambda: dict.fromkeys(names, 0.0))
    return styles, {**d_logs, **{k: (v, due) for k, v in g_logs.items()}}


def _update_generator(gan, gradients):
    return updates.generator(
        gan.generator_optimizer,
        gan.row_adams,
        gradients,
        gan.generator.trainable_variables,
        # Of tables, whose averages move where the table does.
        gan.decay**gan.discriminator_steps,
    )


def _generator_logs(gan):
    """Names of what an update of the generator tells."""
    patch = ["patch"] if gan.patch_prior else []
    dense = ["dense_g_loss"] if gan.dense else []
    return ["g_loss", *patch, *dense, "g_grad"]


def _mean_over_parts(count, real, draws):
    """A function's mean over micro-batches, or its value for all at once."""
    if count == 1:  # Gradients of tables stay sparse.
        return lambda function: function(real, draws)
    parts = micro_batches.split((real, draws), count)
    return lambda function: micro_batches.mean(function, parts)
