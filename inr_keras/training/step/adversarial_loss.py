"""The adversarial losses of both networks, with the discriminator's penalties."""

import typing

import tensorflow as tf

from inr_keras import losses


class PatchPair(typing.NamedTuple):
    """Real and fake patches of the same regions, as the discriminator sees them.

    Both have shape `(batch, P, P, channels)`; sample i of one lies where sample i of
    the other does, and both are augmented alike.
    """

    real: tf.Tensor
    fake: tf.Tensor
    place: tf.Tensor | None = None  # See `Frame.place`.
    labels: tf.Tensor | None = None  # (batch,): classes.
    mixture: tf.Tensor | None = None  # (batch,) in [0, 1): see `interpolates`.


@tf.custom_gradient
def clip_to_range(images):
    """Clips images to [-1, 1], as they are written to files.

    White is white whatever lies beyond it, so that a flat background costs the
    generator nothing. A colour out of range has no gradient that would push it further
    out.
    """

    def gradient(upstream):
        high = (images > 1.0) & (upstream < 0.0)
        low = (images < -1.0) & (upstream > 0.0)
        return tf.where(high | low, tf.zeros_like(upstream), upstream)

    return tf.clip_by_value(images, -1.0, 1.0), gradient


class AdversarialLoss:
    """The losses that a discriminator's logits give to both networks.

    R1 (on real patches) and R2 (on fakes) are lazy: they come every `r1_interval`
    steps, times the interval. WGAN-GP's penalty on interpolates comes in every step,
    as in its algorithm 1; that asks for a discriminator which judges each image by
    itself, and `MinibatchStddev` does not, which Progressive GAN (Karras et al. 2018,
    arXiv 1710.10196) found to do no harm. The interpolates lie between a real patch
    and the fake one at the same place.

    Args:
        discriminator: Model from patches to logits. One that has a true `position` is
            called with their place too.
        settings: config.Loss.

    References:
        - [Karras et al., 2020](https://arxiv.org/abs/1912.04958), section 3.1, lazy
          regularization.
    """

    def __init__(self, discriminator, settings):
        self.discriminator = discriminator
        self.settings = settings
        self.uses_place = getattr(discriminator, "position", False)

    @property
    def is_wasserstein(self):
        return self.settings.adversarial == "wgan"

    @property
    def is_relativistic(self):
        return self.settings.adversarial == "relativistic"

    def logits(self, images, pair):
        """Judges patches at the place and of the classes of a pair: `(batch, 1)`."""
        arguments = {}
        if self.uses_place:
            arguments["place"] = pair.place
        if pair.labels is not None:
            arguments["labels"] = pair.labels
        return self.discriminator(images, **arguments)

    def generator_loss(self, pair):
        """The generator's adversarial loss on a pair."""
        fake_logits = self.logits(pair.fake, pair)
        if self.is_relativistic:
            real_logits = self.logits(pair.real, pair)
            return losses.relativistic_generator_loss(real_logits, fake_logits)
        if self.is_wasserstein:
            return losses.wasserstein_generator_loss(fake_logits)
        return losses.generator_nonsaturating_loss(fake_logits)

    def discriminator_gradients(self, pair, step):
        """Differentiates the discriminator's loss and the penalties that are due.

        Args:
            pair: PatchPair; its fakes get no gradient.
            step: int tensor. Steps before this one.

        Returns:
            Terms by name (see `stage_losses.TERMS`) and the gradients of their
            weighted sum, one for each trainable variable.
        """
        pair = pair._replace(fake=tf.stop_gradient(pair.fake))
        variables = self.discriminator.trainable_variables
        with tf.GradientTape() as tape:
            real_logits = self.logits(pair.real, pair)
            fake_logits = self.logits(pair.fake, pair)
            loss = self._discriminator_loss(real_logits, fake_logits)
        terms = {
            "d_loss": loss,
            "real_logits": tf.reduce_mean(real_logits),
            "fake_logits": tf.reduce_mean(fake_logits),
        }
        gradients = tape.gradient(loss, variables)
        for name, (value, more) in self._penalties(pair, step):
            terms[name] = value
            gradients = [g + m for g, m in zip(gradients, more)]
        return terms, gradients

    def _discriminator_loss(self, real_logits, fake_logits):
        if self.is_relativistic:
            return losses.relativistic_discriminator_loss(real_logits, fake_logits)
        if self.is_wasserstein:
            return losses.wasserstein_discriminator_loss(real_logits, fake_logits)
        return losses.discriminator_logistic_loss(real_logits, fake_logits)

    def _penalties(self, pair, step):
        """Yields each penalty's name, its term and its weighted gradients."""
        settings = self.settings
        if settings.r1_weight:
            yield "r1", self.lazy_penalty(pair.real, pair, settings.r1_weight, step)
        if settings.r2_weight:
            yield "r2", self.lazy_penalty(pair.fake, pair, settings.r2_weight, step)
        if self.is_wasserstein:
            between = losses.interpolates(pair.real, pair.fake, pair.mixture)
            yield (
                "gp",
                self._penalty(between, pair, losses.slope_penalty, settings.gp_weight),
            )

    def lazy_penalty(self, images, pair, weight, step):
        """Computes R1 of patches (gamma / 2 |grad|^2) where it is due, else zeros.

        Returns:
            The term as a pair of its value and 1 or 0, whether it is due, and the
            gradients of `weight` / 2 times the interval times the value.
        """
        interval = self.settings.r1_interval
        variables = self.discriminator.trainable_variables
        due = tf.equal(step % interval, 0)
        value, gradients = tf.cond(
            due,
            lambda: self._penalty(
                images, pair, losses.r1_penalty, weight * 0.5 * interval
            ),
            lambda: (0.0, [tf.zeros_like(v) for v in variables]),
        )
        return (value, tf.cast(due, tf.float32)), gradients

    def _penalty(self, images, pair, function, weight):
        """A function of the logits' gradient at `images`, and its own gradients."""
        with tf.GradientTape() as outer:
            with tf.GradientTape() as inner:
                inner.watch(images)
                logits = tf.reduce_sum(self.logits(images, pair))
            penalty = function(inner.gradient(logits, images))
            loss = penalty * weight
        variables = self.discriminator.trainable_variables
        gradients = outer.gradient(loss, variables)
        # The last bias has no part in the gradient by the image.
        return penalty, [
            tf.zeros_like(v) if g is None else g for g, v in zip(gradients, variables)
        ]
