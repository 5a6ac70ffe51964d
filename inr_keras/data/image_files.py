"""Reading of image files, converted to upright sRGB images of 8 bits a channel."""

import contextlib
import dataclasses
import os
import stat
import warnings

from PIL import Image
from PIL import ImageOps
from PIL import PngImagePlugin

from inr_keras.data import color_profiles
from inr_keras.data import deep_values
from inr_keras.data import image_formats
from inr_keras.data.complaints import UnreadableImageError

MIN_SIDE = 8  # Pixels; smaller images are of no use for training.
MAX_PIXELS = 500_000_000
_MODES = {1: "L", 3: "RGB", 4: "RGBA"}
_BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)
_ORIENTATION = 0x0112
_TURNED = range(2, 9)  # Values of that tag that ask for a turn.
_METADATA = {"exif", "icc_profile", "xmp"}  # May name places and persons.

# Pillow's own limits protect web sites from hostile images; a photograph may be larger.
# Limits and filters of warnings are global, because threads share them.
if Image.MAX_IMAGE_PIXELS is not None:
    Image.MAX_IMAGE_PIXELS = max(Image.MAX_IMAGE_PIXELS, MAX_PIXELS)
PngImagePlugin.MAX_TEXT_CHUNK = max(PngImagePlugin.MAX_TEXT_CHUNK, 2**26)
PngImagePlugin.MAX_TEXT_MEMORY = max(PngImagePlugin.MAX_TEXT_MEMORY, 2**28)
warnings.filterwarnings("ignore", module=r"PIL\.")


@dataclasses.dataclass(frozen=True)
class Picture:
    """Image of a file as people see it, and what is remarkable about the file.

    Args:
        image: `PIL.Image.Image`, upright, in sRGB, with 8 bits per channel; it may be
            transparent.
        mode: str. Pillow's mode of the file.
        format: str. Its format.
        complaints: tuple of pairs of a kind of `complaints.NOTED` and a text.
        is_plain: bool. The file holds these pixels alone: no metadata, no opacity and
            no second image.
    """

    image: Image.Image
    mode: str
    format: str
    complaints: tuple
    is_plain: bool

    def in_channels(self, channels):
        """Image of 1, 3 or 4 channels, on white where that leaves no opacity."""
        return in_mode(self.image, _MODES[channels])


def read_picture(file, min_side=MIN_SIDE, note=None) -> Picture:
    """Reads an image file, or the first image of an animation.

    It is turned as its EXIF tag says, converted to sRGB where it has a colour profile,
    and scaled to 8 bits.

    Args:
        file: path or binary file object.
        min_side: int. Images with a shorter side, in pixels, are refused.
        note: Function of the kind and the text of each complaint about the file.
            Defaults to `None`.

    Raises:
        UnreadableImageError: The file cannot be decoded, is too small, or larger than
            `MAX_PIXELS` or another limit that Pillow has been given.
    """

    def convert(image, opened):
        check_side(image, min_side)
        depth = deep_values.depth(image, opened)
        mode, complaints = image.mode, []
        if mode not in ("RGB", "L"):
            complaints.append(("mode", mode))
        is_animated = _is_animated(image)
        if is_animated:
            complaints.append(("animated", "several images; the first counts"))
        image.load()  # A truncated file fails here, not in the readers of its tags.
        is_plain = not (
            is_animated
            or depth.bits > 8
            or image.has_transparency_data
            or _METADATA & set(image.info)
            or getattr(image, "text", None)
        )
        upright, turn = _upright(image)
        if turn:
            complaints.append(("rotated", f"EXIF orientation {turn}"))
        pixels, profile = color_profiles.to_srgb(upright)
        if profile:
            complaints.append(("profile", profile))
        pixels, doubt = deep_values.to_8_bits(pixels, depth)
        if doubt:
            complaints.append(("value_range", doubt))
        return Picture(pixels, mode, image.format, tuple(complaints), is_plain)

    picture = _read(file, convert)
    for complaint in picture.complaints if note else ():
        note(*complaint)
    return picture


