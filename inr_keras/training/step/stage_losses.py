"""Losses of a stage: its patches, its loss terms and their weights."""

import typing

import tensorflow as tf

from inr_keras import losses
from inr_keras.training.patches.draws import layer_styles
from inr_keras.training.patches.frame import Frame
from inr_keras.training.step.adversarial_loss import AdversarialLoss
from inr_keras.training.step.adversarial_loss import PatchPair
from inr_keras.training.step.adversarial_loss import clip_to_range
from inr_keras.training.step.patch_prior import PatchPrior
from inr_keras.training.step.patch_prior import decayed_weight

# All values that a step may log: names and meanings.
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
    "diversity": "how much less fakes differ from each other than real patches",
    "match": "distance of fakes from the real patches that they are matched with",
    "g_grad": "norm of the generator's gradient",
    "data_wait": "seconds that the step waited for data",
}


class FramedLoss(typing.NamedTuple):
    """Frame in which patches lie, and the adversarial loss on them."""

    frame: Frame  # Where the patches lie.
    adversarial: AdversarialLoss  # With the discriminator that judges them.


class Patches(typing.NamedTuple):
    """Patches of a step in one frame."""

    offsets: tf.Tensor  # Their crops, see `Frame.offsets`.
    rendered: tf.Tensor  # Fakes before clipping.
    colors: tuple  # Reals and clipped fakes.
    pair: PatchPair  # The same with their contexts and features, for a discriminator.


