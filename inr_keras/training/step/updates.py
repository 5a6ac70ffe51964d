"""Updates of both networks in a step of `INRGAN`."""

import tensorflow as tf

from inr_keras.training.patches import draws as draws_lib
from inr_keras.training.patches.draws import layer_styles
from inr_keras.training.step import micro_batches

_DENSE_TERMS = ("dense_d_loss", "dense_g_loss")


def update_networks(gan, images, draws):
    """Updates both networks with the losses that are due in this step.

    Args:
        gan: INRGAN.
        images: uint8 tensor `(batch, R, R, channels)`. Full images, or smaller
            ones, see `Frame.real_patches`.
        draws: Draws.

    Returns:
        Styles of the latents, `(batch, style_dim)`, and terms by name.
    """
    if gan.matches is None:
        return _update(gan, images, draws)
    _, terms = _update(gan, *gan.matches.take(images, draws))
    # The mean style is that of random latents, not of matched ones.
    return draws_lib.first_styles(gan.generator, draws), terms


def _update(gan, images, draws):
    """Updates both networks; see `update_networks`."""

    def update(losses):
        if gan.accumulate > 1 or gan.discriminator_steps > 1 or gan.fresh_latents:
            return _separately(gan, losses, images, draws)
        return _together(gan, losses, images, draws)

    interval = gan.loss_settings.dense_interval
    if interval == 1 or not gan.stage.dense_weight:
        return update(gan.stage_losses)
    due = tf.equal(gan.step % interval, 0)
    weight = tf.cast(due, tf.float32)

    def without():
        styles, terms = update(gan.losses_between)
        return styles, {**terms, **dict.fromkeys(_DENSE_TERMS, 0.0)}

    styles, terms = tf.cond(due, lambda: update(gan.stage_losses), without)
    return styles, {**terms, **{name: (terms[name], weight) for name in _DENSE_TERMS}}


def _together(gan, losses, images, draws):
    """Updates both networks on the same fakes, from one forward pass."""
    generator = gan.generator
    with tf.GradientTape() as tape:
        # At the coordinates of a random crop of the stage's grid(H, W, N), the real
        # patch is cut from the image and the fake one rendered.
        styles = layer_styles(generator, draws)
        patches = losses.patches(images, draws, styles)
        with tape.stop_recording():
            # Discriminator: adversarial loss, and lazy R1 on the real patches.
            terms, gradients = losses.discriminator_gradients(patches, gan.step)
            if not gan.simultaneous:
                terms["d_grad"] = gan.update_discriminators(gradients)
        # Generator: adversarial loss by the discriminator, updated or not, and patch
        # regularization (Lee et al., equation 4) by the frozen generator.
        g_terms, loss = losses.generator_loss(patches, draws, gan.images_seen)
    g_gradients = tape.gradient(loss, generator.trainable_variables)
    if gan.simultaneous:
        terms["d_grad"] = gan.update_discriminators(gradients)
    terms = {**terms, **g_terms, "g_grad": gan.update_generator(g_gradients)}
    return styles[:, 0], terms


def _separately(gan, losses, images, draws):
    """Updates the discriminator, and where it is due the generator on new fakes."""
    g_draws = draws
    if gan.fresh_latents:
        g_draws = gan.draw(images.shape[0], draws.labels, draws.extents, fresh=True)

    def d_gradients(images, draws):
        patches = losses.patches(images, draws)
        return losses.discriminator_gradients(patches, gan.step)

    def g_gradients(images, draws):
        return losses.generator_gradients(images, draws, gan.images_seen)

    def update_generator():
        terms, gradients = micro_batches.mean(
            g_gradients, (images, g_draws), gan.accumulate
        )
        return {**terms, "g_grad": gan.update_generator(gradients)}

    def update_generator_if_due():
        every = gan.discriminator_steps
        if every == 1:
            return update_generator()
        # The last of each `every` steps, as in WGAN-GP.
        due = tf.equal(gan.step % every, every - 1)
        names = [*losses.generator_terms, "g_grad"]
        terms = tf.cond(due, update_generator, lambda: dict.fromkeys(names, 0.0))
        weight = tf.cast(due, tf.float32)
        return {name: (value, weight) for name, value in terms.items()}

    terms, gradients = micro_batches.mean(d_gradients, (images, draws), gan.accumulate)
    styles = draws_lib.first_styles(gan.generator, draws)
    if gan.simultaneous:
        terms |= update_generator_if_due()
        terms["d_grad"] = gan.update_discriminators(gradients)
    else:
        terms["d_grad"] = gan.update_discriminators(gradients)
        terms |= update_generator_if_due()
    return styles, terms
