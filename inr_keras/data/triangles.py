"""Triangles that cover points of a plane, and points inside a closed mesh."""

import numpy as np

# Pairs of a triangle and a point that are held at once: they fit into caches.
PAIRS = 100_000
_CELLS = 512  # Most cells on a side of the grid that sorts triangles by place.


def repeated(counts):
    """Repeats each index i `counts[i]` times, and numbers the repetitions from 0.

    Args:
        counts: int array.

    Returns:
        Two int arrays of length `sum(counts)`.
    """
    number = np.repeat(np.arange(len(counts)), counts)
    first = np.repeat(np.cumsum(counts) - counts, counts)
    return number, np.arange(len(number)) - first


def parts(counts, limit):
    """Yields slices whose counts add up to at most `limit`, or that hold one count."""
    ends = np.cumsum(counts)
    begin = 0
    while begin < len(counts):
        done = ends[begin - 1] if begin else 0
        end = max(begin + 1, int(np.searchsorted(ends, done + limit, side="right")))
        yield slice(begin, end)
        begin = end


def barycentric(corners, points):
    """Tests which points lie in their triangles, and finds their places there.

    Args:
        corners: float array `(count, 3, 2)`.
        points: float array `(count, 2)`.

    Returns:
        bool array `(count,)` and the barycentric coordinates `(count, 3)`.
    """
    # A row for each coordinate: NumPy is twice as fast on neighbours in memory.
    (ax, ay), (bx, by), (cx, cy) = np.ascontiguousarray(corners.transpose(1, 2, 0))
    x, y = np.ascontiguousarray(points.T)

    def area(px, py, qx, qy, rx, ry):
        return (qx - px) * (ry - py) - (qy - py) * (rx - px)

    whole = area(ax, ay, bx, by, cx, cy)
    whole = np.where(whole == 0.0, np.inf, whole)
    shares = np.stack(
        [
            area(x, y, bx, by, cx, cy),
            area(ax, ay, x, y, cx, cy),
            area(ax, ay, bx, by, x, y),
        ]
    )
    shares /= whole
    return np.isfinite(whole) & (shares >= -1e-9).all(axis=0), shares.T


def inside(vertices, faces, points):
    """Tests which points are inside a closed mesh, by the parity of crossings above.

    Mesh and points are turned first, so that no ray runs along edges that are parallel
    to the axes.

    Args:
        vertices: float array `(vertices, 3)`.
        faces: int array `(faces, 3)`.
        points: float array `(points, 3)`.

    Returns:
        bool array `(points,)`.
    """
    turn, _ = np.linalg.qr(np.random.default_rng(5).normal(size=(3, 3)))
    vertices = np.asarray(vertices, "float64") @ turn
    points = np.asarray(points, "float64") @ turn
    corners = vertices[faces]
    grid = _Grid(corners[..., :2])
    cells, within = grid.cells(points[:, :2])
    counts = np.where(within, grid.counts[cells], 0)
    odd = np.zeros(len(points), bool)
    for part in parts(counts, PAIRS):
        number, index = repeated(counts[part])
        number += part.start
        chosen = grid.triangles[grid.starts[cells[number]] + index]
        hit, shares = barycentric(corners[chosen, :, :2], points[number, :2])
        height = (corners[chosen, :, 2] * shares).sum(axis=1)
        above = number[hit & (height > points[number, 2])]
        odd[part] = np.bincount(above - part.start, minlength=len(odd[part])) % 2 == 1
    return odd


class _Grid:
    """Triangles of a plane, sorted by the cells that their extents touch."""

    def __init__(self, corners):
        self._low = corners.min(axis=(0, 1))
        self._side = int(np.clip(np.sqrt(len(corners)), 1, _CELLS))
        extent = np.maximum(corners.max(axis=(0, 1)) - self._low, 1e-30)
        self._per_unit = self._side / extent
        first, last = (
            np.clip(self._places(reduced(axis=1)), 0, self._side - 1)
            for reduced in (corners.min, corners.max)
        )
        sides = last - first + 1
        number, index = repeated(sides.prod(axis=1))
        column = first[number, 0] + index % sides[number, 0]
        row = first[number, 1] + index // sides[number, 0]
        cell = row * self._side + column
        self.triangles = number[np.argsort(cell, kind="stable")]
        self.counts = np.bincount(cell, minlength=self._side**2)
        self.starts = np.cumsum(self.counts) - self.counts

    def _places(self, points):
        return np.floor((points - self._low) * self._per_unit).astype("int64")

    def cells(self, points):
        """Returns the cell of each point, and whether the grid has one."""
        places = self._places(points)
        # The far border belongs to the last cell.
        within = ((places >= 0) & (places <= self._side)).all(axis=1)
        places = np.clip(places, 0, self._side - 1)
        return places[:, 1] * self._side + places[:, 0], within
