"""Surfaces: maps from the pixels of an image to points of a generator's frame.

A surface has `height` and `width` in pixels and `axes`, the number of its coordinates.
`patches(rows, columns)` takes positions of pixels, also fractions and positions beyond
the border, and returns a list of `Patch`, the points to draw there. The coordinates of
a position do not depend on the positions beside it. Where a surface `wraps`, its last
column is beside its first.
"""

import typing

import numpy as np

from inr_keras import coordinates
from inr_keras import rectangles
from inr_keras.naming import first_line
from inr_keras.naming import renaming

FRAME = (-1.0, -1.0, 1.0, 1.0)
SURFACES = ("plane", "cylinder", "sphere", "cube")
ENDINGS = (".npy", ".npz")
# Width and height of an image whose height alone is known, in heights.
ASPECTS = {"sphere": (2, 1), "cube": (6, 1)}
_SEAM = 0.125  # Share of a panorama in which its ends are blended.


class Patch(typing.NamedTuple):
    """Points of an image, and their share of its colours."""

    coords: typing.Any  # float32 (rows, columns, axes).
    share: typing.Any = None  # Weights of their colours, (columns,); None: 1.
    columns: slice = slice(None)  # Of the columns that were asked for.


class Plane:
    """Rectangle of the frame, which may reach beyond it.

    Args:
        box: x0, y0, x1, y1.
        height, width: int. In pixels.
        alignment: str. As in `coordinates.region`.
    """

    axes = 2
    wraps = False

    def __init__(self, box, height, width, alignment):
        self.box = box = rectangles.checked_box(box)
        self.height = height
        self.width = width
        self.alignment = alignment
        ends = alignment == "corner"
        # Largest distance of neighbours. Where it is not `None`, a patch's points
        # are rows x columns with x and y growing; see `lattices.plan`.
        self.spacing = max(
            (box[2] - box[0]) / max(width - ends, 1),
            (box[3] - box[1]) / max(height - ends, 1),
        )
        self.patches([0], [0])  # Refuses sizes below 1.

    def patches(self, rows, columns):
        coords = coordinates.region(
            self.box, self.height, self.width, self.alignment, rows, columns
        )
        return [Patch(np.asarray(coords))]


class BlendedCylinder:
    """Panorama of 360 degrees from a generator of flat images.

    Column p of W stands at the angle 2 pi p / W, column W is column 0 again. The
    region `box` is rolled up: eight ninths of it make the full turn, and in the
    first eighth of the turn the last ninth is faded out over the first, so that
    both ends of the image show the same points. All points are in the box, none
    is extrapolated. (Mirrored coordinates would close the seam too, but show
    everything twice; here two parts overlap, in a small region.)

    Args:
        box, height, width, alignment: See `Plane`; `alignment` is that of rows.
    """

    axes = 2
    wraps = True

    def __init__(self, box, height, width, alignment):
        x0, y0, x1, y1 = rectangles.checked_box(box)
        self.period = (x1 - x0) / (1.0 + _SEAM)
        self.box = box
        self.height = height
        self.width = width
        self.alignment = alignment
        ends = alignment == "corner"
        self.spacing = max(self.period / width, (y1 - y0) / max(height - ends, 1))

    def patches(self, rows, columns):
        turns = np.asarray(columns, "float64") / self.width
        share = np.clip(turns / _SEAM, 0.0, 1.0).astype("float32")
        seam = slice(0, int(np.sum(share < 1)))  # Columns grow.
        patches = [self._patch(rows, turns, share, slice(None))]
        if seam.stop:
            other = self._patch(rows, turns[seam] + 1.0, 1 - share[seam], seam)
            patches.append(other)
        return patches

    def _patch(self, rows, turns, share, columns):
        x0, y0, _, y1 = self.box
        coords = coordinates.region(
            (x0, y0, x0 + self.period, y1),
            self.height,
            1,
            self.alignment,
            rows,
            np.zeros(1),
        )
        coords = np.repeat(np.asarray(coords), len(turns), axis=1)
        coords[..., 0] = x0 + self.period * turns
        return Patch(coords, share, columns)