class StageLosses:
    """Losses of both networks in one stage.

    A coarse grid shows a discriminator whole images and no detail. Where the stage's
    `dense_weight` is set, each latent of the step is therefore rendered a second time,
    on a random patch of full density, and compared with the real patch at the same
    place (from the slides' list of ideas). So a coarse stage learns detail early, for
    twice the number of points.

    Args:
        generator: Model with `mapping` and `synthesis`.
        frozen_generator: Model like `generator`, from the end of the stage before, for
            patch regularization.
        discriminator: Model from patches to logits.
        frame: Frame of the stage.
        stage: Stage. Its weights of patch regularization and of dense patches.
        earlier: Sequence of Stage. The stages before.
        settings: config.Loss.
        policies: Sequence of str. See `augmentation`. Defaults to `()`.
        dense_discriminator: Model like `discriminator`, which judges dense patches.
            Defaults to `None`: `discriminator` does.
        sees_context: bool. Append to each patch, as further channels, a patch of the
            previous stage's grid, which shows the same region and its surroundings:
            for real patches from the reduced image, for fakes from the frozen
            generator, without a gradient. In the first stage, the context is zeros.
            (From the slides' list of ideas, "provide global context"; MS-patch's public
            code has a variant that sees the enlarged coarse image of the stage
            before.) Defaults to `False`.

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
        sees_context=False,
    ):
        self.generator = generator
        self.frozen_generator = frozen_generator
        self.sees_context = sees_context
        self.settings = settings
        self.dense_weight = stage.dense_weight
        self.shares_discriminator = dense_discriminator is None
        own_loss = AdversarialLoss(discriminator, settings, policies)
        self.framed_losses = [FramedLoss(frame, own_loss)]
        # Terms of the generator's loss by name: functions from images seen to the
        # term's weight, and from patches and draws to the term.
        self.generator_terms = {"g_loss": (lambda seen: 1.0, self._adversarial_term)}
        if stage.patch_weight and earlier:
            self.patch_prior = PatchPrior(frozen_generator, frame, settings)
            self.generator_terms["patch"] = (
                lambda seen: decayed_weight(stage, earlier, seen),
                self._patch_term,
            )
        self.matched_features = None
        if settings.match_weight and settings.match_features:
            self.matched_features = getattr(discriminator, "features", None)
            if self.matched_features is None:
                raise ValueError(
                    "`loss.match_features` must be False where the discriminator has "
                    "no `features`. Received: True"
                )
        if settings.match_weight:
            self.generator_terms["match"] = (
                lambda seen: settings.match_weight,
                self._match_term,
            )
        if settings.diversity_weight:
            self.generator_terms["diversity"] = (
                lambda seen: settings.diversity_weight,
                self._diversity_term,
            )
        if stage.dense_weight:
            dense_loss = AdversarialLoss(
                dense_discriminator or discriminator,
                settings,
                policies,
                settings.dense_interval,
            )
            self.framed_losses.append(FramedLoss(frame.at_full_density(), dense_loss))
            self.generator_terms["dense_g_loss"] = (
                lambda seen: stage.dense_weight,
                self._dense_term,
            )

    def patches(self, images, draws, styles=None):
        """Cuts real patches and renders fake ones on the same regions.

        Args:
            images: uint8 tensor `(batch, R, R, channels)`. Full images, or smaller
                ones, see `Frame.real_patches`.
            draws: Draws.
            styles: Tensor `(batch, layers, style_dim)`. Defaults to `None`: those of
                the latents in `draws`.

        Returns:
            List of `Patches`: those on the stage's grid, and the dense ones if any.
        """
        if styles is None:
            styles = layer_styles(self.generator, draws)
        crops = draws.crops, draws.dense_crops
        return [
            self._patches(framed_loss, images, draws._replace(crops=uniforms), styles)
            for framed_loss, uniforms in zip(self.framed_losses, crops)
        ]

    def _patches(self, framed_loss, images, draws, styles):
        frame = framed_loss.frame
        offsets = frame.offsets(draws)
        real = frame.real_patches(images, offsets, draws.extents)
        rendered = frame.fake_patches(
            self.generator, styles, offsets, draws.noise, draws.extents
        )
        fake = clip_to_range(rendered) if self.settings.clip_fakes else rendered
        colors = real, fake
        if self.sees_context:
            contexts = self._contexts(frame, images, offsets, draws)
            real, fake = (tf.concat(p, -1) for p in zip((real, fake), contexts))
        judged = framed_loss.adversarial.with_features
        real, fake = judged(real), judged(fake)
        place = None
        if framed_loss.adversarial.uses_place:
            place = frame.place(offsets)
        pair = PatchPair(
            real, fake, place, draws.labels, draws.mixture, draws.augmentation
        )
        return Patches(offsets, rendered, colors, pair)

    def _contexts(self, frame, images, offsets, draws):
        """Returns the contexts of real and of fake patches."""
        if len(frame.strides) == 1:
            size, channels = frame.patch_size, images.shape[-1]
            zeros = tf.zeros((images.shape[0], size, size, channels))
            return zeros, zeros
        coarse, around = frame.surroundings(offsets)
        styles = layer_styles(self.frozen_generator, draws)
        fake = coarse.fake_patches(self.frozen_generator, styles, around)
        return coarse.real_patches(images, around), tf.stop_gradient(fake)

    def discriminator_gradients(self, patches, step):
        """Differentiates the discriminators' losses and due penalties.

        Args:
            patches: List from `patches`.
            step: int tensor. Steps before this one, for lazy penalties.

        Returns:
            Terms by name, and for each discriminator a list of gradients.
        """
        (terms, gradients), *dense = [
            framed_loss.adversarial.discriminator_gradients(framed_patches.pair, step)
            for framed_loss, framed_patches in zip(self.framed_losses, patches)
        ]
        if not dense:
            return terms, [gradients]
        [(dense_terms, dense_gradients)] = dense
        terms["dense_d_loss"] = dense_terms["d_loss"]
        if not self.shares_discriminator:  # No weight: Adam would undo it.
            return terms, [gradients, dense_gradients]
        pairs = zip(gradients, dense_gradients)
        return terms, [[g + self.dense_weight * d for g, d in pairs]]

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
        return self.framed_losses[0].adversarial.generator_loss(patches[0].pair)

    def _patch_term(self, patches, draws):
        return self.patch_prior.loss(patches[0].rendered, patches[0].offsets, draws)

    def _match_term(self, patches, draws):
        if draws.matched is None:  # There are no `Matches`.
            return 0.0
        real, fake = patches[0].colors
        distances = _distances(real, fake)
        if self.matched_features is not None:
            pair, count = patches[0].pair, self.matched_features.channels
            maps = _distances(pair.real[..., -count:], pair.fake[..., -count:])
            distances += maps / self.matched_features.gain
        return tf.reduce_mean(distances * draws.matched)

    def _diversity_term(self, patches, draws):
        return losses.diversity_loss(*patches[0].colors, draws.labels)

    def _dense_term(self, patches, draws):
        return self.framed_losses[1].adversarial.generator_loss(patches[1].pair)


def _distances(real, fake):
    """Computes the mean absolute difference of each pair of patches: `(batch,)`."""
    differences = tf.abs(fake - real)
    return tf.reduce_mean(differences, axis=tuple(range(1, differences.ndim)))
