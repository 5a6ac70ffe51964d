"""Image formats by ending and header, and which of them Pillow can read."""

import functools

from PIL import features

from inr_keras import extras
from inr_keras.data.complaints import UnreadableImageError

SUFFIXES = frozenset(
    (".png", ".apng", ".webp", ".gif", ".bmp", ".tif", ".tiff")
    + (".jpg", ".jpeg", ".jpe", ".jfif", ".pjpeg", ".pjp")
    + (".avif", ".heic", ".heif")
)
# Brands of ISO 14496-12 files, from byte 8 on, behind the box name "ftyp".
_AVIF = (b"avif", b"avis")
_HEIF = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")


def has_suffix(path):
    """Tells whether a `pathlib` path ends like an image file."""
    return path.suffix.lower() in SUFFIXES


@functools.cache
def use_heif():
    """Lets Pillow read HEIF; returns `False` if `pillow-heif` is not installed."""
    try:
        import pillow_heif
    except ImportError:
        return False
    pillow_heif.register_heif_opener()
    return True


def unidentified(file):
    """Error that says why Pillow does not recognize a binary file object."""
    file.seek(0)
    head = file.read(12)
    brand = head[8:] if head[4:8] == b"ftyp" else b""
    if brand in _AVIF:
        known, command = features.check("avif"), "pip install 'pillow>=11.3'"
    elif brand in _HEIF:
        known, command = use_heif(), extras.install("heif")
    else:
        return UnreadableImageError("not an image", "not_a_picture")
    if known:
        return UnreadableImageError("a damaged header")
    reason = f"no program to read it: {command}"
    return UnreadableImageError(reason, "unsupported")