class Cylinder:
    """Panorama of 360 degrees on the unit cylinder of a frame of 3 axes.

    As in CIPS, the angle enters as a point of a circle, so that the image wraps by
    itself. It is for generators that were trained on three axes.
    Column p of W is (sin a, y, cos a) at a = 2 pi p / W - pi, the middle
    column in front, at z = 1; y runs from -1 down to 1.

    Args:
        height, width: int. In pixels.
        alignment: str. Alignment of rows.

    References:
        - [Anokhin et al., 2020](https://arxiv.org/abs/2011.13775).
    """

    axes = 3
    spacing = None
    wraps = True

    def __init__(self, height, width, alignment):
        self.height = height
        self.width = width
        self.alignment = alignment

    def patches(self, rows, columns):
        y = coordinates.axis_coordinates(rows, self.height, self.alignment)
        y = np.asarray(y)[:, None]
        angle = _longitude(columns, self.width)[None]
        return [Patch(_stack(np.sin(angle), y, np.cos(angle)))]


class Sphere:
    """Directions all around, as an equirectangular image.

    Longitude runs from -180 degrees at column 0 to 180 at column W, which is
    column 0 again; 0 is in front. Rows are cells of equal latitude, the
    upper pole on top, and no pixel lies on a pole.

    Args:
        height, width: int. In pixels.
        project: Function from directions to points; see `on_sphere` and
            `mirrored`.
        axes: int. Number of coordinates of a point.
    """

    spacing = None
    wraps = True

    def __init__(self, height, width, project, axes):
        self.height = height
        self.width = width
        self.project = project
        self.axes = axes

    def patches(self, rows, columns):
        angle = _longitude(columns, self.width)[None]
        rows = np.asarray(rows, "float64")[:, None]
        latitude = np.pi * ((rows + 0.5) / self.height - 0.5)  # Down is up.
        directions = np.broadcast_arrays(
            np.sin(angle) * np.cos(latitude),
            np.sin(latitude),
            np.cos(angle) * np.cos(latitude),
        )
        return [Patch(self.project(*directions))]


