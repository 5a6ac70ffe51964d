import dataclasses

import keras
import tensorflow as tf

from inr_keras.training.patches import batches
from tests import testing
from tests.training import small


class UnpackTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.images = tf.constant(small.random_images())
        self.labels = tf.range(4)
        self.wait = tf.constant(0.25)

    def assertUnpacked(self, data, has_labels, labels, wait):
        batch = batches.unpack(data, has_labels)
        for value, expected in zip(batch, (self.images, labels, wait)):
            self.assertIs(value, expected)

    def test_all_forms(self):
        images, labels, wait = self.images, self.labels, self.wait
        self.assertUnpacked(images, False, None, None)
        self.assertUnpacked((images,), False, None, None)
        self.assertUnpacked((images, wait), False, None, wait)
        self.assertUnpacked((images, labels), True, labels, None)
        self.assertUnpacked(((images, labels), wait), True, labels, wait)

    def test_extents(self):
        images, labels, wait = self.images, self.labels, self.wait
        extents = tf.fill((4, 2), 32)
        for data, has_labels, expected in (
            ((images, extents), False, (None, None)),
            (((images, extents), wait), False, (None, wait)),
            ((images, labels, extents), True, (labels, None)),
            (((images, labels, extents), wait), True, (labels, wait)),
        ):
            batch = batches.unpack(data, has_labels, has_extents=True)
            self.assertIs(batch.images, images)
            self.assertIs(batch.extents, extents)
            self.assertIs(batch.labels, expected[0])
            self.assertIs(batch.wait_seconds, expected[1])
        with self.assertRaisesRegex(ValueError, "labels and extents, for"):
            batches.unpack((images, labels), True, has_extents=True)

    def test_errors(self):
        with self.assertRaisesRegex(ValueError, "pairs of images and labels"):
            batches.unpack(self.images, True)
        unknown = keras.Input((32, 32, 3))
        with self.assertRaisesRegex(ValueError, "batches of one known size"):
            batches.unpack(unknown, False)


class DataTest(testing.TestCase):
    def test_random_data_are_as_specified(self):
        config = small.small_config()
        for labels, aspect in (
            (False, "crop"),
            (True, "crop"),
            (False, "keep"),
            (True, "keep"),
        ):
            config.data = dataclasses.replace(config.data, labels=labels, aspect=aspect)
            spec = tf.nest.flatten(batches.spec(config))
            data = tf.nest.flatten(batches.random_item(config))
            self.assertEqual(len(data), 1 + labels + (aspect == "keep"))
            for expected, value in zip(spec, data, strict=True):
                self.assertEqual(value.shape, expected.shape)
                self.assertEqual(value.dtype, expected.dtype)
            self.assertEqual(data[0].shape, (4, 32, 32, 3))
