"""All that a stage trains on: its patches, its loss terms and their weights."""

import typing

import tensorflow as tf

from inr_keras.training.patches import augmentation
from inr_keras.training.patches.draws import layer_styles
from inr_keras.training.patches.frame import Frame
from inr_keras.training.step.adversarial_loss import AdversarialLoss
from inr_keras.training.step.adversarial_loss import PatchPair
from inr_keras.training.step.adversarial_loss import clip_to_range
from inr_keras.training.step.patch_prior import PatchPrior
from inr_keras.training.step.patch_prior import decayed_weight

# What a step may log, by name. Those of the two losses below are all here.
TERMS = {
    "d_loss": "the discriminator's adversarial loss",
    "real_logits": "mean logit of real patches",
    "fake_logits": "mean logit of fake patches",
    "r1": "gradient penalty on real patches",
    "r2": "gradient penalty on fake patches",
    "gp": "gradient penalty of WGAN-GP on interpolates",
    "dense_d_loss": "the discriminator's loss on dense patches",
    "d_grad": "norm of the discriminator's gradient",
    "g_loss": "the generator's adversarial loss",
    "patch": "patch regularization",
    "dense_g_loss": "the generator's loss on dense patches",
    "g_grad": "norm of the generator's gradient",
    "data_wait": "seconds that the step waited for data",
}


class Density(typing.NamedTuple):
    """Patches of one density, and the discriminator that judges them."""

    frame: Frame  # Where the patches lie.
    adversarial: AdversarialLoss


class Patches(typing.NamedTuple):
    """The patches of a step at one density."""

    offsets: tf.Tensor  # Their crops, see `Frame.offsets`.
    rendered: tf.Tensor  # Fakes as the generator gives them.
    pair: PatchPair  # Reals and fakes as the discriminator sees them.


class StageLosses:
    """The losses of both networks in one stage.

    Besides the patches of the stage's own grid there are dense ones where the stage's
    `dense_weight` is set: a coarse grid shows a discriminator whole images and no
    detail, so that each latent of the step is rendered a second time on a random patch
    of full density, beside the real patch at the same place (the slides' list of
    ideas). A coarse stage so learns detail early, for as many points again.

    Args:
        generator: Model with `mapping` and `synthesis`.
        frozen_generator: That of the stage before, for patch regularization.
        discriminator: Model from patches to logits.
        frame: Frame of the stage.
        stage: Stage. The weights of its patch regularization and dense patches.
        earlier: Sequence of Stage. Those before.
        settings: config.Loss.
        policies: Sequence of str. See `augmentation`. Defaults to `()`.
        dense_discriminator: Model as `discriminator`, which judges the dense patches.
            Defaults to `None`: `discriminator` does.

    References:
        - [Lee et al., 2022](https://arxiv.org/abs/2207.01395), section 3.
    """

    def __init__(
        self,
        generator,
        frozen_generator,
        discriminator,
        frame,
        stage,
        earlier,
        settings,
        policies=(),
        dense_discriminator=None,
    ):
        self.generator = generator
        self.settings = settings
        self.policies = policies
        self.dense_weight = stage.dense_weight
        self.shares_discriminator = dense_discriminator is None
        self.densities = [Density(frame, AdversarialLoss(discriminator, settings))]
        # The terms of the generator's loss by name: functions that give the weight
        # after so many images, and the term of patches.
        self.generator_terms = {"g_loss": (lambda seen: 1.0, self._adversarial_term)}
        if stage.patch_weight and earlier:
            self.patch_prior = PatchPrior(frozen_generator, frame, settings)
            self.generator_terms["patch"] = (
                lambda seen: decayed_weight(stage, earlier, seen),
                self._patch_term,
            )
        if stage.dense_weight:
            judge = AdversarialLoss(dense_discriminator or discriminator, settings)
            self.densities.append(Density(frame.at_full_density(), judge))
            self.generator_terms["dense_g_loss"] = (
                lambda seen: stage.dense_weight,
                self._dense_term,
            )

    def patches(self, images, draws, styles=None):
        """Cuts real patches and renders fake ones on the same regions.

        Args:
            images: uint8 tensor `(batch, R, R, channels)`. Full images.
            draws: Draws.
            styles: Tensor `(batch, layers, style_dim)`. Defaults to those of the draws'
                latents.

        Returns:
            List of `Patches`: the stage's own, and the dense ones where there are some.
        """
        if styles is None:
            styles = layer_styles(self.generator, draws)
        crops = draws.crops, draws.dense_crops
        return [
            self._patches(density, images, draws._replace(crops=where), styles)
            for density, where in zip(self.densities, crops)
        ]

    def _patches(self, density, images, draws, styles):
        frame = density.frame
        offsets = frame.offsets(draws)
        real = frame.real_patches(images, offsets, draws.extents)
        rendered = frame.fake_patches(
            self.generator, styles, offsets, draws.noise, draws.extents
        )
        fake = clip_to_range(rendered) if self.settings.clip_fakes else rendered
        # The same changes for a real patch and for the fake beside it.
        real, fake = (
            augmentation.diff_augment(patches, draws.augmentation, self.policies)
            for patches in (real, fake)
        )
        place = None
        if density.adversarial.uses_place:
            place = frame.place(offsets)
        pair = PatchPair(real, fake, place, draws.labels, draws.mixture)
        return Patches(offsets, rendered, pair)

    def discriminator_gradients(self, patches, step):
        """Differentiates the discriminators' losses on real and fake patches.

        Args:
            patches: List from `patches`.
            step: int tensor. Steps before this one, for lazy penalties.

        Returns:
            Terms by name, and gradients: a list for each discriminator.
        """
        (terms, own), *dense = [
            density.adversarial.discriminator_gradients(at.pair, step)
            for density, at in zip(self.densities, patches)
        ]
        if not dense:
            return terms, [own]
        [(dense_terms, more)] = dense
        terms["dense_d_loss"] = dense_terms["d_loss"]
        if not self.shares_discriminator:  # Adam would undo its weight.
            return terms, [own, more]
        return terms, [[g + self.dense_weight * m for g, m in zip(own, more)]]

    def generator_loss(self, patches, draws, images_seen):
        """Adds up the weighted terms of the generator's loss.

        Args:
            patches: List from `patches`.
            draws: Draws.
            images_seen: int tensor, for weights that change.

        Returns:
            Terms by name, and their weighted sum.
        """
        terms, loss = {}, 0.0
        for name, (weight, term) in self.generator_terms.items():
            terms[name] = term(patches, draws)
            loss = loss + weight(images_seen) * terms[name]
        return terms, loss

    def generator_gradients(self, images, draws, images_seen):
        """Renders patches and differentiates the generator's loss on them.

        Args:
            images, draws: See `patches`.
            images_seen: int tensor, for weights that change.

        Returns:
            Terms by name, and a gradient for each trainable variable.
        """
        with tf.GradientTape() as tape:
            patches = self.patches(images, draws)
            terms, loss = self.generator_loss(patches, draws, images_seen)
        return terms, tape.gradient(loss, self.generator.trainable_variables)

    def _adversarial_term(self, patches, draws):
        return self.densities[0].adversarial.generator_loss(patches[0].pair)

    def _patch_term(self, patches, draws):
        return self.patch_prior.loss(patches[0].rendered, patches[0].offsets, draws)

    def _dense_term(self, patches, draws):
        return self.densities[1].adversarial.generator_loss(patches[1].pair)
