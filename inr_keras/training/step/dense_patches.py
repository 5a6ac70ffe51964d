"""The loss on dense patches, besides that on the stage's own grid."""

import tensorflow as tf

from inr_keras.training.patches import augmentation
from inr_keras.training.patches import frame as frame_lib
from inr_keras.training.patches.draws import layer_styles


class DensePatches:
    """A second look at each sample: a random crop of the full grid.

    A coarse grid shows a critic whole images and no detail. Here each latent
    of the step is rendered a second time, on a random patch of stride 1, and
    judged beside a patch of the same image at the same place; so a coarse
    stage learns detail early, for as many points again. The fakes are drawn
    once for each of both updates.

    Args:
        generator: Model with `mapping` and `synthesis`.
        critic: Critic. Of dense patches: that of the stage, or one more.
        frame: views.Frame.
        weight: float. 0: off; what `look` returns then has no dense patches.
        policies: Sequence of str. See `augment`.
        is_same: bool. Whether the critic is that of the stage's patches too.
    """

    def __init__(self, generator, critic, frame, weight, policies=(), is_same=True):
        self.generator = generator
        self.critic = critic
        self.frame = frame
        self.weight = weight
        self.policies = policies
        self.is_same = is_same

    def __bool__(self):
        return self.weight > 0

    def look(self, images, draws):
        """The draws, with the real patches of full uint8 images there."""
        if not self:
            return draws
        offsets, shares = self._crops(draws)
        real = self.frame.real_patches(images, offsets, shares, draws.extents)
        return draws._replace(dense_real=real)

    def join(self, found, draws, due):
        """Adds the critic's losses of dense patches to those of the stage's.

        Args:
            found: Logs and gradients of the stage's critic.
            draws: Draws.
            due: bool tensor. Whether this step has the lazy penalties.

        Returns:
            Logs and gradients, those of a second critic after the others.
        """
        if not self:
            return found
        logs, gradients = found
        _, place = self._where(draws)
        mine, dense = self.critic.given(draws.labels).gradients(
            self._real(draws),
            tf.stop_gradient(self._fake(draws)),
            place,
            due,
            draws.mixture,
        )
        logs["dense_d_loss"] = mine["d_loss"]
        if not self.is_same:  # Adam would undo its weight.
            return logs, [*gradients, *dense]
        return logs, [g + self.weight * d for g, d in zip(gradients, dense)]

    def generator_loss(self, draws):
        """The generator's adversarial loss, without the weight."""
        _, place = self._where(draws)
        return self.critic.given(draws.labels).generator_loss(
            self._real(draws), self._fake(draws), place
        )

    def _crops(self, draws):
        rows = tuple(range(draws.dense.shape[0]))
        shares = [frame_lib.View(1, 1, rows)]
        offsets = self.frame.offsets(draws.dense, shares, extents=draws.extents)
        return offsets, shares

    def _where(self, draws):
        """Points of the patches, and what a critic is told of their place."""
        offsets, shares = self._crops(draws)
        coords = self.frame.patch_coords(offsets, shares)
        if not self.critic.told_place:
            return coords, None
        return coords, self.frame.place(coords, offsets, shares)

    def _real(self, draws):
        return self._augment(draws.dense_real, draws)

    def _fake(self, draws):
        offsets, shares = self._crops(draws)
        styles = layer_styles(self.generator, draws)
        rgb = self.frame.fake_patches(
            self.generator,
            styles,
            offsets,
            shares,
            draws.noise,
            draws.extents,
        )
        return self._augment(self.critic.seen(rgb), draws)

    def _augment(self, images, draws):
        return augmentation.diff_augment(images, draws.augmentation, self.policies)
