"""Images of any shape in the square training frame, and borders that are cut off."""

import numpy as np
from PIL import Image

SLIMMEST = 8  # Largest ratio of the longer side to the shorter one.
_TOLERANCE = 8  # Levels of 255 by which the colours of a border may differ.


def extent(width, height, side):
    """Rows and columns that an image takes in a frame of `side` pixels.

    The longer side takes the whole frame. The shorter side is rounded such that equally
    many pixels are left on both sides of it. It is at least an eighth of the frame, so
    that the coarsest grid, of at least 8 samples, has samples in it; thinner images are
    broadened to this width.
    """
    longer = max(width, height)
    least = -(-side // SLIMMEST)
    rows, columns = (
        max(side - 2 * round((side - side * length / longer) / 2), least)
        for length in (height, width)
    )
    return rows + (side - rows) % 2, columns + (side - columns) % 2


def fitted(image, side):
    """Fits a whole image into the middle of a white square.

    Args:
        image: `PIL.Image.Image` of 8 bits per channel.
        side: int. Side of the square, in pixels.

    Returns:
        uint8 array `(side, side)` or `(side, side, channels)`, and the image's `extent`
        in it.
    """
    rows, columns = extent(*image.size, side)
    if image.size != (columns, rows):
        image = image.resize((columns, rows), Image.Resampling.LANCZOS)
    pixels = np.asarray(image)
    square = np.full((side, side, *pixels.shape[2:]), 255, "uint8")
    top, left = (side - rows) // 2, (side - columns) // 2
    square[top : top + rows, left : left + columns] = pixels
    return square, (rows, columns)


def trimmed(image):
    """Cuts off the borders that have the colour of an image's first pixel.

    An image of a single colour stays as it is.
    """
    pixels = np.asarray(image).astype("int16")
    differs = np.abs(pixels - pixels[0, 0]) > _TOLERANCE
    differs = differs.reshape(*differs.shape[:2], -1).any(-1)
    rows = np.flatnonzero(differs.any(1))
    columns = np.flatnonzero(differs.any(0))
    if not len(rows):
        return image
    return image.crop((columns[0], rows[0], columns[-1] + 1, rows[-1] + 1))
