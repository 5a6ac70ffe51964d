import hashlib
import os
from unittest import mock

import keras
import numpy as np
import tensorflow as tf

from inr_keras.evaluation import extractors
from inr_keras.evaluation import tfgan
from inr_keras.files import checksum
from tests import testing
from tests.rendering.generators import small_generator


class Means(tf.Module):
    """Stands for a network: means of colours, and logits of two classes."""

    def __init__(self, name_of_features):
        super().__init__()
        self.weights = tf.Variable([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
        self.key = name_of_features

    @tf.function(input_signature=[tf.TensorSpec((None, None, None, 3))])
    def __call__(self, images):
        means = tf.reduce_mean(images, axis=(1, 2))
        return {self.key: means, "logits": means @ self.weights}


class ExtractorsTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        rng = np.random.default_rng(0)
        self.images = rng.integers(0, 256, (4, 16, 16, 3)).astype("uint8")
        self.folder = self.temporary_folder()

    def keras_file(self, name, with_logits=False):
        inputs = keras.Input((None, None, 3))
        features = keras.layers.GlobalAveragePooling2D()(inputs)
        outputs = features
        if with_logits:
            logits = keras.layers.Dense(5)(features)
            outputs = {"features": features, "logits": logits}
        path = self.folder / name
        keras.Model(inputs, outputs).save(path)
        return path

    def test_pixels(self):
        extractor = extractors.open_extractor("pixels")
        found = extractor(self.images)["features"]
        self.assertEqual((found.shape, found.dtype), ((4, 192), np.float32))
        mean = self.images[1, 2:4, :2].reshape(4, 3).mean(0) / 255.0
        self.assertAllClose(found[1].reshape(8, 8, 3)[1, 0], mean)
        self.assertEqual(extractor.outputs(16), ("features",))
        self.assertFalse(extractor.is_reference)

    def test_keras_files(self):
        path = self.keras_file("a.keras")
        extractor = extractors.open_extractor(path)
        found = extractor(self.images)
        self.assertEqual(list(found), ["features"])
        means = self.images.mean((1, 2))
        self.assertAllClose(found["features"], means, 1e-4)
        self.assertEqual(extractor.sha256, checksum(path))
        grey = extractor(self.images[..., :1])["features"]
        self.assertAllClose(grey, means[:, :1].repeat(3, axis=1), 1e-4)
        classifier = extractors.open_extractor(self.keras_file("b.keras", True))
        self.assertEqual(classifier(self.images)["logits"].shape, (4, 5))
        self.assertIn("logits", classifier.outputs(16))
        self.assertNotEqual(classifier.sha256, extractor.sha256)

    def test_damaged_files(self):
        path = self.folder / "x.keras"
        path.write_text("not a model")
        with self.assertRaisesRegex(ValueError, "`name` must .*keras'"):
            extractors.open_extractor(path)

    def test_saved_models(self):
        path = self.folder / "means"
        tf.saved_model.save(Means("features"), str(path))
        extractor = extractors.open_extractor(path)
        found = extractor(self.images)
        self.assertAllClose(found["features"], self.images.mean((1, 2)), 1e-4)
        self.assertAllClose(found["logits"], found["features"][:, :2])
        self.assertEqual(len(extractor.sha256), 64)
        tf.saved_model.save(Means("pool_3"), str(self.folder / "other"))
        with self.assertRaisesRegex(ValueError, "output named features"):
            extractors.open_extractor(self.folder / "other")
        with self.assertRaisesRegex(ValueError, "`name` must be a Saved"):
            extractors.open_extractor(self.temporary_folder())

    def test_inception_that_stands_in_the_cache(self):
        handle = tfgan.load().eval.INCEPTION_TFHUB
        # The name of a folder in TF Hub's cache.
        name = hashlib.sha1(handle.encode()).hexdigest()
        tf.saved_model.save(Means("pool_3"), str(self.folder / name))
        with mock.patch.dict(os.environ, TFHUB_CACHE_DIR=str(self.folder)):
            extractor = extractors.open_extractor("inception")
        found = extractor(np.full((2, 8, 8, 3), [0, 255, 51], "uint8"))
        expected = [[-1.0, 1.0, -0.6]] * 2
        # Means over 89401 pixels, in float32.
        self.assertAllClose(found["features"], expected, 1e-3)
        self.assertEqual(found["logits"].shape, (2, 2))
        self.assertTrue(extractor.is_reference)

    def test_what_cannot_be_fetched_is_named(self):
        error = OSError("no such host\nmore")
        with (
            mock.patch("tensorflow_hub.resolve", side_effect=error),
            self.assertRaisesRegex(
                ValueError, "inception needs .*TFHUB_CACHE_DIR .no such host"
            ),
        ):
            extractors.open_extractor("inception")
        with (
            mock.patch("keras.applications.InceptionV3", side_effect=error),
            self.assertRaisesRegex(ValueError, "keras_inception needs .*no such host"),
        ):
            extractors.open_extractor("keras_inception")

    def test_networks_of_something_else(self):
        inputs = keras.Input((8, 8, 3))
        path = self.folder / "fixed.keras"
        flat = keras.layers.Flatten()(inputs)
        keras.Model(inputs, keras.layers.Dense(3)(flat)).save(path)
        fixed = extractors.open_extractor(path)
        self.assertEqual(fixed.outputs(8), ("features",))
        small_generator().save(self.folder / "generator.keras")
        generator = extractors.open_extractor(self.folder / "generator.keras")
        for extractor in (fixed, generator):
            with self.assertRaisesRegex(
                ValueError, f"of 16x16 to features .*={extractor.name}$"
            ) as caught:
                extractor.outputs(16)
            self.assertNotIn("\n", str(caught.exception))

    def test_other_names(self):
        with self.assertRaisesRegex(ValueError, "`name` must be pixels, .*'resnet'"):
            extractors.open_extractor("resnet")
