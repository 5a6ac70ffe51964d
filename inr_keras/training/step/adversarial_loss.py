"""Adversarial losses of both networks, with the discriminator's gradient penalties."""

import math
import typing

import tensorflow as tf

from inr_keras import losses
from inr_keras.training.patches import augmentation
from inr_keras.training.step import joint_pass


class PatchPair(typing.NamedTuple):
    """Pair of real and fake patches, before augmentation.

    Both have shape `(batch, P, P, channels)`. The two patches of a sample cover the
    same region and are augmented alike.
    """

    real: tf.Tensor
    fake: tf.Tensor
    place: tf.Tensor | None = None  # See `Frame.place`.
    labels: tf.Tensor | None = None  # (batch,): classes.
    mixture: tf.Tensor | None = None  # (batch,) in [0, 1): see `interpolates`.
    augmentation: tf.Tensor | None = None  # See `diff_augment`.


@tf.custom_gradient
def clip_to_range(images):
    """Clips images to [-1, 1], as they are written to files.

    All values above 1 show as white, so that a flat white background is easy for the
    generator. Values out of range get no gradient that would push them further out.
    """

    def gradient(upstream):
        high = (images > 1.0) & (upstream < 0.0)
        low = (images < -1.0) & (upstream > 0.0)
        return tf.where(high | low, tf.zeros_like(upstream), upstream)

    return tf.clip_by_value(images, -1.0, 1.0), gradient


def lazy_weight(interval, every=1):
    """Weight of a lazy penalty: the number of uses of the loss that have one penalty.

    Args:
        interval: int. The penalty is due in every `interval`-th step.
        every: int. The loss is used in every `every`-th step. Defaults to `1`.
    """
    return math.lcm(interval, every) // every


