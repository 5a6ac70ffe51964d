"""Cells of coarser lattices that the points of a multi-scale INR read.

A multi-scale INR has a lattice of cells for each level, in `center` alignment over
the frame and without end beyond it. A point lies in one cell of each lattice
(`nearest`), or between four (`bilinear`). Only cells that points read are evaluated:
`plan` lists them, `read` passes their features to the next level.

Points form groups, patches of rows x columns points. Without a hint, each point is a
group; with one, all points are a single group and share cells. The number of cells is
static, their places are not.
"""

import math
import typing

import numpy as np
from keras import ops

from inr_keras import coordinates


class Axis(typing.NamedTuple):
    """Samples of one axis of a level, and where the next finer level reads them."""

    positions: typing.Any  # In the frame: (batch or 1, groups, samples).
    extent: float  # Largest distance of the first from the last, in the frame.
    # Sample that each finer sample reads, (batch or 1, groups, finer samples); None:
    # the sample of its own number.
    index: typing.Any = None
    weight: typing.Any = None  # Weight of the sample after `index`; None: nearest.


class Level(typing.NamedTuple):
    """Samples of a level, a grid of y times x in each group."""

    resolution: int
    y: Axis
    x: Axis

    @property
    def samples(self):
        """Number of rows and of columns of a group."""
        return self.y.positions.shape[-1], self.x.positions.shape[-1]

    def coords(self):
        """Returns all coordinates, `(batch or 1, groups * rows * columns, 2)`."""
        rows, columns = self.samples
        x = ops.repeat(self.x.positions[..., None, :], rows, axis=-2)
        y = ops.repeat(self.y.positions[..., None], columns, axis=-1)
        mesh = ops.stack([x, y], axis=-1)
        groups = ops.shape(self.x.positions)[1]
        return _reshape(mesh, groups * rows * columns, 2)


def doubling_sides(input_resolution, resolution):
    """Lists the powers of two from one side to another."""
    for name, value in (
        ("resolution", resolution),
        ("input_resolution", input_resolution),
    ):
        if value < 4 or value & (value - 1):
            raise ValueError(
                f"`{name}` must be a power of two from 4. Received: {value}"
            )
    if input_resolution > resolution:
        raise ValueError(
            "`input_resolution` must be at most `resolution`. "
            f"Received: {input_resolution=}, {resolution=}"
        )
    first, last = input_resolution.bit_length(), resolution.bit_length()
    return [2 ** (i - 1) for i in range(first, last + 1)]


def grid_hint(generator, rows, columns, spacing):
    """Returns the argument that describes a patch to `synthesis`, if it takes one.

    Args:
        generator: INRGenerator, or an object with `takes_grid`.
        rows, columns, spacing: See `plan`.
    """
    return {"grid": (rows, columns, spacing)} if generator.takes_grid else {}


def plan(coords, resolutions, upsampling, grid=None):
    """Lists the cells that points read.

    Args:
        coords: float32 tensor `(batch or 1, points, 2)`.
        resolutions: Sequence of int. Sides of the levels, coarse to fine.
        upsampling: str. `"nearest"`: a point reads the cell that it lies in, and a
            cell reads the coarser cell that its middle lies in. `"bilinear"`: the
            position u of a finer lattice of R' cells a side reads the position
            u (R - 1) / (R' - 1) of the coarser lattice of R cells a side, in units of
            cells: the middles of the corner cells coincide (`align_corners=True`).
        grid: `None`, or a hint that the points are a patch: its rows, columns and
            largest distance of neighbours in the frame, plain numbers. The points
            are listed row by row, with x and y growing.

    Returns:
        List of `Level`, coarse to fine. The samples of the last are the points.
    """
    rows, columns, spacing = grid or (1, 1, 0.0)
    if rows < 1 or columns < 1 or spacing < 0:
        raise ValueError(
            f"`grid` must be positive rows, columns and spacing. Received: {grid}"
        )
    points = coords.shape[1]
    if grid and points not in (None, rows * columns):
        raise ValueError(
            f"`grid` must have as many points as `coords` ({points}). Received: {grid}"
        )
    groups = 1 if grid else ops.shape(coords)[1]
    mesh = _reshape(coords, groups, rows, columns, 2)
    x = Axis(mesh[:, :, 0, :, 0], (columns - 1) * spacing)
    y = Axis(mesh[:, :, :, 0, 1], (rows - 1) * spacing)
    return _levels(y, x, resolutions, upsampling, whole=False)


def plan_whole(resolutions, upsampling):
    """Lists the cells that all cells of the finest lattice in the frame read."""
    side = resolutions[-1]
    positions = _cell_middles(np.arange(side, dtype="float32"), side)
    axis = Axis(ops.reshape(positions, (1, 1, side)), 2.0 - 2.0 / side)
    return _levels(axis, axis, resolutions, upsampling, whole=True)


