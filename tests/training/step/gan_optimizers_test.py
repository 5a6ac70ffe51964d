import keras
import numpy as np
import pytest

from inr_keras.training.step import gan_optimizers
from tests import testing
from tests.training import small


class TakeTest(testing.TestCase):
    def test_names_configs_and_objects(self):
        adam = keras.optimizers.Adam(0.25)
        config = keras.optimizers.serialize(keras.optimizers.SGD(0.5))
        generator, discriminator, dense = gan_optimizers.take(adam, config, "rmsprop")
        self.assertIs(generator, adam)
        self.assertEqual(float(discriminator.learning_rate), 0.5)
        self.assertIsInstance(dense, keras.optimizers.RMSprop)
        self.assertIsNone(gan_optimizers.take("adam", "adam")[2])

    def test_errors(self):
        adam = keras.optimizers.Adam()
        rule = "`discriminator_optimizer` must be another object than `generator_optim"
        with self.assertRaisesRegex(ValueError, rule):
            gan_optimizers.take(adam, adam)
        with self.assertRaisesRegex(ValueError, "`dense_optimizer` must be another"):
            gan_optimizers.take(adam, "adam", adam)
        with self.assertRaisesRegex(ValueError, "`generator_optimizer` must be an"):
            gan_optimizers.take(None, adam)


class JointOptimizerTest(testing.TestCase):
    def test_the_ratio_of_the_rates_is_kept(self):
        optimizers = [keras.optimizers.Adam(0.5), keras.optimizers.Adam(0.25)]
        joint = gan_optimizers.JointOptimizer(optimizers)
        for rate in (1.0, 0.0, 0.125):
            joint.learning_rate = rate
            rates = [float(o.learning_rate) for o in optimizers]
            self.assertEqual(rates, [rate, rate / 2.0])
            self.assertEqual(float(joint.learning_rate), rate)

    def test_a_rate_of_zero_leaves_those_of_the_others(self):
        optimizers = [keras.optimizers.Adam(0.0), keras.optimizers.Adam(0.25)]
        joint = gan_optimizers.JointOptimizer(optimizers)
        joint.learning_rate = 0.5
        self.assertEqual([float(o.learning_rate) for o in optimizers], [0.5, 0.25])

    @pytest.mark.slow
    def test_callbacks_set_both_rates(self):
        self.run_eagerly()
        gan = small.small_gan()
        gan.compile("adam", keras.optimizers.Adam(0.002))
        images = small.random_images()
        history = gan.fit(
            images,
            batch_size=4,
            epochs=2,
            verbose=0,
            validation_data=images,
            callbacks=[
                keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2),
            ],
        )
        self.assertAllClose(history.history["learning_rate"], [5e-4, 2.5e-4])
        plateau = keras.callbacks.ReduceLROnPlateau(
            "val_d_loss", mode="min", factor=0.5, patience=1, min_delta=1e9
        )
        gan.fit(
            images,
            batch_size=4,
            epochs=2,
            verbose=0,
            validation_data=images,
            callbacks=[plateau],
        )
        rates = [float(optimizer.learning_rate) for optimizer in gan.optimizers()]
        np.testing.assert_allclose(rates, [1.25e-4, 2.5e-4], rtol=1e-5)
