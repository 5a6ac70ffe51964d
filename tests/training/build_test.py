import numpy as np
import tensorflow as tf

from inr_keras.training import build
from tests import testing
from tests.training import small


class BuildTest(testing.TestCase):
    def test_build_gan_follows_the_config(self):
        config = small.small_config(dtype="mixed_bfloat16", augment=("color",))
        config.optimizer.learning_rate = 0.01
        config.optimizer.discriminator_learning_rate = 0.03
        gan = build.build_gan(config)
        for optimizer, rate in (
            (gan.generator_optimizer, 0.01),
            (gan.discriminator_optimizer, 0.03 * 2 / 3),  # R1 every 2 steps.
        ):
            self.assertAllClose(float(optimizer.learning_rate), rate)
        self.assertEqual(gan.generator.resolution, 32)
        self.assertEqual(gan.generator.alignment, "center")
        self.assertEqual(gan.discriminator.image_size, 8)
        self.assertEqual(gan.augment_policies, ("color",))
        self.assertEqual(gan.loss_settings.r1_interval, 2)
        rgb = gan.ema_generator(np.zeros((1, 8)), np.zeros((1, 3, 2)))
        self.assertEqual(str(rgb.dtype), "<dtype: 'float32'>")

    def test_correction_of_the_generators_adam(self):
        config = small.small_config()
        before = build.build_gan(config)
        config.optimizer.generator_interval = 4
        gan = build.build_gan(config)
        rate = float(before.generator_optimizer.learning_rate)
        self.assertAllClose(float(gan.generator_optimizer.learning_rate), rate * 4 / 5)
        self.assertAllClose(gan.generator_optimizer.beta_2, 0.99**0.8)
        self.assertEqual(before.generator_optimizer.beta_2, 0.99)
        for one in (before, gan):  # R1 every 2 steps.
            self.assertAllClose(one.discriminator_optimizer.beta_2, 0.99 ** (2 / 3))

    def test_a_gan_at_a_stage(self):
        config = small.small_config()
        gan = build.gan_at_stage(config)
        self.assertEqual(gan.stage, small.STAGES[2])
        self.assertEqual(gan.earlier_stages, small.STAGES[:2])
        averaged = small.values(gan.ema_generator.weights)
        frozen = small.values(gan.frozen_generator.weights)
        for a, b in zip(averaged, frozen, strict=True):
            np.testing.assert_array_equal(a, b)
        gan = build.gan_at_stage(config, 0)
        self.assertEqual((gan.stage, gan.earlier_stages), (small.STAGES[0], ()))

    def test_threads_cannot_be_set_late(self):
        tf.zeros(1) + 1  # TensorFlow has begun to work.
        config = small.small_config(intra_op_threads=7)
        with self.assertLogs(level="WARNING") as logs:
            build.limit_threads(config)
        self.assertIn("config.intra_op_threads", logs.output[0])
