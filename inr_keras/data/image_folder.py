"""Image files of a folder, and decoders that bring any of them to one form."""

import os
import pathlib

import numpy as np
from PIL import Image
from PIL import ImageOps

from inr_keras.data import aspects
from inr_keras.data import color_profiles
from inr_keras.data import image_formats

# Filters of `decode_image` and `fit_image`, for passports of scores.
FILTER = "Lanczos, antialiased, of the central square (Pillow)"
WHOLE_FILTER = "Lanczos, antialiased, whole in a white square (Pillow)"
MIN_SIDE = 8  # Pixels; smaller images are of no use for training.
_MODES = {1: "L", 3: "RGB", 4: "RGBA"}
_BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)
_INTEGER_RANGES = (2**16 - 1, 2**32 - 1)
_SAMPLE_FORMAT = 339  # A tag of TIFF; 2: signed integers.
_SIGNED = "signed"  # Where an image's info keeps that.
_FLOAT_RANGES = (1.0, 2**8 - 1, *_INTEGER_RANGES)


class UnreadableImageError(ValueError):
    """Error of a file that holds no usable image; the message says why."""


def find_files(folder) -> list[pathlib.Path]:
    """Paths of all files below a folder, sorted, without hidden ones."""
    paths = []
    seen = set()
    for parent, names, files in os.walk(folder, followlinks=True):
        if os.path.realpath(parent) in seen:  # A link that leads upwards.
            names.clear()
            continue
        seen.add(os.path.realpath(parent))
        names[:] = [name for name in names if not name.startswith(".")]
        paths.extend(
            pathlib.Path(parent, name) for name in files if not name.startswith(".")
        )
    return sorted(paths)


def find_images(folder) -> list[pathlib.Path]:
    """Paths of all image files below a folder, sorted, without hidden ones."""
    return [p for p in find_files(folder) if image_formats.has_suffix(p)]


def image_paths(source) -> list[pathlib.Path]:
    """Paths of the images of the folder that `config.data.source` names.

    Raises:
        ValueError: The folder cannot be read or has no images.
    """
    paths = find_images(existing_folder(source))
    if not paths:
        suffixes = ", ".join(sorted(image_formats.SUFFIXES))
        raise ValueError(
            "config.data.source must be a folder with at least one image "
            f"({suffixes}). Received: {str(source)!r}"
        )
    return paths


def existing_folder(source) -> pathlib.Path:
    """Path of the folder that `config.data.source` names.

    Raises:
        ValueError: There is no such folder, or it cannot be read.
    """
    folder = pathlib.Path(source).expanduser()
    rule = None
    if not source or not folder.exists():
        rule = "openmoji, tfds:NAME or an existing folder"
    elif not folder.is_dir():
        rule = "a folder, not a file"
    elif not os.access(folder, os.R_OK | os.X_OK):
        rule = "a folder that can be read"
    if rule:
        raise ValueError(
            f"config.data.source must be {rule}. Received: {str(source)!r}"
        )
    return folder


def decode_image(file, resolution: int, channels: int = 3, trim: bool = False):
    """Decodes an image to a uint8 array `(resolution, resolution, channels)`.

    It is turned as its EXIF tag says, converted to sRGB where it has a colour profile,
    laid on white where it is transparent (unless there are four channels, the last of
    which is opacity), scaled to 8 bits, cut to its central square and resized with an
    antialiasing Lanczos filter. Of an animation, the first image counts.

    Args:
        file: path or binary file object.
        resolution: int. Height and width of the result.
        channels: int. 1: grey; 3: red, green and blue; 4: opacity too.
        trim: bool. First cut off borders of one colour, see `aspects`.

    Raises:
        UnreadableImageError: The file cannot be decoded, is smaller than 8 x 8 pixels
            or larger than Pillow's limit.
    """

    def convert(image):
        image = to_mode(upright(image), _MODES[channels])
        pixels = central_square(aspects.trimmed(image) if trim else image, resolution)
        return pixels.reshape(resolution, resolution, channels)

    return read_image(file, convert)


