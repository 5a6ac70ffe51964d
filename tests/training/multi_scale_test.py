"""The stages of patch training with a multi-scale INR."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from inr_keras import coordinates
from inr_keras.config import Stage
from inr_keras.training.patches.draws import layer_styles
from tests import testing
from tests.training import small


def multi_scale_gan(**changes):
    return small.small_gan(
        generator=dataclasses.replace(small.GENERATORS["inr_gan"]), **changes
    )


def full_images(generator, styles):
    coords = coordinates.grid(32, 32, 1, "center")
    rgb = generator.synthesis(styles, tf.reshape(coords, (1, -1, 2)))
    return testing.to_numpy(rgb).reshape(-1, 32, 32, 3)


class MultiScaleTest(testing.TestCase):
    @pytest.mark.slow
    def test_fakes_are_crops_of_full_images(self):
        gan = multi_scale_gan()
        gan.set_stage(small.STAGES[2], small.STAGES[:2])
        draws = gan.draw(4)
        [own] = gan.stage_losses.patches(small.random_images(), draws)
        full = full_images(gan.generator, layer_styles(gan.generator, draws))
        for fake, full, (row, column) in zip(own.rendered, full, own.offsets.numpy()):
            self.assertAllClose(fake, full[row : row + 8, column : column + 8])

    def check(self, gan, framed_loss, patches, draws):
        """Compares fakes with what `synthesis` returns at their coordinates."""
        styles = layer_styles(gan.generator, draws)
        coords = framed_loss.frame.coords(patches.offsets)
        plain = gan.generator.synthesis(styles, coords)
        fakes = testing.to_numpy(patches.rendered)
        self.assertAllClose(fakes.reshape(4, 64, 3), plain)

    @pytest.mark.slow
    def test_random_grids_and_dense_patches(self):
        gan = multi_scale_gan()
        gan.set_stage(Stage(1, random_stride=True, dense_weight=1.0))
        strides = set()
        for step in range(3):  # Strides of 1, 2 and 4 with this seed.
            gan.step.assign(step)
            draws = gan.draw(4)
            patches = gan.stage_losses.patches(small.random_images(), draws)
            strides.add(int(patches[0].offsets[0, 2]))
            losses = gan.stage_losses.framed_losses
            for framed_loss, framed_patches in zip(losses, patches, strict=True):
                self.check(gan, framed_loss, framed_patches, draws)
        self.assertEqual(strides, {1, 2, 4})

    @pytest.mark.slow
    def test_replayed_grids(self):
        gan = multi_scale_gan(**small.REPLAY)
        gan.set_stage(small.STAGES[2], small.STAGES[:2])
        draws = gan.draw(4)
        [own] = gan.stage_losses.patches(small.random_images(), draws)
        self.check(gan, gan.stage_losses.framed_losses[0], own, draws)

    def test_patch_prior_reads_the_stage_before(self):
        gan = multi_scale_gan()
        gan.set_stage(small.STAGES[1], small.STAGES[:1], freeze=True)
        draws = gan.draw(4)
        offsets = gan.frame.offsets(draws)
        coarse = gan.stage_losses.patch_prior.coarse_patches(offsets, draws)
        coords = gan.frame.points(offsets // 2, 4, 4)
        plain = gan.frozen_generator.synthesis(
            layer_styles(gan.frozen_generator, draws), coords
        )
        self.assertAllClose(np.reshape(coarse, (4, 16, 3)), plain)

    @pytest.mark.slow
    def test_trains_through_the_stages(self):
        gan = multi_scale_gan(style_mixing=0.5)
        images = tf.constant(small.random_images())
        for i, stage in list(enumerate(small.STAGES))[::2]:
            gan.set_stage(stage, small.STAGES[:i], freeze=True)
            before = small.values(gan.generator.trainable_variables)
            step = gan.train_step
            if i:  # The last stage as a graph, whose shapes are known beforehand.
                step = tf.function(step, autograph=False)
            logs = step(images)
            for name, value in logs.items():
                self.assertFinite(value, name)
            after = small.values(gan.generator.trainable_variables)
            changed = [np.any(a != b) for a, b in zip(before, after)]
            self.assertTrue(all(changed), i)
