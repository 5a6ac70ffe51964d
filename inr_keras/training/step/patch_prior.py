"""What the stage before says of a patch: patch regularization in training."""

import tensorflow as tf

from inr_keras import coordinates
from inr_keras import losses
from inr_keras.training.patches import frame as frame_lib
from inr_keras.training.patches.draws import layer_styles


class PatchPrior:
    """Compares patches with the frozen generator of the stage before.

    Only the points that the loss compares are rendered, and only for samples
    that look at the present grid.

    Args:
        frozen_generator: Model with `mapping` and `synthesis`.
        frame: views.Frame.
        stage: Stage. The present one.
        earlier: Sequence of Stage. Those before.
        settings: config.Loss.
    """

    def __init__(self, frozen_generator, frame, stage, earlier, settings):
        self.frozen_generator = frozen_generator
        self.frame = frame
        self.stage = stage
        self.earlier = tuple(earlier)
        self.settings = settings

    def __bool__(self):
        return bool(self.stage.patch_weight and self.earlier)

    def loss(self, fake, draws, shares):
        """Patch regularization of rendered patches, without its weight."""
        mask = None
        if draws.extents is not None:
            mask = self.frame.within(draws.offsets, shares, draws.extents)
            mask = frame_lib.select(mask, shares)
        return losses.patch_regularization(
            frame_lib.select(fake, shares),
            self.coarse_patches(draws, shares),
            self.settings.patch,
            self.settings.patch_pool,
            self.settings.patch_margin,
            mask,
        )

    def weight(self, images_seen):
        """Weight after `images_seen` images."""
        weight, decay = self.stage.patch_weight, self.stage.patch_decay
        if not decay:
            return weight
        begin = sum(stage.kimg for stage in self.earlier)
        kimg = tf.cast(images_seen, tf.float32) / 1000.0
        share = tf.clip_by_value((kimg - begin) / self.stage.kimg, 0.0, 1.0)
        return weight * (1.0 - decay * share)

    def coarse_patches(self, draws, shares):
        """The stage before on the crops' regions, at its own density."""
        stride = self.earlier[-1].stride
        offsets, size = coordinates.previous_region(
            frame_lib.select(draws.offsets, shares),
            self.frame.patch_size,
            self.stage.stride,
            stride,
        )
        styles = layer_styles(self.frozen_generator, draws)
        rgb = self.frozen_generator.synthesis(
            frame_lib.select(styles, shares),
            self.frame.coords(offsets, size, stride),
            **self.frame.hint(self.frozen_generator, size, stride),
        )
        rgb = tf.reshape(rgb, (-1, size, size, rgb.shape[-1]))
        return tf.stop_gradient(rgb)
