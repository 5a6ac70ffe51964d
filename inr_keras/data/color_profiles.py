"""Conversion of images with embedded colour profiles to sRGB."""

import functools
import io

import numpy as np
from PIL import Image
from PIL import ImageCms

_SRGB = ImageCms.createProfile("sRGB")
_STEPS = range(0, 256, 17)
# Colours in whose levels two profiles are compared.
_COLOURS = np.stack(np.meshgrid(_STEPS, _STEPS, _STEPS), axis=-1).astype("uint8")
_COLOURS = _COLOURS.reshape(16, -1, 3)


def to_srgb(image):
    """Converts an image from its embedded colour profile to sRGB.

    Grey images of more than 8 bits stay as they are: the meaning of their numbers is
    guessed, see `deep_values.to_8_bits`.

    Returns:
        The image and the name of its profile, `""` where there is none or where it is
        sRGB already. The image stays as it is where its profile cannot be used; the
        name then ends in "(unusable)".
    """
    contents = image.info.get("icc_profile")
    if not contents or image.mode == "F" or image.mode.startswith("I"):
        return image, ""
    name = "damaged"
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(contents))
        name = " ".join(ImageCms.getProfileDescription(profile).split())
        if _is_srgb(contents):
            return image, ""
        alpha = None
        if image.has_transparency_data:
            image = image.convert("RGBA")
            alpha = image.getchannel("A")
        if image.mode not in ("L", "CMYK", "LAB"):
            image = image.convert("RGB")
        converted = ImageCms.profileToProfile(image, profile, _SRGB, outputMode="RGB")
        if alpha:
            converted.putalpha(alpha)
        return converted, name
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image, f"{name} (unusable)"


@functools.lru_cache(maxsize=64)
def _is_srgb(contents):
    """Tells whether a profile's colours are sRGB's, whatever its name says."""
    profile = ImageCms.ImageCmsProfile(io.BytesIO(contents))
    colours = Image.fromarray(_COLOURS)
    try:
        converted = ImageCms.profileToProfile(colours, profile, _SRGB, outputMode="RGB")
    except ImageCms.PyCMSError:  # A profile of grey or of inks.
        return False
    return np.abs(np.asarray(converted).astype(int) - _COLOURS).max() <= 1
