import keras
import numpy as np
import tensorflow as tf

from inr_keras.evaluation import extractors
from inr_keras.evaluation import moments
from inr_keras.metrics import FrechetDistance
from tests import testing


def rows(count, dim=6, seed=0, shift=0.0):
    mixing = np.random.default_rng(7).normal(size=(dim, dim))
    values = np.random.default_rng(seed).normal(size=(count, dim)) @ mixing
    return (values + shift).astype("float32")


class FrechetDistanceTest(testing.TestCase):
    def test_batches_agree_with_all_at_once(self):
        real, fake = rows(50, shift=3.0), rows(40, seed=1, shift=5.0)
        distance = FrechetDistance()
        self.assertTrue(np.isnan(distance.result()))
        distance.update_state(real[:10], fake[:25])
        distance.update_state(real[10:], fake[25:])
        expected = moments.frechet(moments.moments(real), moments.moments(fake))
        self.assertGreater(expected, 10.0)
        self.assertAllClose(distance.result(), expected, rtol=1e-6)
        distance.reset_state()
        self.assertTrue(np.isnan(distance.result()))
        distance.update_state(real, real)
        self.assertAllClose(distance.result(), 0.0, atol=1e-4)

    def test_in_a_graph(self):
        distance = FrechetDistance()

        @tf.function
        def step(real, fake):
            distance.update_state(real, fake)
            return distance.result()

        real, fake = rows(20), rows(20, seed=1)
        expected = moments.frechet(moments.moments(real), moments.moments(fake))
        self.assertAllClose(step(real, fake), expected, rtol=1e-6)

    def test_features_of_images(self):
        generator = np.random.default_rng(0)
        real, fake = generator.integers(0, 256, (2, 40, 16, 16, 3)).astype("float32")
        pixels = extractors.open_extractor("pixels")
        by_name = FrechetDistance("pixels")
        by_name.update_state(real, fake)
        sets = (moments.moments(pixels(images)["features"]) for images in (real, fake))
        self.assertAllClose(by_name.result(), moments.frechet(*sets), rtol=1e-3)

    def test_saved_with_its_features(self):
        network = keras.Sequential(
            [keras.Input((8, 8, 3)), keras.layers.GlobalAveragePooling2D()]
        )
        path = self.temporary_folder() / "network.keras"
        network.save(path)
        for features in (None, "pixels", network, path):
            distance = FrechetDistance(features, name="fd")
            config = keras.saving.serialize_keras_object(distance)
            loaded = keras.saving.deserialize_keras_object(config)
            images = rows(8 * 64, dim=3)
            if features is not None:
                images = images.reshape(8, 8, 8, 3)
            for metric in (distance, loaded):
                metric.update_state(images, images + 1.0)
            self.assertEqual(loaded.name, "fd")
            self.assertAllClose(loaded.result(), distance.result())

    def test_errors(self):
        with self.assertRaisesRegex(ValueError, r"shape \(batch, dim\).*\(4, 2, 2\)"):
            FrechetDistance().update_state(np.zeros((4, 2, 2)), np.zeros((4, 2)))
        with self.assertRaisesRegex(ValueError, "`name` must be .*nothing"):
            FrechetDistance("nothing")
        with self.assertRaisesRegex(ValueError, "`sample_weight` must be None"):
            FrechetDistance().update_state(rows(4), rows(4), np.ones(4))
