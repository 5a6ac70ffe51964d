import keras
import pytest

from inr_keras import INRGAN
from inr_keras import CIPSGenerator
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
    def _floatx(self):
        yield
        keras.config.set_floatx("float32")

    def test_of_all_other_numbers(self):
        keras.config.set_floatx("float16")
        for dtype in ({}, {"dtype": "float32"}):
            with self.assertRaisesRegex(ValueError, "floatx.. float32.*'float16'"):
                self.networks(**dtype)
