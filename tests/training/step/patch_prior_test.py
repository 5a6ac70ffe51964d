import numpy as np
import tensorflow as tf

from inr_keras.config import Stage
from inr_keras.training.patches.draws import layer_styles
from inr_keras.training.step.patch_prior import decayed_weight
from tests import testing
from tests.training import small

STAGES = (Stage(4, kimg=1.0), Stage(2, kimg=1.0), Stage(1, kimg=2.0, patch_weight=3.0))


class WeightTest(testing.TestCase):
    def weight(self, decay, seen):
        stage = Stage(1, kimg=2.0, patch_weight=3.0, patch_decay=decay)
        return decayed_weight(stage, STAGES[:2], seen)

    def test_weight_falls_over_the_stage(self):
        self.assertEqual(self.weight(0.0, 3000), 3.0)
        for seen, expected in ((2000, 3.0), (3000, 2.25), (4000, 1.5), (9000, 1.5)):
            self.assertAllClose(self.weight(0.5, seen), expected)


class PatchPriorTest(testing.TestCase):
    def test_the_frozen_generator_draws_the_same_region(self):
        gan = small.small_gan()
        gan.set_stage(Stage(1, 1.0, 1.0), [Stage(2)], freeze=True)
        draws = gan.draw(4)
        offsets = gan.frame.offsets(draws)
        patch = gan.stage_losses.patch_prior.coarse_patches(offsets, draws)
        self.assertEqual(patch.shape, (4, 4, 4, 3))
        # The frozen whole at the coarse density, cropped.
        styles = layer_styles(gan.frozen_generator, draws)
        coords = gan.frame.points(tf.zeros((1, 2), tf.int32), 16, 2)
        whole = gan.frozen_generator.synthesis(styles, coords)
        whole = np.reshape(whole, (4, 16, 16, 3))
        for i, (row, column) in enumerate(np.array(offsets) // 2):
            crop = whole[i, row : row + 4, column : column + 4]
            self.assertAllClose(patch[i], crop, atol=1e-5)

    def test_grids_that_span_the_frame_are_compared_by_index(self):
        gan = small.small_gan(alignment="span")
        gan.set_stage(Stage(1, 1.0, 1.0), [Stage(2)], freeze=True)
        draws = gan.draw(4)
        offsets = gan.frame.offsets(draws)
        patch = gan.stage_losses.patch_prior.coarse_patches(offsets, draws)
        # The image of stage 1, at linspace(-1, 1, 16) as in MS-patch's public code.
        axis = np.linspace(-1, 1, 16, dtype="float32")
        coords = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(1, 256, 2)
        styles = layer_styles(gan.frozen_generator, draws)
        whole = gan.frozen_generator.synthesis(styles, coords)
        whole = np.reshape(whole, (4, 16, 16, 3))
        for i, (row, column) in enumerate(np.array(offsets) // 2):
            crop = whole[i, row : row + 4, column : column + 4]
            self.assertAllClose(patch[i], crop, atol=1e-5)

    def test_replayed_samples_are_not_compared(self):
        gan = small.small_gan(**small.REPLAY)
        gan.set_stage(STAGES[2], STAGES[:2])
        draws = gan.draw(4)
        [own] = gan.stage_losses.patches(small.random_images(), draws)
        prior = gan.stage_losses.patch_prior
        loss = prior.loss(own.rendered, own.offsets, draws)
        # Rows 1 and 3 look at earlier grids.
        noise = tf.constant([0.0, 1.0, 0.0, 1.0])[:, None, None, None]
        same = prior.loss(own.rendered + noise, own.offsets, draws)
        self.assertAllClose(same, loss)
        moved = prior.loss(own.rendered + 1.0 - noise, own.offsets, draws)
        self.assertGreater(abs(float(moved - loss)), 0.1)
