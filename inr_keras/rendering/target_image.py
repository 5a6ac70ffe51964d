"""Target of an inversion: an image, its known pixels and its region of the frame."""

import numpy as np
import tensorflow as tf
from PIL import Image

from inr_keras import coordinates
from inr_keras import rectangles
from inr_keras.data import image_files
from inr_keras.data.complaints import UnreadableImageError
from inr_keras.naming import renaming

FITS = ("whole", "square")
_STRATA = 4  # Pixels along an axis of a cell whose mean is taken.


class TargetImage:
    """Image to be found by a generator: pixels, a mask and a region of the frame.

    An image denser than the generator's training images is reduced to their density,
    because the generator has no finer detail and to save memory. In a coarser image
    (super-resolution), a pixel is the mean of `dense` by `dense` points of the
    generator, as if an image of this density had been reduced.

    Args:
        pixels: uint8 array `(height, width, channels)`.
        resolution: int. Pixels on a side of the frame that the generator was trained
            on.
        alignment: str. `"corner"` or `"center"`, the generator's.
        mask: bool array `(height, width)`, true where the image is known. Defaults to
            `None`: everywhere.
        box: x0, y0, x1, y1 of the frame. Defaults to `None`: the rectangle of the
            image's shape in the middle of the frame.
        wraps: bool. Whether the image is a panorama, whose frame is twice as wide as
            high; without a `box`, so must be the image. Defaults to `False`.

    Attributes:
        pixels: float32 array `(height, width, channels)` in [-1, 1], of the reduced
            image.
        mask: bool array `(height, width)`, true where all of a pixel is known.
        box: Four floats.
        dense: int. Points of a pixel along an axis.
    """

    def __init__(self, pixels, resolution, alignment, mask=None, box=None, wraps=False):
        height, width = pixels.shape[:2]
        if mask is None:
            mask = np.ones((height, width), bool)
        if box is None and wraps:
            if not _is_near(width / height, 2.0):
                raise ValueError(
                    "`pixels` must be twice as wide as high for a generator of "
                    f"panoramas, or `box` be given. Received: {width}x{height}"
                )
            box = (-1.0, -1.0, 1.0, 1.0)
        if box is None:
            share = resolution / max(height, width)
            rows, columns = (max(1, round(side * share)) for side in (height, width))
            box = rectangles.middle_box(rows, columns, resolution, alignment)
        else:
            box = rectangles.checked_box(box)
            rows = max(1, round((box[3] - box[1]) / 2.0 * resolution))
            wide = 1 + wraps
            columns = max(1, round((box[2] - box[0]) / 2.0 * resolution * wide))
            _check_shape(box, height, width, wide)
        # By areas alone: a point of the generator stands for its own cell.
        size = (min(columns, width), min(rows, height))
        self.pixels = _reduced(pixels, size) / 127.5 - 1.0
        mask = np.where(mask[..., None], 255, 0).astype("uint8")
        known = _reduced(mask, size)
        self.mask = known[..., 0] > 254.5
        if not self.mask.any():
            raise ValueError(
                "`mask` must leave some of the image. Received: a mask of "
                "the whole image at the generator's density"
            )
        self.box = tuple(map(float, box))
        self.alignment = alignment
        self.dense = max(1, round(max(columns / size[0], rows / size[1])))

    @property
    def height(self):
        return self.pixels.shape[0]

    @property
    def width(self):
        return self.pixels.shape[1]

    def cells(self, side):
        """Cells of `side` by `side` pixels that are wholly known.

        Returns:
            int32 array `(count, 2)`, the row and column where each begins.
        """
        rows, columns = self.height // side, self.width // side
        mask = self.mask[: rows * side, : columns * side]
        mask = mask.reshape(rows, side, columns, side).all(axis=(1, 3))
        return np.argwhere(mask).astype("int32") * side

    def points_of_cell(self, side):
        """Number of points along an axis of a cell that `sample` takes."""
        pixels = min(side, _STRATA)
        # Two points of a pixel suffice for the mean over a cell.
        return pixels * min(self.dense, max(2, _STRATA // pixels))

    def sample(self, corners, side, uniform):
        """Samples points of cells, and the mean colour of the target there.

        A cell is divided into strata of equal size, and a random pixel of each stratum
        is taken. If a pixel has several points, it has strata of its own, and a random
        point of each is taken. In small cells, nothing is left to chance.

        Args:
            corners: int tensor `(count, 2)`, see `cells`.
            side: int. Pixels on a side of a cell.
            uniform: Tensor `(count, n, n, 4)` in [0, 1), where n is
                `points_of_cell(side)`.

        Returns:
            float32 coordinates `(count, n * n, 2)` and colours `(count, channels)`.
        """
        count = self.points_of_cell(side)
        pixels = min(side, _STRATA)
        each = count // pixels
        index = tf.range(count, dtype="float32")
        index = tf.stack(tf.meshgrid(index, index, indexing="ij"), axis=-1)
        # All points of a pixel must share its random number.
        chosen = uniform[:, ::each, ::each, :2]
        chosen = tf.repeat(tf.repeat(chosen, each, axis=1), each, axis=2)
        pixel = _stratum(index // each, chosen, side, pixels)
        pixel += tf.cast(corners, "float32")[:, None, None]
        point = _stratum(index % each, uniform[..., 2:], self.dense, each)
        position = pixel * self.dense + point
        x0, y0, x1, y1 = self.box

        def axis(number, size, low, high):
            return coordinates.axis_coordinates(
                position[..., number],
                size * self.dense,
                self.alignment,
                low,
                high,
            )

        coords = tf.stack(
            [axis(1, self.width, x0, x1), axis(0, self.height, y0, y1)], -1
        )
        colours = tf.gather_nd(self.pixels, tf.cast(pixel, tf.int32))
        coords = tf.reshape(coords, (-1, count**2, 2))
        return coords, tf.reduce_mean(colours, axis=(1, 2))


def read_pixels(path, channels):
    """Reads an image file as a uint8 array `(height, width, channels)`.

    It is turned as its EXIF tag says, and laid on white unless `channels` is 4.

    Args:
        path: str or path.
        channels: int. 1, 3 or 4.
    """

    try:
        pixels = np.asarray(image_files.read_picture(path).in_channels(channels))
    except UnreadableImageError as error:
        raise ValueError(
            f"`path` must be an image that can be read ({error}). "
            f"Received: {str(path)!r}"
        ) from error
    return pixels.reshape(*pixels.shape[:2], channels)


def read_mask(mask, height, width):
    """Reads an image file, white where an image is known, as a bool array."""
    with renaming({"path": "mask"}):
        pixels = read_pixels(mask, 1)[..., 0]
    if pixels.shape != (height, width):
        raise ValueError(
            f"`mask` must have the shape of the image, {width}x{height}. "
            f"Received: {pixels.shape[1]}x{pixels.shape[0]}"
        )
    given = pixels >= 128
    if not given.any():
        raise ValueError(
            "`mask` must be white where the image is given. Received: "
            f"{str(mask)!r}, without any white"
        )
    return given


def middle_square(array):
    """Cuts the central square out of an array `(height, width, ...)`."""
    height, width = array.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return array[top : top + side, left : left + side]


def _check_shape(box, height, width, wide):
    shape = wide * (box[2] - box[0]) / (box[3] - box[1])
    if not _is_near(shape, width / height):
        raise ValueError(
            f"`box` must have the shape of the image, {width}x{height}. "
            f"Received: {box}, of shape {shape:.3g} to 1"
        )


def _is_near(shape, other):
    return 0.97 < shape / other < 1.03


def _reduced(pixels, size):
    """Reduces images by means over areas, to floats in [0, 255]."""
    planes = []
    for index in range(pixels.shape[-1]):
        plane = Image.fromarray(pixels[..., index])
        if plane.size != size:
            plane = plane.convert("F").resize(size, Image.Resampling.BOX)
        planes.append(np.asarray(plane, "float32"))
    return np.stack(planes, axis=-1)


def _stratum(index, uniform, size, strata):
    """Draws a whole number below `size` from each of `strata` equal parts."""
    return tf.minimum(tf.floor((index + uniform) * (size / strata)), size - 1.0)