def read_image(file, convert):
    """Opens an image file and returns `convert(image)`.

    Args:
        file: path or binary file object.
        convert: Function of the opened `PIL.Image.Image`.

    Raises:
        UnreadableImageError: See `read_picture`.
    """

    def checked(image, _):
        check_side(image, MIN_SIDE)
        return convert(image)

    return _read(file, checked)


def _read(file, convert):
    image_formats.use_heif()
    try:
        with open_regular(file) as opened:
            if not opened.seek(0, os.SEEK_END):
                raise UnreadableImageError("empty file", "empty")
            opened.seek(0)
            try:
                with Image.open(opened) as image:
                    _check_size(image)
                    return convert(image, opened)
            except Image.UnidentifiedImageError as error:
                raise image_formats.unidentified(opened) from error
    except UnreadableImageError:
        raise
    except _BOMBS as error:
        raise UnreadableImageError(f"too large{_limit()}", "too_large") from error
    except Exception as error:  # Pillow's plugins raise almost anything.
        raise _damaged(error) from error


def _damaged(error):
    reason = " ".join(str(error).split()) or type(error).__name__
    return UnreadableImageError(
        reason, "truncated" if "truncated" in reason else "corrupt"
    )


def open_regular(file):
    """Opens a path for reading; a file object stays open as it is.

    Raises:
        UnreadableImageError: It cannot be opened, or is a pipe, a socket or a device,
            which may have no end.
    """
    if not isinstance(file, (str, os.PathLike)):
        return contextlib.nullcontext(file)
    require_regular(file)
    try:
        return open(file, "rb")
    except OSError as error:
        raise UnreadableImageError(error.strerror, "unreadable") from error


def require_regular(path):
    """Raises `UnreadableImageError` as `open_regular` does."""
    try:
        mode = os.stat(path).st_mode
    except OSError as error:
        raise UnreadableImageError(error.strerror, "unreadable") from error
    if not stat.S_ISREG(mode):
        raise UnreadableImageError("no regular file", "unsafe")


def check_side(image, least):
    """Raises `UnreadableImageError` for an image with a side below `least` pixels."""
    width, height = image.size
    if min(width, height) < least:
        raise UnreadableImageError(f"too small ({width}x{height})", "tiny")


def _check_size(image):
    width, height = image.size
    if width * height > (Image.MAX_IMAGE_PIXELS or width * height):
        raise UnreadableImageError(
            f"too large ({width}x{height}){_limit()}", "too_large"
        )


def _limit():
    return f", above {Image.MAX_IMAGE_PIXELS / 1e6:g} megapixels"


def _is_animated(image):
    """Tells whether the first image is followed by others, damaged ones included."""
    try:
        # A phone's JPEG with a preview is no animation.
        return image.format != "MPO" and getattr(image, "is_animated", False)
    except Exception:
        return True


def _upright(image):
    """Turns an image as its EXIF tag says; returns it, and the tag where it counts."""
    try:
        turn = image.getexif().get(_ORIENTATION, 1)
        return ImageOps.exif_transpose(image), turn if turn in _TURNED else 0
    except Exception:  # A damaged tag; the pixels are good.
        return image.copy(), 0


def to_mode(image, mode):
    """Converts an image that Pillow has opened to 8 bits per channel in sRGB.

    It is laid on white where `mode` has no alpha.
    """
    image, _ = color_profiles.to_srgb(image)
    image, _ = deep_values.to_8_bits(image)
    return in_mode(image, mode)


def in_mode(image, mode):
    """Converts an image of 8 bits per channel; it is laid on white without alpha."""
    if image.has_transparency_data and mode != "RGBA":
        image = image.convert("RGBA")
        background = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(background, image)
    return image.convert(mode)
