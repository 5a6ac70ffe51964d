"""Values of more than 8 bits, and which of them are black and white."""

import dataclasses
import struct

import numpy as np
from PIL import Image

from inr_keras.data.complaints import UnreadableImageError

_WIDE_TOPS = (2**8 - 1, 2**16 - 1)  # Of integers stored in 32 bits.
_FLOAT_TOPS = (1.0, *_WIDE_TOPS, 2**32 - 1)
_OVERSHOOT = 0.1  # Share of a range by which sharpened floats may exceed it.
_SMALL_SHARE = 1 / 4  # Share of a range, as 14 bits of 16: perhaps too dark.
# Tags of TIFF.
_BITS, _INVERTED, _MAXIMUM, _FORMAT = 258, 262, 281, 339
_LOWEST, _HIGHEST = 340, 341


@dataclasses.dataclass(frozen=True)
class Depth:
    """Statements of a file about its values.

    Args:
        bits: int. Bits of a value, as it is stored.
        is_signed: bool. Integers have a sign.
        is_inverted: bool. The lowest value is white.
        stated: Values of black and white that the file states, or `None`.
        significant: int. Bits of the values that PNG's encoder was given, `0` where it
            does not say.
    """

    bits: int = 8
    is_signed: bool = False
    is_inverted: bool = False
    stated: tuple[float, float] | None = None
    significant: int = 0


def depth(image, file):
    """Reads what a file says about its values.

    Args:
        image: `PIL.Image.Image` that has been opened.
        file: binary file object that it was opened from; its position stays.
    """
    if image.format == "TIFF":
        return _tiff_depth(image.tag_v2)
    if image.format == "PNG":
        position = file.tell()
        try:
            return _png_depth(file)
        finally:
            file.seek(position)
    return Depth(8 if len(image.getbands()) > 1 else _mode_bits(image.mode))


def _mode_bits(mode):
    if mode.startswith("I;16"):
        return 16
    return 32 if mode in ("I", "F") else 8


def _tiff_depth(tags):
    def first(tag, default):
        value = tags.get(tag, default)
        value = value[0] if isinstance(value, tuple) and value else value
        return value if isinstance(value, (int, float)) else float(value)

    bits = int(first(_BITS, 1))
    white = first(_HIGHEST, 0)
    if not white:
        # This tag often holds the largest value of the image itself. It is used only if
        # it is the largest number of a whole number of bits.
        most = int(first(_MAXIMUM, 0))
        if most > 255 and most & (most + 1) == 0:
            white = min(most, 2**bits - 1)
        elif 8 < bits < 16:
            white = 2**bits - 1
    black = first(_LOWEST, 0)
    return Depth(
        bits,
        is_signed=first(_FORMAT, 1) == 2,
        is_inverted=first(_INVERTED, 1) == 0,
        stated=(black, white) if black < white else None,
    )


def _png_depth(file):
    file.seek(24)
    bits = ord(file.read(1))
    file.seek(8)
    while len(head := file.read(8)) == 8:
        size, name = struct.unpack(">I4s", head)
        if name == b"sBIT":
            return Depth(bits, significant=max(file.read(min(size, 4)), default=0))
        if name == b"IDAT":
            break
        file.seek(size + 4, 1)
    return Depth(bits)


def to_8_bits(image, depth=None):
    """Scales a deep grey image to 8 bits.

    The file states the values of black and white. If it does not, integers have the
    range of their type, and floats have the first of the ranges up to 1, 255, 65535 and
    4294967295 that holds them. Integers of 32 bits also take the first such range,
    because they are often smaller numbers in a wide type.

    Args:
        image: `PIL.Image.Image`. One of 8 bits stays as it is.
        depth: Depth. Defaults to that of the image's mode.

    Returns:
        The image and a text: a warning if the image uses a small part of a range that
        its file does not state, and so may be too dark; otherwise `""`.

    Raises:
        UnreadableImageError: Values are not finite or fit no range, such as negative
            values whose file does not state which value is black.
    """
    depth = depth or Depth(_mode_bits(image.mode))
    if image.mode != "F" and not image.mode.startswith("I"):
        return image, _doubt(image, depth)
    pixels = np.asarray(image, "float64")
    if not np.isfinite(pixels).all():
        raise UnreadableImageError("values that are not finite numbers", "values")
    if image.mode == "I" and not depth.is_signed:
        # Pillow shows unsigned 32 bit values as signed ones.
        pixels = np.where(pixels < 0, pixels + 2.0**32, pixels)
    limits, is_stated = _limits(pixels, depth, image.mode == "F")
    low, high = limits
    text = "" if is_stated else _small_share(pixels.max(), high)
    pixels = np.clip(np.rint((pixels - low) * (255 / (high - low))), 0, 255)
    if depth.is_inverted:
        pixels = 255 - pixels
    return Image.fromarray(pixels.astype("uint8")), text


def _limits(pixels, depth, is_float):
    """Black and white, and whether the file says so."""
    least, most = pixels.min(), pixels.max()
    overshoot = _OVERSHOOT if is_float else 0.0

    def is_within(low, high):
        slack = (high - low) * overshoot
        return low - slack <= least and most <= high + slack

    if depth.stated and is_within(*depth.stated):
        return depth.stated, True
    spare = depth.bits - depth.significant
    if depth.significant and is_within(0, 2**depth.significant - 1):
        # PNG scales values to all bits. Values with bits that scaling never sets have
        # not been scaled.
        if (pixels % 2**spare).any():
            return (0, 2**depth.significant - 1), True
    tops = (2.0 ** (depth.bits - depth.is_signed) - 1,)
    if is_float:
        tops = _FLOAT_TOPS
    elif depth.bits > 16:
        tops = (*_WIDE_TOPS, *tops)
    white = next((top for top in tops if most <= top * (1 + overshoot)), 0)
    if not white or not is_within(0, white):
        raise UnreadableImageError(
            f"values from {least:g} to {most:g}, and the file does not say which are "
            "black and white",
            "values",
        )
    return (0, white), depth.significant > 0


def _doubt(image, depth):
    """Text about a colour image of 16 bits a channel; Pillow keeps the upper 8."""
    if depth.bits <= 8 or image.mode == "P":
        return ""
    return _small_share(max(high for _, high in image.convert("RGB").getextrema()), 255)


def _small_share(most, white):
    if most >= white * _SMALL_SHARE:
        return ""
    return f"brightest value {most:g} of {white:g}, which the file does not state"
