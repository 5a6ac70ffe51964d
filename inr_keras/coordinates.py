"""The one definition of pixel, grid, patch and region coordinates.

An implicit neural representation is a function of (x, y), so training from
patches, super-resolution and extrapolation are all questions of coordinates.

The training frame is the square [-1, 1] x [-1, 1], x to the right and y
downwards. An axis of `size` samples is placed in one of two alignments:

- `corner` (CIPS, MS-patch): pixel p lies at -1 + 2 p / (size - 1); the first
  and the last pixel lie on the frame.
- `center`: pixel p lies at -1 + (2 p + 1) / size; a pixel is a cell and its
  coordinate the middle of the cell.

A coarse grid takes one sample every `stride` pixels of the full one: pixel
`stride * k` in `corner` (MS-patch, equation 1), the middle of the cell of
`stride` pixels in `center`. In both, the samples of a coarse grid keep their
coordinates in denser grids. A third alignment is for grids alone: `span` (MS-patch's
public code) places each grid of N samples as `corner` places an image of N, from -1
to 1. Each grid spans the frame, a sample has another coordinate in each grid, and
the full grid is that of `corner`. Sample k of a grid shows the same `stride` pixels
as in the other alignments, so that neighbouring grids are compared by index; a grid
shows its image larger by (H - 1) / (H - stride) than the full grid does.
In every alignment, a sample has one coordinate whatever patch it is rendered in.

All functions are pure. Coordinates are float32 and end in an axis of length 2
in the order x, y; they must not be cast to half precision, which cannot tell
the pixels of an image of 512 apart.
"""

import math

from keras import ops

from inr_keras import rectangles
from inr_keras.config.choices import ALIGNMENTS
from inr_keras.config.choices import GRID_ALIGNMENTS
from inr_keras.whole_numbers import check_positive


def image_alignment(alignment):
    """Returns the alignment of full images: `"corner"` for grids in `"span"`."""
    _check_alignment(alignment, GRID_ALIGNMENTS)
    return "corner" if alignment == "span" else alignment


def axis_coordinates(positions, size, alignment, start=-1.0, end=1.0):
    """Coordinates of pixel positions on an axis of `size` samples.

    Args:
        positions: Tensor of pixel positions; fractions, negative positions
            and positions beyond `size - 1` are allowed.
        size: int, or an int tensor, which is not checked. Samples between
            `start` and `end`.
        alignment: str. `"corner"` or `"center"`.
        start: float. Coordinate at which the axis begins.
        end: float. Coordinate at which the axis ends.

    Returns:
        float32 tensor of the shape of `positions`.

    Example:
        >>> axis_coordinates([0, 1, 2], 3, "corner").numpy()
        array([-1.,  0.,  1.], dtype=float32)
    """
    _check_alignment(alignment)
    if ops.is_tensor(size):
        size = ops.cast(size, "float32")
    else:
        check_positive(size=size)
    positions = ops.cast(positions, "float32")
    share = (2.0 * positions + 1.0) / (2.0 * size)
    # A single corner-aligned sample stands in the middle.
    if alignment == "corner" and ops.is_tensor(size):
        corner = positions / ops.maximum(size - 1.0, 1.0)
        share = ops.where(size > 1.0, corner, share)
    elif alignment == "corner" and size > 1:
        share = positions / (size - 1)
    return start + (end - start) * share


def grid_positions(indices, stride, size, alignment):
    """Full-resolution pixel positions of the samples k of a grid.

    These are (H / N) k in `corner`, the middle of the sample's `stride` pixels in
    `center`, and k (H - 1) / (N - 1) in `span`, for N = H / `stride`.

    Args:
        indices: Tensor of numbers k; fractions are allowed.
        stride: int. H / N.
        size: int. H, full-resolution pixels along the axis.
        alignment: str. `"corner"`, `"center"` or `"span"`.

    Returns:
        float32 tensor of the shape of `indices`.
    """
    check_positive(stride=stride)
    first_pixels = ops.cast(indices, "float32") * stride
    return _sample_positions(first_pixels, stride, size, alignment)


