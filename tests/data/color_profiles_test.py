import numpy as np
from PIL import Image
from PIL import ImageCms

from inr_keras.data import color_profiles
from tests.data import messy


def test_embedded_profiles_are_honoured():
    image = Image.new("RGB", (16, 16), (255, 0, 0))
    # Its name alone does not make it sRGB.
    for name in ("Swap", "sRGB"):
        image.info["icc_profile"] = messy.swapped_profile(name)
        converted, found = color_profiles.to_srgb(image)
        assert found.startswith(name)
        assert np.abs(np.asarray(converted, int) - (0, 255, 0)).max() <= 2


def test_profiles_keep_alpha():
    image = Image.new("RGBA", (16, 16), (255, 0, 0, 77))
    image.info["icc_profile"] = messy.swapped_profile()
    converted, _ = color_profiles.to_srgb(image)
    assert np.abs(np.asarray(converted, int) - (0, 255, 0, 77)).max() <= 2


def test_images_in_srgb_are_untouched():
    image = messy.smooth_image(0)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    image.info["icc_profile"] = profile.tobytes()
    assert color_profiles.to_srgb(image) == (image, "")


def test_damaged_profiles_are_named_and_let_be():
    image = messy.smooth_image(0)
    image.info["icc_profile"] = b"no profile"
    assert color_profiles.to_srgb(image) == (image, "damaged (unusable)")
