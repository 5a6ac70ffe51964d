"""Rectangles of the training frame that hold images which are not square.

Such an image takes the rectangle of its shape in the middle of the frame (see
`coordinates`), with the longer side from -1 to 1: neighbouring pixels are as far apart
as in any other image, and only the coordinates differ. The `extents` of an image are
its rows and columns in pixels of the full frame; equal margins are left on both sides.

`alignment` is `"corner"` or `"center"`, as in `coordinates`.
"""

import numbers
from collections.abc import Iterable

from keras import ops

MAX_BOX = 1e6  # Largest size of a box's numbers.


def random_offsets(
    uniform,
    extents,
    size,
    patch_size,
    stride=1,
    alignment="corner",
    step=1,
    reach=(0, 0),
):
    """Turns uniform numbers into offsets of crops within each image's rectangle.

    Where a rectangle has fewer samples than a patch along an axis, the crop
    lies in the middle of the frame and beyond the rectangle on both sides. For
    square images the offsets are those of `coordinates.random_offsets`.

    Args:
        uniform: Tensor `(batch, 2)` of numbers in [0, 1).
        extents: int tensor `(batch, 2)`, rows and columns of each image.
        size: int. Pixels on a side of the frame.
        patch_size: int. Samples on a side of a crop.
        stride, alignment: As in `coordinates.grid`.
        step: int. Offsets are multiples of it.
        reach: Two ints. Samples that crops may reach beyond a rectangle, before its
            first and after its last one. Defaults to `(0, 0)`.

    Returns:
        int32 tensor `(batch, 2)` of rows and columns for `coordinates.patch`.
    """
    grid_size = size // stride
    if patch_size > grid_size:
        raise ValueError(
            "`patch_size` must be at most the grid's side. "
            f"Received: {patch_size=}, {size=}, {stride=}"
        )
    lead = stride - 1 if alignment == "center" else 0
    extents = ops.cast(extents, "int32")
    margins = (size - extents) // 2
    # Samples within the rectangle and its reach, from the first to the last.
    first = -((lead + 1 - 2 * margins) // (2 * stride)) - reach[0]
    last = (2 * (margins + extents) - 1 - lead) // (2 * stride) + reach[1]
    first = -(-first // step) * step
    room = last + 1 - first - patch_size
    choices = ops.maximum(room, 0) // step + 1
    index = ops.floor(uniform * ops.cast(choices, uniform.dtype))
    index = ops.minimum(ops.cast(index, "int32"), choices - 1)
    middle = (grid_size - patch_size) // 2 // step * step
    return ops.where(room < 0, middle, first + index * step)


def within(coords, extents, size, alignment):
    """Tests which points lie in each image's rectangle.

    Args:
        coords: Tensor `(batch or 1, points, 2)`.
        extents: int tensor `(batch, 2)`, rows and columns of each image.
        size: int. Pixels on a side of the frame.
        alignment: str. `"corner"` or `"center"`.

    Returns:
        bool tensor `(batch, points)`. The point of a pixel counts as inside
        where the pixel is.
    """
    cells = size - 1 if alignment == "corner" else size
    reach = ops.cast(ops.flip(extents, axis=1), "float32")
    # Rounding errors must not leave a point on the border out.
    reach = (reach + 0.01) / cells
    return ops.all(ops.abs(coords) <= ops.expand_dims(reach, 1), axis=-1)


def middle_box(height, width, size, alignment="corner"):
    """The box of the middle `height` x `width` pixels of the training frame.

    With this box, `coordinates.region` returns the points that these pixels have in the
    whole frame of `size` pixels a side, provided that as many pixels are left over on
    both sides.

    Returns:
        Four floats x0, y0, x1, y1.

    Example:
        >>> middle_box(32, 64, 64, "center")
        (-1.0, -0.5, 1.0, 0.5)
    """

    def half(count):
        # A single sample stands in the middle of any box.
        is_corner = alignment == "corner" and count > 1
        return (count - 1) / (size - 1) if is_corner else count / size

    x, y = half(width), half(height)
    return -x, -y, x, y


def checked_box(box):
    """Returns the four numbers of a box.

    Raises:
        ValueError: `box` is something else, or encloses no area.
    """
    four = tuple(box) if isinstance(box, Iterable) else ()
    fit = all(isinstance(v, numbers.Real) and abs(v) <= MAX_BOX for v in four)
    if not (len(four) == 4 and fit and four[0] < four[2] and four[1] < four[3]):
        raise ValueError(
            "`box` must be four numbers x0, y0, x1, y1 up to a million in size, with "
            f"x0 < x1 and y0 < y1. Received: {box!r}"
        )
    return four
