from unittest import mock

import pytest
import tensorflow as tf

from inr_keras.training import checkpoints
from inr_keras.training import strategies
from inr_keras.training.step import log_means
from tests import testing
from tests.training import small


class MeanTest(testing.TestCase):
    def trackers(self):
        return {name: log_means.Mean(name=name) for name in ("d_loss", "g_loss")}

    @pytest.mark.slow
    def test_means_are_in_a_checkpoint(self):
        gan = small.small_gan()
        for _ in range(3):
            gan.train_step(small.random_images())
        folder = self.temporary_folder()
        checkpoints.save(gan, folder, keep=1)
        other = small.small_gan()
        checkpoints.restore(other, folder)
        for mean, copy in zip(gan.metrics, other.metrics, strict=True):
            self.assertEqual(float(copy.result()), float(mean.result()))
            self.assertEqual(float(copy.count), float(mean.count))
        self.assertEqual(float(gan.trackers["d_loss"].count), 3.0)

    @pytest.mark.slow
    def test_a_checkpoint_without_them_is_read(self):
        gan = small.small_gan()
        gan.train_step(small.random_images())
        folder = self.temporary_folder()
        gan.trackers, trackers = {}, gan.trackers
        checkpoints.save(gan, folder, keep=1)
        gan.trackers = trackers
        other = small.small_gan()
        self.assertIsNotNone(checkpoints.restore(other, folder))
        self.assertEqual(other.count("step"), 1)
        self.assertEqual(float(other.trackers["d_loss"].count), 0.0)

    def test_a_value_counts_where_it_is_due(self):
        trackers = self.trackers()
        for value, due in ((0.0, 0.0), (-1.0, 1.0), (3.0, 1.0)):
            shown = log_means.update(trackers, {"g_loss": (value, tf.constant(due))})
        self.assertEqual(float(shown["g_loss"]), 1.0)
        self.assertEqual(float(trackers["g_loss"].count), 2.0)

    def test_values_of_several_workers_travel_as_one(self):
        trackers = self.trackers()
        values = {"d_loss": tf.constant(1.5), "g_loss": tf.constant(-2.0)}
        several = mock.patch.object(strategies, "is_multi_worker", return_value=True)
        with several:
            packed = log_means.update(trackers, values)
        ((name, value),) = packed.items()
        self.assertEqual(value.shape, (1, 2))
        # Keras takes the mean over the first axis.
        function = log_means.unpacking(lambda _: {name: tf.reduce_mean(value, 0)})
        unpacked = {key: float(v) for key, v in function(None).items()}
        self.assertEqual(unpacked, {"d_loss": 1.5, "g_loss": -2.0})
        plain = log_means.update(self.trackers(), values)
        self.assertEqual(list(plain), list(values))
        self.assertIs(log_means.unpacking(lambda _: plain)(None), plain)
