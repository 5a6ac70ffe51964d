import os
import pathlib
from unittest import mock

import keras
import numpy as np
import pytest

from inr_keras import extras
from inr_keras.evaluation import efficientnet_lite0
from inr_keras.evaluation import extractors
from inr_keras.quiet_imports import UnfitEnvironment
from tests import testing

FIXTURE = pathlib.Path(__file__).parents[1] / "fixtures" / "efficientnet_lite0.npy"


def pictures():
    """Two pictures of 48x64: gradients, and a disc on a chequered ground."""
    y, x = np.mgrid[:48, :64]
    waves = np.stack([x * 4, y * 5, (x * y) % 256], -1)
    squares = (x // 8 + y // 8) % 2 * 255
    disc = ((x - 32) ** 2 + (y - 24) ** 2 < 300) * 200
    objects = np.stack([squares, (x - 32) ** 2 // 5, disc], -1)
    return np.stack([waves, objects]).astype("uint8")


@pytest.mark.slow
class EfficientNetLite0Test(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.cache = self.temporary_folder()
        self.enterContext(mock.patch.dict(os.environ, INR_KERAS_CACHE=str(self.cache)))

    def without_package(self):
        return mock.patch("importlib.util.find_spec", return_value=None)

    def test_features_from_the_package_and_from_the_cache(self):
        try:
            efficientnet_lite0.check_weights()
        except ValueError as error:
            self.skipTest(str(error))
        expected = np.load(FIXTURE)
        for source in ("package", "cache"):
            with self.subTest(source=source):
                extractor = extractors.open_extractor("efficientnet_lite0")
                found = extractor(pictures())["features"]
                error = np.linalg.norm(found - expected, axis=1)
                self.assertLess(max(error / np.linalg.norm(expected, axis=1)), 1e-4)
                self.enterContext(self.without_package())
        self.assertEqual(extractor.sha256, efficientnet_lite0.SHA256)

    def test_the_trunk_is_the_networks(self):
        whole = efficientnet_lite0.build()
        rng = np.random.default_rng(0)
        for layer in whole.layers:
            if isinstance(layer, keras.layers.BatchNormalization):
                shape = layer.gamma.shape
                layer.set_weights([rng.uniform(0.5, 1.5, shape) for _ in range(4)])
        with mock.patch.object(efficientnet_lite0, "load", return_value=whole):
            trunk = efficientnet_lite0.build_trunk((2, 16))
        # The last maps of these strides: what the next blocks begin with.
        names = ("blocks.1.expand_conv", "blocks.11.expand_conv")
        taps = [whole.get_layer(name).input for name in names]
        expected = keras.Model(whole.inputs, taps)
        levels = rng.uniform(0, 255, (1, 224, 224, 3))
        found = trunk(levels / 127.5 - 1.0, training=False)
        for a, b in zip(found, expected([levels], training=False), strict=True):
            self.assertGreater(np.std(b), 0.1)
            self.assertAllClose(a, b, atol=1e-3, rtol=1e-3)

    def test_settings_of_the_environment_change_nothing(self):
        self.addCleanup(keras.config.set_dtype_policy, "float32")
        self.addCleanup(keras.config.set_image_data_format, "channels_last")
        keras.config.set_dtype_policy("mixed_bfloat16")
        keras.config.set_image_data_format("channels_first")
        network = efficientnet_lite0.build()
        self.assertEqual(network.output.shape, (None, 1280))
        for layer in network.layers[1:]:
            self.assertEqual(layer.compute_dtype, "float32", layer.name)

    def test_without_weights(self):
        message = f"efficientnet_lite0 needs .*install {efficientnet_lite0.PACKAGE}"
        unfit = UnfitEnvironment("no TF-GAN")
        with self.without_package():
            with self.assertRaisesRegex(ValueError, message):
                extractors.check("efficientnet_lite0")
            # A damaged cache is no weights.
            path = self.cache / "extractors" / "efficientnet_lite0.weights.h5"
            path.parent.mkdir()
            path.write_text("damaged")
            with (
                mock.patch.object(extras, "load", side_effect=unfit),
                self.assertLogs("absl", "INFO") as logs,
                self.assertRaisesRegex(ValueError, message),
            ):
                extractors.open_extractor(None)
        self.assertIn("efficientnet_lite0 instead: no TF-GAN", logs.output[0])

    def test_the_default_where_inception_cannot_be_fetched(self):
        model = efficientnet_lite0.build()
        with (
            mock.patch("tensorflow_hub.resolve", side_effect=OSError("no such host")),
            mock.patch.object(efficientnet_lite0, "load", return_value=model),
        ):
            extractor = extractors.open_extractor(None)
        self.assertEqual(extractor.name, "efficientnet_lite0")
        self.assertFalse(extractor.is_reference)
        self.assertEqual(extractor(pictures()[:1])["features"].shape, (1, 1280))
