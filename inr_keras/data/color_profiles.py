"""The colours that an image's embedded profile means, in sRGB."""

import io

from PIL import ImageCms

_SRGB = ImageCms.createProfile("sRGB")


def to_srgb(image):
    """An image with the colours that its embedded profile means.

    Those of grey images of more than 8 bits are let be: what their numbers
    mean is guessed, see `image_folder.to_8_bits`.

    Returns:
        The image and the name of the profile, `""` where there is none or
        where it is sRGB already. A profile that cannot be used is let be: its
        name then ends in "(unusable)".
    """
    contents = image.info.get("icc_profile")
    if not contents or image.mode == "F" or image.mode.startswith("I"):
        return image, ""
    name = "damaged"
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(contents))
        name = " ".join(ImageCms.getProfileDescription(profile).split())
        if "srgb" in name.lower():
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