class AdversarialLoss:
    """Losses of both networks from the logits of one discriminator.

    R1 (on real patches) and R2 (on fake patches) are lazy: they are computed every
    `r1_interval` steps, and then weigh as much as in all steps of the interval
    together. Penalties differentiate with respect to patches before their augmentation,
    as in StyleGAN2-ADA and R3GAN.

    WGAN-GP's penalty is part of every step, as in its algorithm 1. Its interpolates lie
    between a real patch and the fake patch at the same place. It assumes that the
    discriminator judges each image by itself, which is not true with `MinibatchStddev`;
    the two are nevertheless used together, as in Progressive GAN (Karras et al. 2018,
    arXiv 1710.10196).

    Args:
        discriminator: Model from patches to logits. One whose `position` is true is
            called with the patches' place too.
        settings: config.Loss.
        policies: Sequence of str. Augmentations, see `diff_augment`. Defaults to `()`.
        every: int. Steps between two uses of this loss. Defaults to `1`.

    References:
        - [Karras et al., 2020](https://arxiv.org/abs/1912.04958), section 3.1, lazy
          regularization.
    """

    def __init__(self, discriminator, settings, policies=(), every=1):
        self.discriminator = discriminator
        self.settings = settings
        self.lazy_weight = lazy_weight(settings.r1_interval, every)
        self.policies = policies
        self.uses_place = getattr(discriminator, "position", False)
        self.with_features = getattr(discriminator, "with_features", lambda x: x)

    @property
    def is_wasserstein(self):
        return self.settings.adversarial == "wgan"

    @property
    def is_relativistic(self):
        return self.settings.adversarial == "relativistic"

    def logits(self, images, pair):
        """Computes logits `(batch, 1)` of patches, augmented as the pair is."""
        images = augmentation.diff_augment(images, pair.augmentation, self.policies)
        arguments = {}
        if self.uses_place:
            arguments["place"] = pair.place
        if pair.labels is not None:
            arguments["labels"] = pair.labels
        return self.discriminator(images, **arguments)

    def both_logits(self, pair):
        """Computes the logits of the real and of the fake patches of a pair."""
        batch = pair.real.shape[0]
        groups = joint_pass.groups_apart(self.discriminator, batch)
        if not groups:
            return [self.logits(patches, pair) for patches in (pair.real, pair.fake)]

        def twice(values):
            if values is None or values.shape[0] < batch:  # One for all samples.
                return values
            return joint_pass.join(values, values, groups)

        joined = pair._replace(
            place=twice(pair.place),
            labels=twice(pair.labels),
            augmentation=twice(pair.augmentation),
        )
        patches = joint_pass.join(pair.real, pair.fake, groups)
        return joint_pass.part(self.logits(patches, joined), groups)

    def generator_loss(self, pair):
        """Computes the generator's adversarial loss on a pair."""
        if self.is_relativistic:
            return self.generator_loss_of(*self.both_logits(pair))
        return self.generator_loss_of(None, self.logits(pair.fake, pair))

    def generator_loss_of(self, real_logits, fake_logits):
        """Computes the generator's adversarial loss from logits.

        Only a relativistic loss needs those of the real patches.
        """
        if self.is_relativistic:
            return losses.relativistic_generator_loss(real_logits, fake_logits)
        if self.is_wasserstein:
            return losses.wasserstein_generator_loss(fake_logits)
        return losses.generator_nonsaturating_loss(fake_logits)

    def discriminator_gradients(self, pair, step):
        """Differentiates the discriminator's adversarial loss and the due penalties.

        Args:
            pair: PatchPair. No gradient flows into its fakes.
            step: int tensor. Steps before this one.

        Returns:
            Terms by name (see `stage_losses.TERMS`), and the gradient of the loss with
            its weighted penalties for each trainable variable.
        """
        pair = pair._replace(fake=tf.stop_gradient(pair.fake))
        variables = self.discriminator.trainable_variables
        with tf.GradientTape() as tape:
            real_logits, fake_logits = self.both_logits(pair)
            loss = self.discriminator_loss(real_logits, fake_logits)
        terms = {
            "d_loss": loss,
            "real_logits": tf.reduce_mean(real_logits),
            "fake_logits": tf.reduce_mean(fake_logits),
        }
        gradients = tape.gradient(loss, variables)
        for name, (term, penalty_gradients) in self._penalties(pair, step):
            terms[name] = term
            gradients = [g + p for g, p in zip(gradients, penalty_gradients)]
        return terms, gradients

    def discriminator_loss(self, real_logits, fake_logits):
        """Computes the discriminator's adversarial loss from its logits."""
        if self.is_relativistic:
            return losses.relativistic_discriminator_loss(real_logits, fake_logits)
        if self.is_wasserstein:
            return losses.wasserstein_discriminator_loss(real_logits, fake_logits)
        return losses.discriminator_logistic_loss(real_logits, fake_logits)

    def _penalties(self, pair, step):
        """Yields the name of each penalty, and its term and weighted gradients."""
        settings = self.settings
        if settings.r1_weight:
            yield "r1", self.lazy_penalty(pair.real, pair, settings.r1_weight, step)
        if settings.r2_weight:
            yield "r2", self.lazy_penalty(pair.fake, pair, settings.r2_weight, step)
        if self.is_wasserstein and settings.gp_weight:
            between = losses.interpolates(pair.real, pair.fake, pair.mixture)
            yield (
                "gp",
                self._penalty(between, pair, losses.slope_penalty, settings.gp_weight),
            )

    def lazy_penalty(self, images, pair, weight, step):
        """Computes the R1 penalty, `weight / 2 * |grad D|^2`, in steps that have it.

        Args:
            images: Tensor `(batch, P, P, channels)`, the real patches (R1) or the fake
                ones (R2) of the pair.
            pair: PatchPair.
            weight: float. The penalty's weight, gamma in the paper.
            step: int tensor. Steps before this one.

        Returns:
            The term, a pair of `|grad D|^2` and 1 where it is due or 0; and the
            gradients of the weighted penalty times `lazy_weight`. Zeros in other steps.
        """
        variables = self.discriminator.trainable_variables
        due = tf.equal(step % self.settings.r1_interval, 0)
        value, gradients = tf.cond(
            due,
            lambda: self._penalty(
                images, pair, losses.r1_penalty, weight * 0.5 * self.lazy_weight
            ),
            lambda: (0.0, [tf.zeros_like(v) for v in variables]),
        )
        return (value, tf.cast(due, tf.float32)), gradients

    def _penalty(self, images, pair, function, weight):
        """Computes a function of the logits' gradient, and its weighted gradients."""
        with tf.GradientTape() as outer:
            with tf.GradientTape() as inner:
                inner.watch(images)
                logits = tf.reduce_sum(self.logits(images, pair))
            penalty = function(inner.gradient(logits, images))
            loss = penalty * weight
        variables = self.discriminator.trainable_variables
        gradients = outer.gradient(loss, variables)
        # The logits' gradient at an image does not depend on the last bias.
        return penalty, [
            tf.zeros_like(v) if g is None else g for g, v in zip(gradients, variables)
        ]
