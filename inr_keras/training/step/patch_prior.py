"""Patch regularization: what the generator of the stage before says of a patch."""

import tensorflow as tf

from inr_keras import coordinates
from inr_keras import losses
from inr_keras.training.patches.draws import layer_styles


class PatchPrior:
    """Holds patches to what the frozen generator of the stage before renders there.

    Only the points that the loss compares are rendered, and only for samples that look
    at the stage's own grid.

    Args:
        frozen_generator: Model with `mapping` and `synthesis`.
        frame: Frame of the stage, whose last stride but one is that before.
        settings: config.Loss.

    References:
        - [Lee et al., 2022](https://arxiv.org/abs/2207.01395), section 3.2, equation 4.
    """

    def __init__(self, frozen_generator, frame, settings):
        self.frozen_generator = frozen_generator
        self.frame = frame
        self.settings = settings

    def loss(self, fake, offsets, draws):
        """Patch regularization of rendered patches, without its weight.

        Args:
            fake: Tensor `(batch, P, P, channels)`.
            offsets: Tensor from `Frame.offsets`.
            draws: Draws.
        """
        frame, mask = self.frame, None
        if draws.extents is not None:
            mask = frame.on_own_grid(frame.inside(offsets, draws.extents))
        return losses.patch_regularization(
            frame.on_own_grid(fake),
            self.coarse_patches(offsets, draws),
            self.settings.patch,
            self.settings.patch_pool,
            self.settings.patch_margin,
            mask,
        )

    def coarse_patches(self, offsets, draws):
        """Renders the crops' regions at the density of the stage before."""
        frame, generator = self.frame, self.frozen_generator
        stride = frame.strides[-2]
        offsets, size = coordinates.previous_region(
            frame.on_own_grid(offsets), frame.patch_size, frame.stride, stride
        )
        rgb = generator.synthesis(
            frame.on_own_grid(layer_styles(generator, draws)),
            frame.points(offsets, size, stride),
            **frame.grid_hint(generator, size, stride),
        )
        rgb = tf.reshape(rgb, (-1, size, size, rgb.shape[-1]))
        return tf.stop_gradient(rgb)


def decayed_weight(stage, earlier, images_seen):
    """Weight of the patch regularization, which falls linearly within a stage.

    Args:
        stage: Stage. Its `patch_weight`, and `patch_decay`: the share of it that is
            gone at the stage's end.
        earlier: Sequence of Stage. Those before.
        images_seen: int tensor. Since the beginning of the run.
    """
    if not stage.patch_decay:
        return stage.patch_weight
    begin = sum(stage.kimg for stage in earlier)
    kimg = tf.cast(images_seen, tf.float32) / 1000.0
    share = tf.clip_by_value((kimg - begin) / stage.kimg, 0.0, 1.0)
    return stage.patch_weight * (1.0 - stage.patch_decay * share)
