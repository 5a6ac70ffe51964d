"""Three-dimensional shapes of files, as signed distances at points."""

import dataclasses
import pathlib
import typing

import numpy as np
import scipy.ndimage
import scipy.spatial

from inr_keras import extras
from inr_keras.data import triangles

MESHES = (".obj", ".stl", ".ply", ".off")
VOXELS = (".npy",)
MAX_FACES = 2_000_000
MAX_SIDE = 256  # Voxels on a side.
_FILL = 0.9  # Half of the longest side, in a frame from -1 to 1.
_BAND = 0.1  # Distance from the surface at which values end, in the frame.
_SAMPLES = 200_000  # Points of the surface, near which a mesh's points lie.
_UNIFORM = 60_000  # Further points anywhere in the frame.
_DEVIATIONS = (0.01, 0.05)  # Distances of points from the surface.


class UnreadableShapeError(ValueError):
    """Error of a file that holds no usable shape; the message says why."""


@dataclasses.dataclass
class Shape:
    """Shape in the frame [-1, 1] of x, y and z, whose longest side takes 90 % of it.

    Attributes:
        coords: float32 array `(points, 3)`, most of them near the surface.
        values: float32 array `(points, 1)`: signed distances, positive inside, divided
            by the width of a band around the surface and cut to [-1, 1].
        offset: float array `(3,)`. The frame's middle, in units of the file.
        unit: float. Length of the frame's unit, in units of the file.
        contains: Function that tells which of `(points, 3)` coordinates are inside.
        surface: Vertices and faces of a mesh, in the frame; `None` for voxels.
    """

    coords: np.ndarray
    values: np.ndarray
    offset: np.ndarray
    unit: float
    contains: typing.Callable
    surface: tuple | None = None


def read_shape(path, seed=0):
    """Reads a closed mesh or a `.npy` file of voxels.

    Voxels are bool, or numbers that count as inside above one half, or above 127 where
    there are numbers above 1; their axes are x, y, z, and a voxel is the unit.

    Args:
        path: str or path.
        seed: int. Seed of the points.

    Returns:
        Shape.

    Raises:
        UnreadableShapeError: The file holds no usable shape; the message says why.
    """
    path = pathlib.Path(path)
    if not path.stat().st_size:
        raise UnreadableShapeError("empty file")
    random = np.random.default_rng(seed)
    if path.suffix.lower() in VOXELS:
        return _shape_of_voxels(_read_voxels(path), random)
    return _shape_of_mesh(_read_mesh(path), seed, random)


def _read_mesh(path):
    try:
        import trimesh
    except ImportError as error:
        raise UnreadableShapeError(
            f"no program to read it: {extras.install('signals')}"
        ) from error
    try:
        mesh = trimesh.load(path, force="mesh")
        mesh.merge_vertices(merge_tex=True, merge_norm=True)
        count = len(mesh.faces)
    except Exception as error:  # Readers of meshes raise almost anything.
        raise UnreadableShapeError("not a mesh") from error
    if not count or not np.isfinite(mesh.vertices).all():
        raise UnreadableShapeError("no triangles")
    if count > MAX_FACES:
        raise UnreadableShapeError(f"too large ({count} triangles)")
    if not mesh.is_watertight:
        edges = np.unique(mesh.edges_sorted, axis=0, return_counts=True)[1]
        raise UnreadableShapeError(
            f"not watertight: {np.sum(edges != 2)} edges without two triangles"
        )
    return mesh


def _shape_of_mesh(mesh, seed, random):
    from trimesh import sample
    from trimesh import triangles as formulas

    low, high = mesh.bounds
    offset, unit = (low + high) / 2.0, (high - low).max() / 2.0 / _FILL
    mesh.apply_translation(-offset)
    mesh.apply_scale(1.0 / unit)
    on_surface, face = sample.sample_surface(mesh, _SAMPLES, seed=seed)[:2]
    near = np.array(on_surface)
    for number, deviation in enumerate(_DEVIATIONS):
        part = near[number :: len(_DEVIATIONS)]
        part += random.normal(scale=deviation, size=part.shape)
    coords = np.concatenate([near, random.uniform(-1, 1, (_UNIFORM, 3))])
    # The nearest triangle is among those of the nearest samples.
    _, neighbours = scipy.spatial.cKDTree(on_surface).query(coords, k=4)
    distance = np.full(len(coords), np.inf)
    for column in face[neighbours].T:
        nearest = formulas.closest_point(mesh.triangles[column], coords)
        distance = np.minimum(distance, np.linalg.norm(coords - nearest, axis=1))

    def contains(points):
        return triangles.inside(mesh.vertices, mesh.faces, points)

    shape = _shape(coords, distance, contains(coords), offset, unit, contains)
    shape.surface = np.array(mesh.vertices), np.array(mesh.faces)
    return shape


def _read_voxels(path):
    try:
        voxels = np.load(path, allow_pickle=False)
        voxels = np.asarray(voxels)
    except Exception as error:  # NumPy's reader raises almost anything.
        raise UnreadableShapeError("not an array") from error
    if voxels.ndim != 3 or not 2 <= min(voxels.shape, default=0):
        raise UnreadableShapeError(f"an array of shape {voxels.shape}, not three axes")
    if max(voxels.shape) > MAX_SIDE:
        raise UnreadableShapeError(f"more than {MAX_SIDE} voxels a side")
    if voxels.dtype.kind not in "biuf":
        raise UnreadableShapeError(f"an array of {voxels.dtype}, not of numbers")
    if not np.isfinite(voxels).all():
        raise UnreadableShapeError("numbers that are not finite")
    inside = voxels > (127 if voxels.max() > 1 else 0.5)
    if not inside.any():
        raise UnreadableShapeError("no voxel is inside")
    return inside


def _shape_of_voxels(inside, random):
    sizes = np.array(inside.shape)
    unit = sizes.max() / 2.0 / _FILL  # In voxels.
    offset = sizes / 2.0
    margin = int(np.ceil(unit - sizes.max() / 2.0))
    padded = np.pad(inside, margin)
    distance = scipy.ndimage.distance_transform_edt(padded)
    distance += scipy.ndimage.distance_transform_edt(~padded)
    distance = (distance.ravel() - 0.5) / unit
    places = np.indices(padded.shape).reshape(3, -1).T - margin + 0.5
    coords = (places - offset) / unit
    close = distance < max(_BAND, 3.0 / unit)
    far = np.flatnonzero(~close)
    far = random.permutation(far)[: close.sum()]
    chosen = np.concatenate([np.flatnonzero(close), far])

    def contains(points):
        index = np.floor(np.asarray(points, "float64") * unit + offset).astype("int64")
        within = ((index >= 0) & (index < sizes)).all(axis=1)
        index = np.clip(index, 0, sizes - 1)
        return within & inside[tuple(index.T)]

    return _shape(
        coords[chosen],
        distance[chosen],
        padded.ravel()[chosen],
        offset,
        unit,
        contains,
        max(_BAND, 2.0 / unit),
    )


def _shape(coords, distance, is_inside, offset, unit, contains, band=_BAND):
    values = np.where(is_inside, distance, -distance) / band
    values = np.clip(values, -1.0, 1.0)[:, None]
    return Shape(
        coords.astype("float32"),
        values.astype("float32"),
        np.asarray(offset, "float64"),
        float(unit),
        contains,
    )
