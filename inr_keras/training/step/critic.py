"""A discriminator together with the losses that train on its logits."""

import tensorflow as tf

from inr_keras import losses

IDLE = -1.0  # Stands for a penalty in a step without it.


@tf.custom_gradient
def clip_to_range(images):
    """Images as files hold them: in [-1, 1].

    White is white whatever lies beyond it, so that a flat background costs
    the generator nothing. A colour out of range has no gradient that would
    push it further out.
    """

    def gradient(upstream):
        high = (images > 1.0) & (upstream < 0.0)
        low = (images < -1.0) & (upstream > 0.0)
        return tf.where(high | low, tf.zeros_like(upstream), upstream)

    return tf.clip_by_value(images, -1.0, 1.0), gradient


class Critic:
    """Adversarial losses of both sides and gradient penalties.

    R1 and R2 are lazy. WGAN-GP's penalty on interpolates comes in every step,
    as in its algorithm 1; that asks for a critic which judges each image by
    itself, and `MinibatchStddev` does not, which Progressive GAN (Karras et
    al. 2018, arXiv 1710.10196) found to do no harm. The interpolates lie
    between a real patch and the fake one at the same place.

    Args:
        discriminator: Model from patches to logits; one whose `position` is
            true is called with their place too.
        settings: config.Loss.
        labels: int tensor `(batch,)` of the classes of the patches that are
            judged, or `None`.
    """

    def __init__(self, discriminator, settings, labels=None):
        self.discriminator = discriminator
        self.settings = settings
        self.labels = labels
        self.relativistic = settings.adversarial == "relativistic"
        self.is_wasserstein = settings.adversarial == "wgan"

    def given(self, labels):
        """The same for patches of these classes."""
        return type(self)(self.discriminator, self.settings, labels)

    @property
    def told_place(self):
        return getattr(self.discriminator, "position", False)

    def seen(self, fake):
        """What it sees of fakes."""
        return clip_to_range(fake) if self.settings.clip_fakes else fake

    def judge(self, images, place):
        """Logits of patches, float32 `(batch, 1)`."""
        told = {"place": place} if self.told_place else {}
        if self.labels is not None:
            told["labels"] = self.labels
        return self.discriminator(images, **told)

    def generator_loss(self, real, fake, place):
        """The generator's adversarial loss."""
        logits = self.judge(fake, place)
        if self.relativistic:
            real_logits = self.judge(real, place)
            return losses.relativistic_generator_loss(real_logits, logits)
        if self.is_wasserstein:
            return losses.wasserstein_generator_loss(logits)
        return losses.generator_nonsaturating_loss(logits)

    def gradients(self, real, fake, place, due, mixture=None):
        """Logs and gradients of the discriminator's losses.

        Args:
            real: Tensor `(batch, P, P, channels)`.
            fake: Tensor of the same shape, without gradient.
            place: See `views.Frame.place`, or `None`.
            due: bool tensor. Whether this step has the lazy penalties.
            mixture: Tensor `(batch,)` in [0, 1), share of the real image in
                the interpolates of WGAN-GP; else `None`.
        """
        variables = self.discriminator.trainable_variables
        with tf.GradientTape() as tape:
            real_logits = self.judge(real, place)
            fake_logits = self.judge(fake, place)
            if self.relativistic:
                function = losses.relativistic_discriminator_loss
            elif self.is_wasserstein:
                function = losses.wasserstein_discriminator_loss
            else:
                function = losses.discriminator_logistic_loss
            loss = function(real_logits, fake_logits)
        logs = {
            "d_loss": loss,
            "real_logits": tf.reduce_mean(real_logits),
            "fake_logits": tf.reduce_mean(fake_logits),
        }
        gradients = tape.gradient(loss, variables)
        for name, weight, images in (
            ("r1", self.settings.r1_weight, real),
            ("r2", self.settings.r2_weight, fake),
        ):
            if weight:
                logs[name], more = tf.cond(
                    due,
                    lambda x=images, w=weight: self.penalty(x, place, w),
                    lambda: (IDLE, [tf.zeros_like(v) for v in variables]),
                )
                gradients = [g + m for g, m in zip(gradients, more)]
        if self.is_wasserstein:
            between = losses.interpolates(real, fake, mixture)
            logs["gp"], more = self._of_slope(
                between, place, losses.slope_penalty, self.settings.gp_weight
            )
            gradients = [g + m for g, m in zip(gradients, more)]
        return logs, gradients

    def penalty(self, images, place, weight):
        """Gradient penalty on the logits of `images`, and its gradients.

        R1 on real images, R2 on fakes; the gradients are weighted and times
        the interval.
        """
        return self._of_slope(
            images,
            place,
            losses.r1_penalty,
            weight * 0.5 * self.settings.r1_interval,
        )

    def _of_slope(self, images, place, function, weight):
        """A function of the slope of D at `images`, and its gradients."""
        with tf.GradientTape() as outer:
            with tf.GradientTape() as inner:
                inner.watch(images)
                logits = tf.reduce_sum(self.judge(images, place))
            penalty = function(inner.gradient(logits, images))
            loss = penalty * weight
        variables = self.discriminator.trainable_variables
        gradients = outer.gradient(loss, variables)
        # The last bias has no part in the gradient by the image.
        return penalty, [
            tf.zeros_like(v) if g is None else g for g, v in zip(gradients, variables)
        ]
