"""Patch regularization by the frozen generator of the stage before."""

import tensorflow as tf

from inr_keras import losses
from inr_keras.training.patches.draws import layer_styles


class PatchPrior:
    """Distance of patches from the frozen generator's patches of the same regions.

    The frozen generator renders the same latents at the density of the stage before,
    only at points that the loss compares and for samples on the stage's own grid.

    Args:
        frozen_generator: Model with `mapping` and `synthesis`.
        frame: Frame of the stage. The second last of its strides is that of the stage
            before.
        settings: config.Loss.

    References:
        - [Lee et al., 2022](https://arxiv.org/abs/2207.01395), section 3.2, equation 4.
    """

    def __init__(self, frozen_generator, frame, settings):
        self.frozen_generator = frozen_generator
        self.frame = frame
        self.settings = settings

    def loss(self, fake, offsets, draws):
        """Computes the patch regularization of rendered patches, without its weight.

        Args:
            fake: Tensor `(batch, P, P, channels)`.
            offsets: Tensor from `Frame.offsets`.
            draws: Draws.

        Returns:
            Scalar tensor.
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
        """Renders the regions of crops at the density of the stage before."""
        frame, generator = self.frame, self.frozen_generator
        coords, size = frame.previous_coords(frame.on_own_grid(offsets))
        rgb = generator.synthesis(
            frame.on_own_grid(layer_styles(generator, draws)),
            coords,
            **frame.grid_hint(generator, size, frame.strides[-2]),
        )
        return tf.stop_gradient(frame.as_patches(rgb, size))


def decayed_weight(stage, earlier, images_seen):
    """Computes the weight of patch regularization, which may fall within a stage.

    Args:
        stage: Stage. Its `patch_weight` falls linearly; `patch_decay` is the share that
            is gone at the end of the stage.
        earlier: Sequence of Stage. The stages before.
        images_seen: int tensor. Real images seen since the beginning of the run.

    Returns:
        float, or a scalar tensor where the weight falls.
    """
    if not stage.patch_decay:
        return stage.patch_weight
    begin = sum(stage.kimg for stage in earlier)
    kimg = tf.cast(images_seen, tf.float32) / 1000.0
    share = tf.clip_by_value((kimg - begin) / stage.kimg, 0.0, 1.0)
    return stage.patch_weight * (1.0 - stage.patch_decay * share)