def grid(height, width, stride=1, alignment="corner"):
    """Coordinates of a grid: MS-patch's equation 1 with N = H / `stride`.

    Args:
        height: int. H, rows of the full-resolution image.
        width: int. W, its columns; images do not have to be square.
        stride: int. Full-resolution pixels between two samples. Must divide
            `height` and `width`.
        alignment: str. `"corner"`, `"center"` or `"span"`.

    Returns:
        float32 tensor `(height / stride, width / stride, 2)`.

    Example:
        >>> tuple(grid(64, 64, stride=4).shape)
        (16, 16, 2)
    """
    check_positive(height=height, width=width, stride=stride)
    for name, size in (("height", height), ("width", width)):
        if size % stride:
            raise ValueError(
                f"`stride` must divide `{name}`. Received: {stride=}, {name}={size}"
            )
    x, y = (
        _grid_coordinates(ops.arange(size // stride), stride, size, alignment)
        for size in (width, height)
    )
    return _mesh(x, y)


def patch(offsets, patch_size, height, width, stride=1, alignment="corner"):
    """Coordinates of square crops of `grid`, one crop per image.

    Args:
        offsets: int tensor `(batch, 2)`, row and column of each crop's first
            sample on the grid.
        patch_size: int. P, samples on a side.
        height, width, stride, alignment: As in `grid`.

    Returns:
        float32 tensor `(batch, patch_size ** 2, 2)`, row by row.
    """
    return crops(offsets, patch_size, (height, width), stride, alignment)


def crops(offsets, patch_size, sides, stride=1, alignment="corner"):
    """Coordinates of crops of a grid of any number of axes, one crop per sample.

    Args:
        offsets: int tensor `(batch, axes)` of each crop's first sample on the grid,
            in the order of `sides`; crops may reach beyond the grid.
        patch_size: int. P, samples on a side.
        sides: Sequence of int. Full-resolution samples on each axis, that of x last:
            `(H, W)` for images.
        stride, alignment: As in `grid`.

    Returns:
        float32 tensor `(batch, patch_size ** axes, axes)`, x the fastest axis.
    """
    check_positive(patch_size=patch_size)
    steps = ops.arange(patch_size)
    offsets = ops.cast(offsets, "int32")

    def axis(column, size):
        # Not `offsets[:, column, None]`: TensorFlow's graph optimizer loses
        # the new axis where `offsets` is a stack.
        start = ops.expand_dims(offsets[:, column], axis=1)
        indices = start + steps  # (batch, patch)
        return _grid_coordinates(indices, stride, size, alignment)

    axes = [axis(column, size) for column, size in enumerate(sides)]
    coords = _mesh(*axes[::-1])
    return ops.reshape(coords, (-1, patch_size ** len(sides), len(sides)))


def pixel_patch(starts, strides, patch_size, height, width, alignment):
    """Coordinates of square crops that begin at any pixel, with a stride each.

    A crop that begins at a multiple of its stride has the coordinates of `patch`.

    Args:
        starts: int tensor `(batch, 2)`, row and column of the first pixel.
        strides: int tensor `(batch,)`, pixels between two samples.
        patch_size, height, width, alignment: As in `patch`.

    Returns:
        float32 tensor `(batch, patch_size ** 2, 2)`, row by row.
    """
    check_positive(patch_size=patch_size)
    starts = ops.cast(starts, "float32")
    strides = ops.expand_dims(ops.cast(strides, "float32"), axis=1)
    steps = ops.arange(patch_size, dtype="float32")

    def axis(column, size):
        start = ops.expand_dims(starts[:, column], axis=1)
        first_pixels = start + steps * strides
        positions = _sample_positions(first_pixels, strides, size, alignment)
        return axis_coordinates(positions, size, image_alignment(alignment))

    coords = _mesh(axis(1, width), axis(0, height))
    return ops.reshape(coords, (-1, patch_size**2, 2))


def random_offsets(uniform, sides, patch_size, step=1, wraps=False):
    """Turns uniform numbers into offsets of crops that lie on a grid.

    Args:
        uniform: Tensor `(batch, axes)` of numbers in [0, 1).
        sides: Sequence of int. Samples on each axis of the grid, that of x last.
        patch_size: int. At most the least of `sides`.
        step: int. Offsets are multiples of it; 2 starts every crop on a
            sample of a grid half as dense.
        wraps: bool. Whether the last axis is a circle, where crops begin at any sample
            and may reach beyond the last one. Defaults to `False`.

    Returns:
        int32 tensor `(batch, axes)` for `crops`.
    """
    columns = []
    for i, size in enumerate(sides):
        if patch_size > size:
            raise ValueError(
                "`patch_size` must be at most the grid's sides. Received: "
                f"{patch_size=}, sides={tuple(sides)}"
            )
        choices = (size - patch_size) // step + 1
        if wraps and i == len(sides) - 1:
            choices = size // step
        index = ops.floor(uniform[:, i] * choices)
        # A uniform number next to 1 may round up to `choices`.
        index = ops.minimum(ops.cast(index, "int32"), choices - 1)
        columns.append(index * step)
    return ops.stack(columns, axis=-1)


def previous_region(offsets, patch_size, stride, previous_stride):
    """The region of the previous stage's grid that a crop covers, by index.

    Args:
        offsets: int tensor `(batch, 2)` of the crop on the present grid.
        patch_size: int. Samples on a side of the crop.
        stride: int. Stride of the present grid.
        previous_stride: int. Stride of the previous grid; a multiple of `stride`.

    Returns:
        Offsets `(batch, 2)` and size on the previous grid. Offsets between
        two coarse samples are rounded down, as in the authors' code.
    """
    factor, rest = divmod(previous_stride, stride)
    if rest or patch_size % factor:
        raise ValueError(
            "`previous_stride` must be a multiple of `stride` by a factor that "
            f"divides `patch_size`. Received: {previous_stride=}, {stride=}, "
            f"{patch_size=}"
        )
    return ops.cast(offsets, "int32") // factor, patch_size // factor


def region(box, height, width, alignment="corner", rows=None, columns=None):
    """Coordinates of the samples of any region at any size.

    Super-resolution draws the training frame at a larger size, extrapolation a
    box that leaves [-1, 1].

    Args:
        box: Four floats x0, y0, x1, y1 in the training frame's coordinates,
            with x0 < x1 and y0 < y1.
        height: int. Rows to draw.
        width: int. Columns to draw.
        alignment: str. In `corner` the first and last samples lie on the
            box's border, in `center` half a sample inside.
        rows: Positions of the rows to return, as in `axis_coordinates`.
            Defaults to `None`: all of them.
        columns: Positions of the columns to return. Defaults to `None`: all of them.

    Returns:
        float32 tensor `(height, width, 2)`, or with as many rows and columns as
        `rows` and `columns` name.

    Example:
        >>> tuple(region((-2, -1, 2, 1), height=32, width=64).shape)
        (32, 64, 2)
    """
    x0, y0, x1, y1 = rectangles.checked_box(box)
    check_positive(height=height, width=width)
    rows = ops.arange(height) if rows is None else rows
    columns = ops.arange(width) if columns is None else columns
    return _mesh(
        axis_coordinates(columns, width, alignment, x0, x1),
        axis_coordinates(rows, height, alignment, y0, y1),
    )


def lattice_positions(coords, size, alignment):
    """Fractional pixel positions of coordinates: `axis_coordinates` inverted."""
    _check_alignment(alignment)
    share = (coords + 1.0) * 0.5
    if alignment == "corner":
        return share * (size - 1)
    return share * size - 0.5


def nearest_lattice_positions(coords, size, alignment):
    """Pixel positions of coordinates, rounded if nearly whole, and clipped.

    Positions beyond the lattice become those of its first or last point.
    """
    position = lattice_positions(coords, size, alignment)
    # Rounding errors of the coordinate must not leak a neighbour in.
    nearest = ops.round(position)
    on_lattice = ops.abs(position - nearest) < 1e-4
    position = ops.where(on_lattice, nearest, position)
    return ops.clip(position, 0.0, size - 1.0)


def lattice(sizes, alignment="corner"):
    """Coordinates of a full grid of one, two or three axes, or more.

    Args:
        sizes: Sequence of int. Samples along x, y, then z or t.
        alignment: str. `"corner"` or `"center"`.

    Returns:
        float32 tensor `(*reversed(sizes), len(sizes))`, x the fastest axis;
        for two sizes (W, H) the same as `grid(H, W)`.
    """
    axes = [axis_coordinates(ops.arange(size), size, alignment) for size in sizes]
    mesh = ops.meshgrid(*axes[::-1], indexing="ij")
    return ops.stack(mesh[::-1], axis=-1)


def directions(coords):
    """Directions of longitudes x and latitudes y, as points of the unit sphere.

    Args:
        coords: Tensor `(..., 2)`. x from -1 to 1 is the turn from -180 to 180 degrees,
            0 in front; y from -1 to 1 runs from the upper pole to the lower one.

    Returns:
        float32 tensor `(..., 3)`: x to the right, y down, z to the front, as in
        `rendering.surfaces.Sphere`.

    Example:
        >>> directions(np.array([0.0, 0.0])).numpy()  # In front.
        array([0., 0., 1.], dtype=float32)
    """
    coords = ops.cast(coords, "float32")
    longitude = coords[..., 0] * math.pi
    latitude = coords[..., 1] * (math.pi / 2.0)
    level = ops.cos(latitude)
    x, z = ops.sin(longitude) * level, ops.cos(longitude) * level
    return ops.stack([x, ops.sin(latitude), z], axis=-1)


def _sample_positions(first_pixels, stride, size, alignment):
    """Positions of samples, each of which shows `stride` pixels from its first one."""
    _check_alignment(alignment, GRID_ALIGNMENTS)
    if alignment == "center":
        return first_pixels + (stride - 1) / 2
    if alignment == "corner":
        return first_pixels
    if not ops.is_tensor(stride) and stride >= size:
        return first_pixels + (size - 1) / 2  # A single sample stands in the middle.
    return first_pixels * ((size - 1) / (size - stride))


def _grid_coordinates(indices, stride, size, alignment):
    positions = grid_positions(indices, stride, size, alignment)
    return axis_coordinates(positions, size, image_alignment(alignment))


def _mesh(*axes):
    """Combines `(..., W)`, `(..., H)` for x, y to `(..., H, W, 2)`; so for any axes."""
    coords = []
    for i, values in enumerate(axes):
        faster = [(j, -1) for j in reversed(range(i))]
        slower = [(j, -j - 1) for j in range(i + 1, len(axes))]
        for j, place in faster + slower:
            size = ops.shape(axes[j])[-1]
            values = ops.repeat(ops.expand_dims(values, place), size, axis=place)
        coords.append(values)
    return ops.stack(coords, axis=-1)


def _check_alignment(alignment, choices=ALIGNMENTS):
    if alignment not in choices:
        raise ValueError(
            f"`alignment` must be one of {choices}. Received: {alignment=}"
        )
