"""Images of any shape in a square frame, and borders that are cut off."""

import numpy as np
from PIL import Image

SLIMMEST = 8  # Times as long as broad, at most.
_SAME = 8  # Levels of 255 by which the colours of one border may differ.


def extent(width, height, side):
    """Rows and columns of an image in a frame of `side` pixels.

    The longer side takes all of the frame. The shorter one is rounded to a
    number of pixels that leaves as many on both sides, and is an eighth of the
    frame at least: so the coarsest grid, of at least 8 samples, has some in
    it. Thinner images are broadened to that.
    """
    longer = max(width, height)
    least = -(-side // SLIMMEST)
    rows, columns = (
        max(side - 2 * round((side - side * length / longer) / 2), least)
        for length in (height, width)
    )
    return rows + (side - rows) % 2, columns + (side - columns) % 2


def fitted(image, side):
    """An image, whole, in the middle of a white square.

    Args:
        image: `PIL.Image.Image` of 8 bits a channel.
        side: int. Of the square, in pixels.

    Returns:
        uint8 array `(side, side)` or `(side, side, channels)`, and the
        image's `extent` in it.
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
    """An image without borders of the colour of its first pixel.

    One that has no other colour stays as it is.
    """
    pixels = np.asarray(image).astype("int16")
    differs = np.abs(pixels - pixels[0, 0]) > _SAME
    differs = differs.reshape(*differs.shape[:2], -1).any(-1)
    rows = np.flatnonzero(differs.any(1))
    columns = np.flatnonzero(differs.any(0))
    if not len(rows):
        return image
    return image.crop((columns[0], rows[0], columns[-1] + 1, rows[-1] + 1))
