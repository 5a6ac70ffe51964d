"""Solids in cubes of samples: inflated silhouettes, and arrays of files."""

import numpy as np
import scipy.ndimage

from inr_keras.data.complaints import UnreadableImageError

_SUPERSAMPLING = 4  # Pixels of a silhouette for a sample, on each axis.
_EDGE = 1.5  # Samples over which the field passes from full to empty.
_THICKNESS = 0.8  # Depth of the inflated shape, relative to a ball's.
_ROOM = 0.9  # Share of the cube's side that a silhouette fills.


def inflate(opacity, resolution):
    """Inflates a silhouette to a solid, as if it were a cushion.

    At a distance d from the outline, where the largest one is R, the surface lies
    0.8 sqrt(R^2 - (R - d)^2) before and behind the middle: a disc becomes a
    flattened ball. Holes stay open.

    Args:
        opacity: uint8 array `(side, side)`, above 127 inside, of a side that is a
            multiple of `resolution`.
        resolution: int. Samples on each axis.

    Returns:
        uint8 array `(resolution, resolution, resolution, 1)` in the order z, y, x: 255
        inside, 0 outside, and the surface where it passes 127.5. The field between is a
        distance along z, so that it can be resampled.
    """
    mask = np.asarray(opacity) > 127
    factor = len(mask) // resolution
    distance = scipy.ndimage.distance_transform_edt(mask) / factor
    # Outside, the height is negative, by the distance from the outline.
    outside = scipy.ndimage.distance_transform_edt(~mask) / factor
    radius = max(distance.max(), 1e-6)
    height = _THICKNESS * np.sqrt(np.maximum(radius**2 - (radius - distance) ** 2, 0.0))
    height = np.where(mask, np.minimum(height, 0.45 * resolution), -outside)
    shape = (resolution, factor, resolution, factor)
    height = height.reshape(shape).mean(axis=(1, 3))
    depth = np.abs(np.arange(resolution) + 0.5 - resolution / 2.0)
    field = height[None] - depth[:, None, None]
    share = np.clip(field / _EDGE + 0.5, 0.0, 1.0)
    return np.rint(share * 255.0).astype("uint8")[..., None]


def silhouette(path, resolution):
    """Draws the silhouette of an OpenMoji file, 4 times `resolution` pixels a side."""
    from inr_keras.data.openmoji import svg_images

    side = resolution * _SUPERSAMPLING
    inner = int(side * _ROOM)
    lead = (side - inner) // 2
    opacity = svg_images.rasterize(path, inner, transparent=True)[..., 3]
    return np.pad(opacity, ((lead, side - inner - lead),) * 2)


def read_solid(path, resolution):
    """Reads a cube of samples from a .npy file.

    Args:
        path: Path of an array `(side, side, side)` in the order z, y, x: of bool, of
            uint8, or of floats in [0, 1]; inside is above the middle. Its side is a
            multiple of `resolution`, to which blocks of samples are averaged.

    Returns:
        uint8 array `(resolution, resolution, resolution, 1)`.

    Raises:
        UnreadableImageError: The file holds no such array.
    """
    try:
        field = np.asarray(np.load(path, allow_pickle=False))
    except Exception as error:  # Damaged files raise whatever they like.
        reason = " ".join(str(error).split()) or type(error).__name__
        raise UnreadableImageError(reason) from error
    is_cube = field.ndim == 3 and len(set(field.shape)) == 1 and field.size
    if not is_cube or field.shape[0] % resolution:
        raise UnreadableImageError(
            f"{field.shape} is no cube of a side that is a multiple of {resolution}"
        )
    if field.dtype.kind not in "buf":
        raise UnreadableImageError(f"numbers of type {field.dtype}")
    top = float(np.iinfo(field.dtype).max) if field.dtype.kind == "u" else 1.0
    field = field.astype("float64") / top
    if not (np.isfinite(field).all() and field.min() >= 0 and field.max() <= 1):
        raise UnreadableImageError("numbers that are not from 0 to 1")
    factor = len(field) // resolution
    blocks = field.reshape((resolution, factor) * 3).mean(axis=(1, 3, 5))
    return np.rint(blocks * 255.0).astype("uint8")[..., None]
