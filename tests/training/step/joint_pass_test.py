import numpy as np
import tensorflow as tf

from inr_keras.config import Loss
from inr_keras.models import StyleGAN2Discriminator
from inr_keras.training.step import joint_pass
from inr_keras.training.step.adversarial_loss import AdversarialLoss
from inr_keras.training.step.adversarial_loss import PatchPair
from tests import testing


class JointPassTest(testing.TestCase):
    def test_groups_apart(self):
        discriminator = StyleGAN2Discriminator(8, channels=(4, 4), stddev_group=4)
        # Of 6 samples two groups have 3 each, of 12 three have 4.
        for batch, groups in ((8, 2), (4, 1), (2, 0), (6, 0), (5, 0)):
            found = joint_pass.groups_apart(discriminator, batch)
            self.assertEqual(found, groups, batch)

    def test_another_model_may_look_across_samples(self):
        self.assertEqual(joint_pass.groups_apart(object(), 8), 0)

    def test_each_group_is_of_one_kind(self):
        joined = joint_pass.join(tf.range(8), tf.range(8) + 8, 2)
        groups = np.arange(16) % 4
        for group, members in enumerate(([0, 2, 4, 6], [1, 3, 5, 7])):
            for first, kind in ((0, 0), (8, 2)):
                found = joined.numpy()[groups == group + kind]
                self.assertAllEqual(found, first + np.array(members))

    def test_part_undoes_join(self):
        values = tf.random.stateless_normal((2, 6, 5), (1, 2))
        for groups in (1, 2, 3, 6):
            parts = joint_pass.part(joint_pass.join(*values, groups), groups)
            self.assertAllEqual(tf.stack(parts), values)

    def test_logits_and_gradients_are_those_of_two_passes(self):
        real, fake = tf.random.stateless_normal((2, 8, 8, 8, 3), (1, 2))
        place = tf.random.stateless_normal((8, 8, 8, 3), (3, 4))
        uniforms = tf.random.stateless_uniform((8, 7), (5, 6))
        for shared in (False, True):
            discriminator = StyleGAN2Discriminator(
                8, channels=(4, 4), stddev_group=4, position=True, classes=3
            )
            loss = AdversarialLoss(discriminator, Loss(), ("color", "translation"))
            pair = PatchPair(
                real,
                fake,
                place=place[:1] if shared else place,
                labels=tf.constant([0, 1, 2, 0, 1, 2, 0, 1]),
                augmentation=uniforms,
            )
            variables = discriminator.trainable_variables
            with tf.GradientTape() as tape:
                together = loss.both_logits(pair)
                total = tf.reduce_sum(together[0] - 2.0 * together[1])
            gradients = tape.gradient(total, variables)
            with tf.GradientTape() as tape:
                apart = [loss.logits(patches, pair) for patches in (real, fake)]
                total = tf.reduce_sum(apart[0] - 2.0 * apart[1])
            for a, b in zip(together, apart):
                self.assertAllClose(a, b, 1e-5, 1e-5)
            for a, b in zip(gradients, tape.gradient(total, variables)):
                self.assertAllClose(a, b, 1e-4, 1e-5)
