import dataclasses

import tensorflow as tf

from inr_keras.config import Loss
from inr_keras.config import Stage
from inr_keras.training.patches import frame as frame_lib
from inr_keras.training.step.patch_prior import PatchPrior
from tests import testing
from tests.training import small


class PatchPriorTest(testing.TestCase):
    def prior(self, decay=0.0, **settings):
        gan = small.small_gan()
        stage = Stage(1, kimg=2.0, patch_weight=3.0, patch_decay=decay)
        earlier = (Stage(4, kimg=1.0), Stage(2, kimg=1.0))
        return gan, PatchPrior(
            gan.frozen_generator, gan.frame, stage, earlier, Loss(**settings)
        )

    def test_weight_falls_over_the_stage(self):
        _, constant = self.prior()
        self.assertEqual(constant.weight(3000), 3.0)
        _, falling = self.prior(decay=0.5)
        for seen, expected in (
            (2000, 3.0),
            (3000, 2.25),
            (4000, 1.5),
            (9000, 1.5),
        ):
            self.assertAllClose(falling.weight(seen), expected)

    def test_off_where_there_is_no_weight_or_no_stage_before(self):
        _, prior = self.prior()
        self.assertTrue(prior)
        prior.stage = dataclasses.replace(prior.stage, patch_weight=0.0)
        self.assertFalse(prior)
        _, prior = self.prior()
        prior.earlier = ()
        self.assertFalse(prior)

    def test_replayed_samples_are_not_compared(self):
        gan, prior = self.prior()
        gan.set_stage(prior.stage, prior.earlier)
        shares = frame_lib.plan([4, 2, 1], 4, replay_every=2)
        gan.replay_every = 2
        draws = gan.draw(4)
        fake = gan.fake_patches(draws)
        loss = prior.loss(fake, draws, shares)
        # Rows 1 and 3 look at earlier grids.
        noise = tf.constant([0.0, 1.0, 0.0, 1.0])[:, None, None, None]
        self.assertAllClose(prior.loss(fake + noise, draws, shares), loss)
        moved = prior.loss(fake + 1.0 - noise, draws, shares)
        self.assertGreater(abs(float(moved - loss)), 0.1)
