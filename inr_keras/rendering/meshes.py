"""Surfaces of three-dimensional fields, as meshes of triangles and their files."""

import pathlib
import typing

import numpy as np

from inr_keras import extras
from inr_keras.files import write_beside

ENDINGS = (".obj", ".stl", ".ply")


class Mesh(typing.NamedTuple):
    """Mesh of triangles.

    Attributes:
        vertices: float array `(vertices, 3)` of x, y, z.
        faces: int array `(faces, 3)`: numbers of vertices, counter-clockwise seen
            from outside.
    """

    vertices: np.ndarray
    faces: np.ndarray


def field_mesh(field, level=0.0, low=-1.0, high=1.0):
    """Finds the surface on which a field has a level, by marching cubes.

    Points beyond the samples count as outside, so that the mesh is closed.

    Args:
        field: float array `(width, height, depth)`, in the order x, y, z, greater than
            `level` inside. Samples are the middles of equal cells between `low` and
            `high`, as in `center` alignment.
        level: float. Defaults to `0`.
        low: float, or one for each axis. Where the first cells begin.
        high: float, or one for each axis. Where the last cells end.

    Returns:
        Mesh.

    Raises:
        ValueError: No sample is above `level`.

    References:
        - [Lewiner et al., 2003](https://doi.org/10.1080/10867651.2003.10487582), as
          implemented by scikit-image.
    """
    measure = extras.load("skimage.measure", "signals")
    field = np.asarray(field, "float32")
    if field.ndim != 3:
        raise ValueError(f"`field` must have three axes. Received: {field.shape}")
    if not (field > level).any():
        raise ValueError(
            f"`field` must be above {level} somewhere. Received: at most {field.max()}"
        )
    # As far below the level as the highest sample is above it.
    outside = min(field.min(), 2.0 * level - field.max())
    field = np.pad(field, 1, constant_values=outside)
    # "ascent" turns the triangles outwards; a test checks the sign.
    vertices, faces, *_ = measure.marching_cubes(
        field, level, gradient_direction="ascent"
    )
    low, high = np.broadcast_to(low, 3), np.broadcast_to(high, 3)
    cells = np.array(field.shape) - 2
    vertices = low + (high - low) * (vertices - 0.5) / cells
    return Mesh(vertices.astype("float32"), faces.astype("int32"))


def grid_coords(size, low=-1.0, high=1.0):
    """Coordinates of the samples that `field_mesh` takes.

    Args:
        size: int, or one for each axis.
        low, high: See `field_mesh`.

    Returns:
        float32 array `(width, height, depth, 3)` of x, y, z.
    """
    size, low, high = (np.broadcast_to(value, 3) for value in (size, low, high))
    axes = [
        first + (last - first) * (np.arange(count) + 0.5) / count
        for count, first, last in zip(size, low, high)
    ]
    return np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).astype("float32")


def check_mesh_path(path):
    """Raises an error unless a mesh can be written to a path.

    Raises:
        ValueError: The ending is not that of a mesh file.
        UnfitEnvironment: A package is missing.
    """
    path = pathlib.Path(path)
    if path.suffix.lower() not in ENDINGS:
        raise ValueError(
            f"`path` must end in {', '.join(ENDINGS)}. Received: {str(path)!r}"
        )
    extras.require("signals")


def save_mesh(path, mesh):
    """Writes a mesh as .obj, .stl or .ply, whole or not at all."""
    check_mesh_path(path)
    trimesh = extras.load("trimesh", "signals")
    made = trimesh.Trimesh(*mesh, process=False)
    kind = pathlib.Path(path).suffix[1:].lower()
    write_beside(path, lambda file: made.export(file, file_type=kind))
