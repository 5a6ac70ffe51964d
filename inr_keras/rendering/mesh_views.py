"""Shaded views of meshes, drawn with NumPy alone."""

import math

import numpy as np

from inr_keras.data import triangles

_COLOUR = (0.93, 0.70, 0.36)
# Directions to the lights, with x to the right, y upwards and z to the viewer, and
# their colours. They move with the viewer.
_LIGHTS = (
    ((-0.45, 0.75, 0.75), (0.80, 0.78, 0.74)),
    ((0.85, 0.15, 0.55), (0.16, 0.20, 0.28)),
    ((0.0, -1.0, 0.25), (0.10, 0.08, 0.08)),
)
_AMBIENT = 0.20
_SHINE = 0.22  # Strength of the highlight of the first light.
_EDGE = 0.35  # Darkening where a surface turns away.


def view(mesh, size=256, azimuth=35.0, elevation=20.0, colour=_COLOUR, radius=None):
    """Draws a mesh on white, lit from the upper left.

    The projection is orthographic and y points upwards. Normals are interpolated
    between vertices.

    Args:
        mesh: `(vertices, faces)`; see `Mesh`.
        size: int. Side of the image, in pixels.
        azimuth: float. Degrees that the viewer goes around the y axis, to the right.
        elevation: float. Degrees that the viewer stands above the plane y = 0.
        colour: Three floats in [0, 1], or an array `(vertices, 3)` of them.
        radius: float. Half of the side that the image shows, in units of the mesh,
            around the origin. Defaults to `None`: the mesh fills the image.

    Returns:
        uint8 array `(size, size, 3)`.
    """
    vertices, faces = np.asarray(mesh[0], "float64"), np.asarray(mesh[1])
    colours = np.broadcast_to(np.asarray(colour, "float64"), vertices.shape)
    middle = 0.0
    if radius is None:
        middle = (vertices.min(axis=0) + vertices.max(axis=0)) / 2.0
        radius = 1.05 * np.linalg.norm(vertices - middle, axis=1).max()
    turn = _rotation(azimuth, elevation)
    normals = _vertex_normals(vertices, faces) @ turn.T
    vertices = (vertices - middle) @ turn.T
    side = 2 * size  # Four points for each pixel.
    points = np.stack([vertices[:, 0], -vertices[:, 1]], axis=1)
    points = (points / radius + 1.0) * (side / 2.0) - 0.5
    triangle, shares = _visible(points[faces], vertices[:, 2][faces], side)
    image = np.ones((side * side, 3))
    hit = triangle >= 0
    corners = faces[triangle[hit]]
    shares = shares[hit][..., None]
    normal = (normals[corners] * shares).sum(axis=1)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
    image[hit] = _shade(normal, (colours[corners] * shares).sum(axis=1))
    image = image.reshape(size, 2, size, 2, 3).mean(axis=(1, 3))
    return np.rint(np.clip(image, 0.0, 1.0) * 255.0).astype("uint8")


def turntable(mesh, length=48, size=256, elevation=20.0, colour=_COLOUR):
    """Yields views of one turn around a mesh, to make a film of.

    Args:
        mesh: See `view`.
        length: int. Number of views.
        size, elevation, colour: See `view`.
    """
    vertices = np.asarray(mesh[0], "float64")
    middle = (vertices.min(axis=0) + vertices.max(axis=0)) / 2.0
    radius = 1.05 * np.linalg.norm(vertices - middle, axis=1).max()
    mesh = (vertices - middle, mesh[1])
    for number in range(length):
        angle = 35.0 + 360.0 * number / length
        yield view(mesh, size, angle, elevation, colour, radius)


def _rotation(azimuth, elevation):
    """Matrix that turns the viewer's direction to the z axis."""
    a, e = math.radians(azimuth), math.radians(elevation)
    around = [[math.cos(a), 0, -math.sin(a)], [0, 1, 0], [math.sin(a), 0, math.cos(a)]]
    above = [[1, 0, 0], [0, math.cos(e), -math.sin(e)], [0, math.sin(e), math.cos(e)]]
    return np.array(above) @ np.array(around)


def _vertex_normals(vertices, faces):
    """Normals of vertices: means of their triangles' normals, by area."""
    a, b, c = (vertices[faces[:, i]] for i in range(3))
    cross = np.cross(b - a, c - a)
    normals = np.zeros_like(vertices)
    for axis in range(3):
        for corner in range(3):
            normals[:, axis] += np.bincount(
                faces[:, corner], cross[:, axis], len(vertices)
            )
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    return normals / np.maximum(length, 1e-30)


def _visible(corners, depths, side):
    """Finds the nearest triangle at every point of a square of `side` points.

    Args:
        corners: float array `(triangles, 3, 2)`: columns and rows.
        depths: float array `(triangles, 3)`; the greatest is nearest.
        side: int.

    Returns:
        int array `(side ** 2,)`, -1 where there is none, and its barycentric
        coordinates there, `(side ** 2, 3)`.
    """
    nearest = np.full(side * side, -np.inf)
    triangle = np.full(side * side, -1)
    shares = np.zeros((side * side, 3))
    low = np.clip(np.ceil(corners.min(axis=1)), 0, side).astype("int64")
    high = np.clip(np.floor(corners.max(axis=1)) + 1, 0, side).astype("int64")
    extent = np.maximum(high - low, 0)
    counts = extent.prod(axis=1)
    for part in triangles.parts(counts, triangles.PAIRS):
        number, index = triangles.repeated(counts[part])
        number += part.start
        row, column = np.divmod(index, extent[number, 0])
        column += low[number, 0]
        row += low[number, 1]
        place = np.stack([column, row], axis=1)
        inside, share = triangles.barycentric(corners[number], place)
        number, share = number[inside], share[inside]
        place = (row * side + column)[inside]
        depth = (depths[number] * share).sum(axis=1)
        # NumPy keeps the last of several values for one place.
        rising = np.argsort(depth)
        rising = rising[depth[rising] > nearest[place[rising]]]
        place, number, share = place[rising], number[rising], share[rising]
        nearest[place], triangle[place] = depth[rising], number
        shares[place] = share
    return triangle, shares


def _shade(normals, colours):
    """Colours of points by the lights, from their normals."""
    light = np.full((len(normals), 3), _AMBIENT)
    for direction, strength in _LIGHTS:
        direction = np.array(direction) / np.linalg.norm(direction)
        # Wrapped around, as light from a large lamp.
        share = np.clip((normals @ direction + 0.25) / 1.25, 0.0, None)
        light += share[:, None] * np.array(strength)
    facing = np.clip(normals[:, 2], 0.0, 1.0)
    light *= (1.0 - _EDGE * (1.0 - facing) ** 3)[:, None]
    half = np.array(_LIGHTS[0][0]) / np.linalg.norm(_LIGHTS[0][0]) + (0.0, 0.0, 1.0)
    half /= np.linalg.norm(half)
    shine = np.clip(normals @ half, 0.0, None) ** 40
    return colours * light + _SHINE * shine[:, None]
