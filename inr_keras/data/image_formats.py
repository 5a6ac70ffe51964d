"""Image formats by ending and header, and which of them Pillow can read."""

import functools
import os

from PIL import features

SUFFIXES = frozenset(
    (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff")
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
    """Lets Pillow read HEIF; `False` where `pillow-heif` is not installed."""
    try:
        import pillow_heif
    except ImportError:
        return False
    pillow_heif.register_heif_opener()
    return True


def why_unidentified(file):
    """Describes why Pillow does not recognize a file.

    Args:
        file: path or binary file object.

    Returns:
        str.
    """
    if isinstance(file, (str, os.PathLike)):
        with open(file, "rb") as opened:
            head = opened.read(12)
    else:
        file.seek(0)
        head = file.read(12)
    brand = head[8:] if head[4:8] == b"ftyp" else b""
    if brand in _AVIF:
        known, package = features.check("avif"), "'pillow>=11.3'"
    elif brand in _HEIF:
        known, package = use_heif(), "pillow-heif"
    else:
        return "not an image"
    if known:
        return "a damaged header"
    return f"no program to read it: pip install {package}"
