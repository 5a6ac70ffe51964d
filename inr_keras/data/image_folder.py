"""Image files of a folder, and decoders that bring any of them to one form."""

import os
import pathlib

import numpy as np
from PIL import Image

from inr_keras import remote_paths
from inr_keras.data import aspects
from inr_keras.data import complaints
from inr_keras.data import image_files
from inr_keras.data import image_formats
from inr_keras.data.complaints import UnreadableImageError

# Filters of `decode_image` and `fit_image`, for passports of scores.
FILTER = "Lanczos, antialiased, of the central square (Pillow)"
WHOLE_FILTER = "Lanczos, antialiased, whole in a white square (Pillow)"


def find_files(folder) -> list[pathlib.Path]:
    """Paths of all files below a folder, sorted, without hidden ones.

    Folders that cannot be read are named in a warning.
    """
    paths, closed = [], []
    seen = set()
    for parent, names, files in os.walk(
        folder, onerror=closed.append, followlinks=True
    ):
        if os.path.realpath(parent) in seen:  # A link that leads upwards.
            names.clear()
            continue
        seen.add(os.path.realpath(parent))
        names[:] = [name for name in names if not name.startswith(".")]
        paths.extend(
            pathlib.Path(parent, name) for name in files if not name.startswith(".")
        )
    if closed:
        complaints.warn_once(
            f"Left out {len(closed)} folders that cannot be read, such as "
            f"{closed[0].filename} ({closed[0].strerror})"
        )
    return sorted(paths)


def contents(path) -> bytes | None:
    """Contents of a file beside the images; `None` where there is none to read."""
    try:
        with image_files.open_regular(path) as file:
            return file.read()
    except (UnreadableImageError, OSError):
        return None


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
    folder = pathlib.Path(source)
    rule = None
    if remote_paths.is_remote(source):
        rule = "a folder of apps.prepare_data where it is remote"
    elif not source or not folder.exists():
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


def decode_image(
    file, resolution: int, channels: int = 3, trim: bool = False, note=None
):
    """Decodes an image to a uint8 array `(resolution, resolution, channels)`.

    It is read by `image_files.read_picture`, laid on white where it is transparent
    (unless there are four channels, the last of which is opacity), cut to its central
    square and resized with an antialiasing Lanczos filter.

    Args:
        file: path or binary file object.
        resolution: int. Height and width of the result.
        channels: int. 1: grey; 3: red, green and blue; 4: opacity too.
        trim: bool. First cut off borders of one colour, see `aspects`.
        note: Function. See `image_files.read_picture`.

    Raises:
        UnreadableImageError: See `image_files.read_picture`.
    """
    pixels = central_square(_image(file, channels, trim, note), resolution)
    return pixels.reshape(resolution, resolution, channels)


def fit_image(file, resolution: int, channels: int = 3, trim: bool = False, note=None):
    """Decodes an image like `decode_image`, but whole, in a white square.

    Returns:
        The square, and the rows and columns that the image has in it; see
        `aspects.fitted`.
    """
    image = _image(file, channels, trim, note)
    square, extent = aspects.fitted(image, resolution)
    return square.reshape(resolution, resolution, channels), extent


def _image(file, channels, trim, note):
    image = image_files.read_picture(file, note=note).in_channels(channels)
    if trim:
        image = aspects.trimmed(image)
        image_files.check_side(image, image_files.MIN_SIDE)
    return image


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
