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
    def test_fakes_are_crops_of_full_images(self):
        gan = multi_scale_gan()
        gan.set_stage(small.STAGES[2], small.STAGES[:2])
        draws = gan.draw(4)
        fakes = testing.to_numpy(gan.fake_patches(draws))
        full = full_images(gan.generator, layer_styles(gan.generator, draws))
        for i, (row, column) in enumerate(draws.offsets.numpy()):
            crop = full[i, row : row + 8, column : column + 8]
            self.assertAllClose(fakes[i], crop)

    def test_random_grids_and_dense_patches(self):
        gan = multi_scale_gan()
        gan.set_stage(Stage(1, random_stride=True, dense_weight=1.0))
        found = set()
        for step in range(3):  # Strides of 1, 2 and 4 with this seed.
            gan.step.assign(step)
            draws = gan.draw(4)
            found.add(int(draws.offsets[0, 2]))
            styles = layer_styles(gan.generator, draws)
            fakes = testing.to_numpy(gan.fake_patches(draws))
            plain = gan.generator.synthesis(styles, gan._coords(draws))
            self.assertAllClose(fakes.reshape(4, 64, 3), plain)
        self.assertEqual(found, {1, 2, 4})
        coords, _ = gan.dense._where(draws)
        plain = gan.generator.synthesis(styles, coords)
        dense = testing.to_numpy(gan.dense._fake(draws))
        self.assertAllClose(dense.reshape(4, 64, 3), plain)

    def test_replayed_grids(self):
        gan = multi_scale_gan(replay_every=2)
        gan.set_stage(small.STAGES[2], small.STAGES[:2])
        draws = gan.draw(4)
        fakes = testing.to_numpy(gan.fake_patches(draws))
        plain = gan.generator.synthesis(
            layer_styles(gan.generator, draws), gan._coords(draws)
        )
        self.assertAllClose(fakes.reshape(4, 64, 3), plain)

    def test_patch_prior_reads_the_stage_before(self):
        gan = multi_scale_gan()
        gan.set_stage(small.STAGES[1], small.STAGES[:1], freeze=True)
        draws = gan.draw(4)
        shares = gan._views(4)
        coarse = gan.patch_prior.coarse_patches(draws, shares)
        coords = gan.frame.coords(draws.offsets // 2, 4, 4)
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
            step = tf.function(gan.train_step, autograph=False)
            logs = step(images)
            for name, value in logs.items():
                self.assertFinite(value, name)
            after = small.values(gan.generator.trainable_variables)
            changed = [np.any(a != b) for a, b in zip(before, after)]
            self.assertTrue(all(changed), i)