def read(values, coarse, fine):
    """Reads the features of a level at the samples of the next finer level.

    Args:
        values: Tensor `(batch, groups * rows * columns, channels)`, features of the
            samples of `coarse`.
        coarse: Level.
        fine: Level, the next finer one.

    Returns:
        Tensor `(batch, groups * rows * columns, channels)` for the samples of `fine`.
    """
    channels = values.shape[-1]
    rows, columns = coarse.samples
    groups = ops.shape(coarse.y.positions)[1]
    # Whole rows first, then their points.
    values = _reshape(values, groups * rows, columns * channels)
    values = _read_axis(values, coarse.y, rows)
    values = _reshape(values, groups * fine.samples[0] * columns, channels)
    x = coarse.x
    if x.index is not None:
        x = x._replace(
            index=_repeat_rows(x.index, fine.samples[0]),
            weight=None
            if x.weight is None
            else _repeat_rows(x.weight, fine.samples[0]),
        )
    return _read_axis(values, x, columns)


def _levels(y, x, resolutions, upsampling, whole):
    levels = [Level(resolutions[-1], y, x)]
    for resolution, finer in zip(resolutions[-2::-1], resolutions[:0:-1]):
        if upsampling == "nearest":
            y, x = (_nearest(axis, resolution, whole) for axis in (y, x))
        else:
            y, x = (_bilinear(axis, resolution, finer, whole) for axis in (y, x))
        levels.append(Level(resolution, y, x))
    return levels[::-1]


def _nearest(axis, resolution, whole):
    cells = ops.floor((axis.positions + 1.0) * (resolution / 2))
    # Cells lie in coarser cells, so that the points' extent bounds all levels.
    count = math.ceil(axis.extent * resolution / 2) + 1
    if count >= axis.positions.shape[-1] and not whole:
        return Axis(_cell_middles(cells, resolution), axis.extent)
    cells, index, _ = _window(cells, resolution if whole else count, whole, 1)
    return Axis(_cell_middles(cells, resolution), axis.extent, index)


def _bilinear(axis, resolution, finer, whole):
    ratio = (resolution - 1) / (finer - 1)
    position = coordinates.lattice_positions(axis.positions, finer, "center")
    position = position * ratio
    extent = math.ceil(axis.extent * finer / 2 * ratio) + 1  # In cells.
    samples = axis.positions.shape[-1]
    if extent + 1 >= 2 * samples and not whole:
        first = ops.floor(position)
        cells = ops.stack([first, first + 1.0], axis=-1)
        cells = _reshape(cells, ops.shape(position)[1], 2 * samples)
        index = 2 * ops.arange(samples, dtype="int32")
        index = ops.broadcast_to(index, ops.shape(position))
        weight = position - first
    else:
        count = resolution if whole else extent + 1
        cells, index, weight = _window(position, count, whole, 2)
    positions = _cell_middles(cells, resolution)
    return Axis(positions, extent * 2.0 / resolution, index, weight)


def _window(position, count, whole, reads):
    """Lists `count` cells in a row, and where positions read `reads` of them."""
    first = ops.floor(position[..., :1])
    first = ops.zeros_like(first) if whole else first
    cells = first + ops.arange(count, dtype="float32")
    index = ops.floor(position) - first
    index = ops.clip(index, 0.0, float(count - reads))
    return cells, ops.cast(index, "int32"), position - first - index


def _cell_middles(cells, resolution):
    return coordinates.axis_coordinates(cells, resolution, "center")


def _repeat_rows(values, rows):
    """Repeats (batch, groups, columns) to (batch, groups * rows, columns)."""
    groups, columns = ops.shape(values)[1:]
    values = ops.repeat(values[:, :, None], rows, axis=2)
    return _reshape(values, groups * rows, columns)


def _read_axis(values, axis, samples):
    """Reads along one axis of `(batch, groups * samples, channels)`."""
    if axis.index is None:
        return values
    groups, count = ops.shape(axis.index)[1:]
    starts = ops.arange(groups, dtype="int32")[None, :, None] * samples
    index = _reshape(axis.index + starts, groups * count)
    if axis.weight is None:
        return _take_samples(values, index)
    weight = _reshape(axis.weight, groups * count, 1)
    weight = ops.cast(weight, values.dtype)
    before, after = _take_samples(values, index), _take_samples(values, index + 1)
    return before + (after - before) * weight


def _take_samples(values, index):
    """Takes samples of each image, by an index of shape `(batch or 1, count)`."""
    batch, count = ops.shape(values)[0], ops.shape(values)[1]
    starts = ops.expand_dims(ops.arange(batch, dtype="int32") * count, axis=1)
    flat = ops.reshape(values, (-1, values.shape[-1]))
    return ops.take(flat, index + starts, axis=0)


def _reshape(values, *shape):
    """Reshapes to `(batch, *shape)` and keeps every known size known."""
    batch = values.shape[0]
    if batch is None:
        known = all(isinstance(size, int) for size in shape)
        batch = -1 if known else ops.shape(values)[0]
    return ops.reshape(values, (batch, *shape))
