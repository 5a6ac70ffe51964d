import keras
import numpy as np
import pytest

from inr_keras import INRGAN
from inr_keras import CIPSGenerator
from inr_keras import CoordinateEmbedding
from inr_keras import FourierFeatures
from inr_keras import LatticeFeatures
from inr_keras import StyleGAN2Discriminator
from inr_keras.models import INR
from tests import testing

SIZES = {"width": 8, "blocks": 2, "resolution": 16, "embedding_size": 4}


class PrecisionTest(testing.TestCase):
    def networks(self, **dtype):
        generator = CIPSGenerator(**SIZES, **dtype)
        return generator, StyleGAN2Discriminator(8, channels=(4, 4), **dtype)

    def test_of_networks(self):
        for dtype in ("bfloat16", "float16", "float64"):
            for make in (
                lambda **k: CIPSGenerator(**SIZES, **k),
                lambda **k: StyleGAN2Discriminator(8, channels=(4, 4), **k),
                lambda **k: INR(2, 3, **k),
            ):
                rule = f"`dtype` must be one of float32.*Received: dtype='{dtype}'"
                with self.assertRaisesRegex(ValueError, rule):
                    make(dtype=dtype)

    def test_of_training(self):
        for dtype in ("float32", "mixed_bfloat16"):
            INRGAN(*self.networks(dtype=dtype), 16, 8)
        rule = "must be one of float32, mixed_bfloat16, and.*'mixed_float16'"
        with self.assertRaisesRegex(ValueError, rule):
            INRGAN(*self.networks(dtype="mixed_float16"), 16, 8)

    @pytest.fixture(autouse=True)
    def _globals(self):
        yield
        keras.config.set_floatx("float32")
        keras.config.set_dtype_policy("float32")
        keras.config.set_image_data_format("channels_last")

    def test_of_layers_of_coordinates(self):
        for dtype in ("bfloat16", "float64"):
            for make in (
                lambda **k: CoordinateEmbedding((4, 4), 3, **k),
                lambda **k: FourierFeatures(3, **k),
                lambda **k: LatticeFeatures(8, constants=2, **k),
            ):
                with self.assertRaisesRegex(ValueError, f"`dtype` must.*'{dtype}'"):
                    make(dtype=dtype)

    def test_channels_first_and_policies_of_the_environment(self):
        images = np.random.default_rng(0).normal(size=(2, 8, 8, 3)).astype("float32")
        keras.config.set_image_data_format("channels_first")
        for policy, tolerance in (("float32", 1e-5), ("mixed_float16", 2e-2)):
            keras.config.set_dtype_policy(policy)
            own = StyleGAN2Discriminator(8, channels=(4, 4))
            keras.config.set_dtype_policy("float32")
            keras.config.set_image_data_format("channels_last")
            plain = StyleGAN2Discriminator(8, channels=(4, 4))
            plain.set_weights(own.get_weights())
            keras.config.set_image_data_format("channels_first")
            self.assertAllClose(own(images), plain(images), tolerance, tolerance)
        keras.config.set_dtype_policy("float64")
        with self.assertRaisesRegex(ValueError, "`dtype` must be one.*'float64'"):
            StyleGAN2Discriminator(8, channels=(4, 4))

    def test_of_all_other_numbers(self):
        keras.config.set_floatx("float16")
        for dtype in ({}, {"dtype": "float32"}):
            with self.assertRaisesRegex(ValueError, "floatx.. float32.*'float16'"):
                self.networks(**dtype)