class Cube:
    """Directions all around, as six faces of a cube side by side.

    Front, right, back, left, top and bottom, seen from inside. The first and
    last pixels of a face lie on the cube's edges, which two faces share.

    Args:
        side: int. Side of a face, in pixels.
        project, axes: See `Sphere`.
    """

    spacing = None
    wraps = False

    def __init__(self, side, project, axes):
        self.height = side
        self.width = 6 * side
        self.project = project
        self.axes = axes

    def patches(self, rows, columns):
        side = self.height
        columns = np.asarray(columns, "float64")[None]
        # A pixel reaches half a pixel to each side of its position.
        face = np.clip((columns + 0.5) // side, 0, 5).astype(int)
        step = 2.0 / max(side - 1, 1)
        origin = -1.0 if side > 1 else 0.0
        s = origin + step * (columns - face * side)
        t = origin + step * np.asarray(rows, "float64")[:, None]
        s, t, one = np.broadcast_arrays(s, t, 1.0)
        face = np.broadcast_to(face, s.shape)
        # x to the right, y down, z to the front, for each face.
        axes = (
            (s, one, -s, -one, s, s),
            (t, t, t, t, -one, one),
            (one, -s, -one, s, t, -t),
        )
        x, y, z = (np.choose(face, axis) for axis in axes)
        length = np.sqrt(x * x + y * y + z * z)
        return [Patch(self.project(x / length, y / length, z / length))]


class Map:
    """Any points: an array with the coordinates of each pixel.

    Args:
        coords: float32 array `(height, width, axes)`. Positions between
            pixels are interpolated, those beyond the border go straight on.
    """

    spacing = None
    wraps = False

    def __init__(self, coords):
        self.coords = coords
        self.height, self.width, self.axes = coords.shape

    def patches(self, rows, columns):
        top, down = _split_positions(rows, self.height)
        left, right = _split_positions(columns, self.width)
        coords = self._rows(top, left, right)
        if down is not None:
            below = self._rows(top + (self.height > 1), left, right)
            coords = coords + (below - coords) * down[:, None, None]
        return [Patch(np.asarray(coords, "float32"))]

    def _rows(self, rows, left, right):
        rows = self.coords[rows]
        coords = rows[:, left]
        if right is None:
            return coords
        after = rows[:, left + (self.width > 1)]
        return coords + (after - coords) * right[None, :, None]


def on_sphere(x, y, z):
    """Projects directions to the unit sphere of a frame of 3 axes."""
    return _stack(x, y, z)


def mirrored(box):
    """Returns a projection of directions to a flat image, for `Sphere` and `Cube`.

    The front half of the sphere shows the circle in `box`, as far from its
    middle as the direction is from the front (azimuthal equidistant); the back
    half shows it again, mirrored. So there is no seam, and the poles are points
    like others, unlike those of longitude and latitude as x and y; the corners of
    the box are not seen.
    """
    x0, y0, x1, y1 = rectangles.checked_box(box)

    def project(x, y, z):
        distance = np.hypot(x, y)
        radius = np.arctan2(distance, np.abs(z)) * (2.0 / np.pi)
        # In the middle, the limit from all sides.
        near = distance < 1e-12
        scale = np.where(near, 0.0, radius / np.where(near, 1.0, distance))
        return _stack(
            (x0 + x1) / 2 + (x1 - x0) / 2 * scale * x,
            (y0 + y1) / 2 + (y1 - y0) / 2 * scale * y,
        )

    return project


def surface(name, generator, height=None, width=None, box=FRAME):
    """Creates a surface by its name and size.

    Args:
        name: str. One of `SURFACES`, or the path of a map; see `load_map`.
        generator: Generator of two axes, or of three for a cylinder or a sphere
            in its volume.
        height: int. In pixels; the side of a face for a cube. Defaults to the
            generator's resolution.
        width: int. Defaults to `height` times `ASPECTS`.
        box: x0, y0, x1, y1 of a frame of two axes.
    """
    axes = generator.coord_dim
    if name not in SURFACES:
        with renaming({"path": "name"}):
            found = Map(load_map(name, axes))
        if (height, tuple(box)) != (None, FRAME):
            raise ValueError(
                "`name` must not be a map where `height` or `box` is given: a map has "
                f"its own. Received: {name!r}"
            )
        return found
    if axes not in (2, 3) or (axes == 3 and name == "plane"):
        raise ValueError(
            "`name` must fit the generator's axes: cylinder, sphere, cube or a map "
            "for 3 axes, a map for other numbers but 2. "
            f"Received: {name!r} for {axes} axes"
        )
    if axes == 3 and tuple(box) != FRAME:
        raise ValueError(
            "`box` must be that of a frame of 2 axes. "
            f"Received: {box} for a generator of 3"
        )
    height = height or generator.resolution
    across, down = ASPECTS.get(name, (1, 1))
    width = width or height * across // down
    alignment = generator.alignment
    if name == "plane":
        return Plane(box, height, width, alignment)
    if name == "cylinder":
        if axes == 3:
            return Cylinder(height, width, alignment)
        return BlendedCylinder(box, height, width, alignment)
    project = on_sphere if axes == 3 else mirrored(box)
    if name == "sphere":
        return Sphere(height, width, project, axes)
    if width != 6 * height:
        raise ValueError(
            "`height` must be the side of a cube's face, or 6 times as wide as "
            f"high. Received: {width}x{height}"
        )
    return Cube(height, project, axes)


def load_map(path, axes=2):
    """Loads coordinates from a `.npy` file, or a `.npz` file of one array.

    The numbers of a `.npy` file are read from the disk as they are drawn.
    """
    rule = (
        f"be {', '.join(SURFACES)} or a .npy or .npz file of one float32 "
        f"array (height, width, {axes}) of finite numbers"
    )
    path = str(path)
    if not path.lower().endswith(ENDINGS):
        raise ValueError(f"`path` must {rule}. Received: {path!r}")
    try:
        coords = np.load(path, mmap_mode="r", allow_pickle=False)
        if isinstance(coords, np.lib.npyio.NpzFile):
            with coords as arrays:
                names = list(arrays)
                coords = arrays[names[0]] if len(names) == 1 else None
        problem = "no such array"
        if isinstance(coords, np.ndarray):
            problem = f"{coords.dtype} {coords.shape}"
            if (
                coords.dtype == np.float32
                and coords.ndim == 3
                and coords.shape[-1] == axes
                and coords.size
            ):
                if all(np.isfinite(row).all() for row in coords):
                    return coords
                problem = "numbers that are not finite"
    except FileNotFoundError:
        problem = "no file"
    except Exception as error:  # Damaged files raise whatever they like.
        problem = first_line(error)
    raise ValueError(f"`path` must {rule}. Received: {path!r}, {problem}")


def _longitude(columns, width):
    # Before the sine, so that the end of a turn is exactly its beginning.
    return np.mod(np.asarray(columns, "float64"), width) * (2.0 * np.pi / width) - np.pi


def _split_positions(positions, size):
    """Splits positions into whole numbers and fractions (`None` if all are 0)."""
    positions = np.asarray(positions, "float64")
    whole = np.clip(np.floor(positions), 0, max(size - 2, 0)).astype(int)
    rest = (positions - whole).astype("float32")
    if not np.any(np.mod(positions, 1.0)):
        return positions.astype(int), None
    return whole, rest


def _stack(*axes):
    axes = np.broadcast_arrays(*axes)
    return np.stack(axes, axis=-1).astype("float32")
