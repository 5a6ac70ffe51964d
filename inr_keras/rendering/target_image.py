"""An image that is to be found again, and where it lies in the frame."""

import numpy as np
import tensorflow as tf
from PIL import Image

from inr_keras import coordinates
from inr_keras import rectangles
from inr_keras.data import image_folder

FITS = ("whole", "square")
_MODES = {1: "L", 3: "RGB", 4: "RGBA"}
_STRATA = 4  # Pixels of a cell along an axis that a mean is taken of.


class TargetImage:
    """Pixels, a mask and a box of the frame that they fill.

    An image denser than the images that the generator was trained on is
    reduced to their density: finer detail is beyond it, and memory does not
    grow. A pixel of a coarser one (super-resolution) is the mean of `dense`
    by `dense` points of the generator, as if such an image had been reduced.

    Args:
        pixels: uint8 array `(height, width, channels)`.
        resolution: int. Pixels on a side of the frame that the generator was
            trained on.
        alignment: str. `"corner"` or `"center"`, the generator's.
        mask: bool array `(height, width)`, where the image is given.
            Defaults to `None`: everywhere.
        box: x0, y0, x1, y1 of the frame. Defaults to `None`: the rectangle of
            the image's shape in the middle of the frame.

    Attributes:
        pixels: float32 array `(height, width, channels)` in [-1, 1], of the
            reduced image.
        mask: bool array `(height, width)`, True where all of a pixel is given.
        box: Four floats.
        dense: int. Points of a pixel along an axis.
    """

    def __init__(self, pixels, resolution, alignment, mask=None, box=None):
        height, width = pixels.shape[:2]
        if mask is None:
            mask = np.ones((height, width), bool)
        if box is None:
            share = resolution / max(height, width)
            rows, columns = (max(1, round(side * share)) for side in (height, width))
            box = rectangles.middle_box(rows, columns, resolution, alignment)
        else:
            rows = max(1, round((box[3] - box[1]) / 2.0 * resolution))
            columns = max(1, round((box[2] - box[0]) / 2.0 * resolution))
            _check_shape(box, height, width)
        # Areas alone: a point of the generator stands for its own cell.
        size = (min(columns, width), min(rows, height))
        self.pixels = _reduced(pixels, size) / 127.5 - 1.0
        mask = np.where(mask[..., None], 255, 0).astype("uint8")
        given = _reduced(mask, size)
        self.mask = given[..., 0] > 254.5
        if not self.mask.any():
            raise ValueError(
                "--mask must leave some of the image. Received: a mask of "
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
        """Cells of so many pixels a side that are wholly given.

        Returns:
            int32 array `(count, 2)`, the row and column where each begins.
        """
        rows, columns = self.height // side, self.width // side
        mask = self.mask[: rows * side, : columns * side]
        mask = mask.reshape(rows, side, columns, side).all(axis=(1, 3))
        return np.argwhere(mask).astype("int32") * side

    def points_of_cell(self, side):
        """Points along an axis of a cell that `sample` takes."""
        pixels = min(side, _STRATA)
        # Two of a pixel tell the mean over a cell well enough.
        return pixels * min(self.dense, max(2, _STRATA // pixels))

    def sample(self, corners, side, uniform):
        """Points of cells and the mean colour that is given of them.

        A cell falls into strata of equal size; a random pixel of each counts,
        and of a pixel with several points a random one of each of its own
        strata. Small cells have no choice.

        Args:
            corners: int tensor `(count, 2)`.
            side: int. Pixels of a cell on a side.
            uniform: Tensor `(count, n, n, 4)` in [0, 1), where n is
                `points_of_cell(side)`.

        Returns:
            float32 coordinates `(count, n * n, 2)` and colours `(count,
            channels)`.
        """
        count = self.points_of_cell(side)
        pixels = min(side, _STRATA)
        each = count // pixels
        index = tf.range(count, dtype="float32")
        index = tf.stack(tf.meshgrid(index, index, indexing="ij"), axis=-1)
        # All points of a pixel must know of the same pixel.
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


def read_pixels(path, channels, flag):
    """An image file as a uint8 array `(height, width, channels)`.

    Turned as its EXIF tag says; laid on white where `channels` are not 4.

    Args:
        path: str or path.
        channels: int. 1, 3 or 4.
        flag: str. What to name in errors, such as `"--image"`.
    """

    def use(image):
        image = image_folder.upright(image)
        image = image_folder.to_mode(image, _MODES[channels])
        pixels = np.asarray(image)
        return pixels.reshape(*pixels.shape[:2], channels)

    try:
        return image_folder.read_image(path, use)
    except image_folder.UnreadableImageError as error:
        raise ValueError(
            f"{flag} must be an image that can be read ({error}). "
            f"Received: {str(path)!r}"
        ) from error


def read_mask(path, height, width):
    """An image file, white where an image is given, as a bool array."""
    pixels = read_pixels(path, 1, "--mask")[..., 0]
    if pixels.shape != (height, width):
        raise ValueError(
            f"--mask must have the shape of the image, {width}x{height}. "
            f"Received: {pixels.shape[1]}x{pixels.shape[0]}"
        )
    mask = pixels >= 128
    if not mask.any():
        raise ValueError(
            "--mask must be white where the image is given. Received: "
            f"{str(path)!r}, without any white"
        )
    return mask


def middle_square(array):
    """The central square of an array `(height, width, ...)`."""
    height, width = array.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return array[top : top + side, left : left + side]


def _check_shape(box, height, width):
    shape = (box[2] - box[0]) / (box[3] - box[1])
    if not 0.97 < shape * height / width < 1.03:
        raise ValueError(
            f"--region must have the shape of the image, {width}x{height}. "
            f"Received: {box}, of shape {shape:.3g} to 1"
        )


def _reduced(pixels, size):
    """Means over areas, as floats `(height, width, channels)` in [0, 255]."""
    planes = []
    for index in range(pixels.shape[-1]):
        plane = Image.fromarray(pixels[..., index])
        if plane.size != size:
            plane = plane.convert("F").resize(size, Image.Resampling.BOX)
        planes.append(np.asarray(plane, "float32"))
    return np.stack(planes, axis=-1)


def _stratum(index, uniform, size, strata):
    """A whole number of each of so many strata of the numbers below `size`."""
    return tf.minimum(tf.floor((index + uniform) * (size / strata)), size - 1.0)
