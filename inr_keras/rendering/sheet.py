"""Sheets of images side by side, and image files."""

import math
import pathlib

import numpy as np
from PIL import Image

from inr_keras import coordinates
from inr_keras import rectangles
from inr_keras.files import write_beside

ENDINGS = (".png", ".jpg", ".jpeg", ".webp")
_OPAQUE = (".jpg", ".jpeg")


def to_uint8(images):
    """Converts floats in [-1, 1] to uint8, rounded and clipped.

    Example:
        >>> to_uint8(np.array([-1.0, 0.0, 1.5]))
        array([  0, 128, 255], dtype=uint8)
    """
    images = np.rint((np.asarray(images, dtype="float32") + 1.0) * 127.5)
    return np.clip(images, 0, 255).astype("uint8")


def letterboxed(images, extents, resolution, alignment):
    """Makes images of the training frame white outside of their rectangles.

    Args:
        images: Array `(count, height, width, channels)`, uint8 or float in [-1, 1], of
            the whole frame at any size.
        extents: int array `(count, 2)`, see `rectangles`; `None`: all of the frame.
        resolution: int. Side of the frame in the pixels of extents.
        alignment: str. `"corner"` or `"center"`.
    """
    if extents is None:
        return images
    box = (-1.0, -1.0, 1.0, 1.0)
    coords = coordinates.region(box, *images.shape[1:3], alignment)
    coords = np.reshape(coords, (1, -1, 2))
    inside = rectangles.within(coords, extents, resolution, alignment)
    inside = np.reshape(inside, (*images.shape[:3], 1))
    white = 255 if images.dtype == np.uint8 else 1.0
    return np.where(inside, images, np.array(white, images.dtype))


def sheet(images, columns=None, margin=0, zoom=1):
    """Puts images of one size side by side.

    Args:
        images: Array `(count, height, width, channels)`, uint8 or float in
            [-1, 1].
        columns: int. Images per row. Defaults to about 3:2, see `sheet_columns`.
        margin: int. White pixels between images. Defaults to `0`.
        zoom: int. Repeats each pixel, to enlarge small images. Defaults to `1`.

    Returns:
        uint8 array `(height, width, channels)`.

    Example:
        >>> sheet(np.zeros((6, 16, 16, 3), "uint8"), columns=3).shape
        (32, 48, 3)
    """
    if images.dtype != np.uint8:
        images = to_uint8(images)
    images = images.repeat(zoom, axis=1).repeat(zoom, axis=2)
    count, height, width, channels = images.shape
    columns = columns or sheet_columns(count)
    rows = -(-count // columns)
    cell = (height + margin, width + margin)
    out = np.full(
        (rows * cell[0] - margin, columns * cell[1] - margin, channels),
        255,
        dtype="uint8",
    )
    for i, image in enumerate(images):
        y, x = i // columns * cell[0], i % columns * cell[1]
        out[y : y + height, x : x + width] = image
    return out


def sheet_columns(count, classes=0):
    """Number of columns that makes a sheet of `count` images about 3:2.

    If the images show `classes` classes in turn, each column shows one class.

    Example:
        >>> sheet_columns(24)
        6
    """
    columns = min(count, max(1, round(math.sqrt(count * 1.5))))
    if classes:
        return min(count, max(1, round(columns / classes)) * classes)
    for exact in (columns, columns + 1, columns - 1, columns + 2, columns - 2):
        if exact > 0 and count % exact == 0 and exact <= count:
            return exact
    return columns


def check_image_path(path):
    """Raises `ValueError` if a path does not end like an image file."""
    path = pathlib.Path(path)
    if path.suffix.lower() not in ENDINGS:
        raise ValueError(
            f"`path` must end in {', '.join(ENDINGS)}. Received: {str(path)!r}"
        )


def save_image(path, image):
    """Writes a uint8 array `(height, width, 1, 3 or 4)` as an image.

    Example:
        >>> save_image(folder / "black.png", np.zeros((16, 16, 3), "uint8"))
    """
    if image.shape[-1] == 4 and pathlib.Path(path).suffix.lower() in _OPAQUE:
        raise ValueError(
            "`path` must end in .png or .webp for images with transparency. "
            f"Received: {str(path)!r}"
        )
    if image.shape[-1] == 1:
        image = image[..., 0]
    write_beside(path, Image.fromarray(image).save)
