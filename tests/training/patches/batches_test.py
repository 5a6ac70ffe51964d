import dataclasses

import keras
import numpy as np
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

    def test_places_that_keras_leaves_empty(self):
        images, labels = self.images, self.labels
        self.assertUnpacked((images, None, None), False, None, None)
        self.assertUnpacked((images, labels, None), True, labels, None)

    def test_labels_are_classes(self):
        labels = np.arange(4)
        self.assertAllClose(batches.checked_labels(labels, 4), labels)
        check = tf.function(batches.checked_labels)
        for wrong in (labels + 1, labels - 1):
            for each in (check, batches.checked_labels):
                with self.assertRaisesRegex(
                    tf.errors.InvalidArgumentError, "from 0 to 3"
                ):
                    each(tf.constant(wrong), 4)

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
        for labelled in (
            (self.images, self.labels),
            (self.images, self.wait, self.wait),
        ):
            with self.assertRaisesRegex(
                ValueError, "images alone, for the model has no"
            ):
                batches.unpack(labelled, False)
        for labels in (tf.zeros((4, 2)), tf.zeros((4,)), tf.zeros((4, 1), tf.int32)):
            with self.assertRaisesRegex(ValueError, "Labels must be whole numbers"):
                batches.unpack((self.images, labels), True)
        unknown = keras.Input((32, 32, 3))
        with self.assertRaisesRegex(ValueError, "batches of one known size"):
            batches.unpack(unknown, False)


class AsLevelsTest(testing.TestCase):
    def test_levels_of_every_kind(self):
        images = tf.constant(small.random_images())
        self.assertIs(batches.as_levels(images, (32, 32, 3)), images)
        floats = tf.cast(images, "float32") + 0.3
        floats = tf.minimum(floats, 255.0)
        self.assertAllEqual(batches.as_levels(floats, (32, 32, 3)), images)
        black = tf.zeros((2, 8, 8, 3))
        self.assertAllEqual(
            batches.as_levels(black, (8, 8, 3)), tf.cast(black, "uint8")
        )
        sounds = tf.zeros((2, 64, 1), tf.int16)
        self.assertIs(batches.as_levels(sounds, (64, 1)), sounds)

    def test_other_shapes_and_types(self):
        images = tf.zeros((2, 16, 16, 3), tf.uint8)
        for wrong, shape, rule in (
            (images, (8, 8, 3), r"\(batch, 8, 8, 3\), as `inr.*: \(2, 16, 16, 3\)"),
            (images, (16, 16, 1), r"\(batch, 16, 16, 1\)"),
            (images[0], (16, 16, 3), r"\(batch, 16, 16, 3\)"),
            (tf.cast(images, tf.int32), (16, 16, 3), "uint8, or floats.*int32"),
            (tf.zeros((2, 64, 1)), (64, 1), "int16. Received: float32"),
        ):
            with self.assertRaisesRegex(ValueError, rule):
                batches.as_levels(wrong, shape)

    def test_floats_of_other_ranges(self):
        levels = tf.random.uniform((2, 8, 8, 3), 0.0, 255.0)
        unit = levels / 255.0
        for wrong in (unit, 2.0 * unit - 1.0, levels + 9.0, levels * np.nan):
            for function in (batches.as_levels, tf.function(batches.as_levels)):
                with self.assertRaisesRegex(
                    tf.errors.InvalidArgumentError, "(?s)levels in .0, 255.*Lowest"
                ):
                    function(wrong, (8, 8, 3))


class OfOneSizeTest(testing.TestCase):
    def test_arrays_are_shuffled_and_the_rest_is_left_out(self):
        images = np.arange(10, dtype="uint8")[:, None, None, None]
        found = batches.of_one_size(images, np.arange(10), 4)
        self.assertEqual(found.element_spec[0].shape, (4, 1, 1, 1))
        orders = [
            np.concatenate([labels for _, labels in found.as_numpy_iterator()])
            for _ in range(2)
        ]
        self.assertEqual([len(set(order)) for order in orders], [8, 8])
        self.assertGreater(np.abs(orders[0] - orders[1]).max(), 0)
        for pictures, labels in found.as_numpy_iterator():
            self.assertAllEqual(pictures[:, 0, 0, 0], labels)
        kept = batches.of_one_size(images, batch_size=4, shuffle=False)
        self.assertAllEqual(next(iter(kept))[:, 0, 0, 0], [0, 1, 2, 3])
        with self.assertRaisesRegex(ValueError, r"a batch \(32\), or more.*: 10"):
            batches.of_one_size(images)

    def test_floats_of_other_ranges(self):
        for images in (np.full((4, 2, 2, 3), 0.5), np.full((4, 2, 2, 3), -1.0)):
            rule = r"levels in \[0, 255\], as `inr_keras.picture_batches.*Received"
            with self.assertRaisesRegex(ValueError, rule):
                batches.of_one_size(images, batch_size=2)

    def test_data_sets(self):
        images = tf.zeros((10, 2, 2, 3), tf.uint8)
        whole = tf.data.Dataset.from_tensor_slices(images).batch(4, drop_remainder=True)
        self.assertIs(batches.of_one_size(whole), whole)
        rest = tf.data.Dataset.from_tensor_slices((images, tf.range(10))).batch(4)
        found = batches.of_one_size(rest)
        self.assertEqual(found.element_spec[1].shape, (4,))
        self.assertEqual(len(list(found)), 2)
        self.assertIs(batches.of_one_size("other"), "other")
        with self.assertRaisesRegex(ValueError, "dataset must have images"):
            batches.of_one_size(rest.take(0))
        for data, labels in ((list(images), None), (rest, np.arange(10))):
            with self.assertRaisesRegex(ValueError, "`x` must be one array of images"):
                batches.of_one_size(data, labels)


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