def fit_image(file, resolution: int, channels: int = 3, trim: bool = False):
    """Decodes an image like `decode_image`, but whole, in a white square.

    Returns:
        The square, and the rows and columns that the image has in it; see
        `aspects.fitted`.
    """

    def convert(image):
        image = to_mode(upright(image), _MODES[channels])
        image = aspects.trimmed(image) if trim else image
        square, extent = aspects.fitted(image, resolution)
        return square.reshape(resolution, resolution, channels), extent

    return read_image(file, convert)


def read_image(file, convert):
    """Opens an image file and returns `convert(image)`.

    Args:
        file: path or binary file object.
        convert: Function of the opened `PIL.Image.Image`.

    Raises:
        UnreadableImageError: See `decode_image`.
    """
    image_formats.use_heif()
    try:
        if isinstance(file, (str, os.PathLike)) and not os.path.getsize(file):
            raise UnreadableImageError("empty file")
        with Image.open(file) as image:
            _check_size(image)
            tags = getattr(image, "tag_v2", {})  # Copies of the image lose them.
            image.info[_SIGNED] = 2 in np.atleast_1d(tags.get(_SAMPLE_FORMAT, 1))
            return convert(image)
    except UnreadableImageError:
        raise
    except Image.UnidentifiedImageError as error:
        reason = image_formats.why_unidentified(file)
        raise UnreadableImageError(reason) from error
    except _BOMBS as error:
        raise UnreadableImageError("too large") from error
    except Exception as error:  # Pillow's plugins raise almost anything.
        reason = " ".join(str(error).split()) or type(error).__name__
        raise UnreadableImageError(reason) from error


def _check_size(image):
    width, height = image.size
    if min(width, height) < MIN_SIDE:
        raise UnreadableImageError(f"too small ({width}x{height})")
    if width * height > (Image.MAX_IMAGE_PIXELS or np.inf):
        raise UnreadableImageError(f"too large ({width}x{height})")


def upright(image):
    """Turns an image as its EXIF tag says."""
    image.load()  # A truncated file fails here, not in the EXIF reader.
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # A damaged tag; the pixels are good.
        return image


def to_mode(image, mode):
    """Converts an image to 8 bits per channel of `mode`, in sRGB.

    It is laid on white where `mode` has no alpha.
    """
    image, _ = color_profiles.to_srgb(image)
    image = to_8_bits(image)
    if image.has_transparency_data and mode != "RGBA":
        image = image.convert("RGBA")
        background = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(background, image)
    return image.convert(mode)


def to_8_bits(image):
    """Scales a deep grey image by the first range that holds its values.

    Values may exceed a range of floats by a tenth, as filters that sharpen leave them.

    Raises:
        UnreadableImageError: Values are not finite, or negative integers.
    """
    if image.mode != "F" and not image.mode.startswith("I"):
        return image
    is_float = image.mode == "F"
    pixels = np.asarray(image, "float64")
    if not np.isfinite(pixels).all():
        raise UnreadableImageError("values that are not finite numbers")
    if pixels.min() < 0 and image.mode == "I":
        if image.info.get(_SIGNED):
            raise UnreadableImageError("negative values")
        # Pillow shows unsigned 32 bit values as signed ones.
        pixels = np.where(pixels < 0, pixels + 2.0**32, pixels)
    ranges, slack = (_FLOAT_RANGES, 1.1) if is_float else (_INTEGER_RANGES, 1.0)
    top = next((top for top in ranges if pixels.max() <= top * slack), ranges[-1])
    pixels = np.clip(np.rint(pixels * (255 / top)), 0, 255)
    return Image.fromarray(pixels.astype("uint8"))


def central_square(image, resolution):
    """Resizes the central square of an image to an array of `resolution` a side."""
    width, height = image.size
    side = min(width, height)
    left, top = (width - side) // 2, (height - side) // 2
    box = (left, top, left + side, top + side)
    if side == resolution:
        return np.asarray(image.crop(box))
    size = (resolution, resolution)
    return np.asarray(image.resize(size, Image.Resampling.LANCZOS, box=box))
