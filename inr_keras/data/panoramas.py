"""Panoramas of whole spheres, made from OpenMoji or read from files."""

import numpy as np
from PIL import Image

from inr_keras.data import image_files

# Filter of `read_panorama`, for passports of scores.
FILTER = "Lanczos, antialiased, of the whole panorama (Pillow)"
MADE = "none: made at the size of training"
_SHAPE_TOLERANCE = 0.1  # Of the ratio of width to height, which is 2.
_SUPERSAMPLING = 3  # Points of a pixel on each axis.
_COUNT = (3, 4)  # Pictures on a sphere, from and to.
_DIAMETER = (72.0, 86.0)  # Degrees, from and to.
_LATITUDE = 14.0  # Degrees that middles lie off the horizon, at most.
_SKIES = ((0.45, 0.70, 0.95), (0.62, 0.55, 0.85), (0.98, 0.70, 0.50))
_GROUNDS = ((0.42, 0.62, 0.30), (0.76, 0.66, 0.42), (0.50, 0.58, 0.62))


def make_panorama(pictures, seed, resolution):
    """Makes a panorama: sky, ground and some pictures around the horizon.

    Pictures stand at random longitudes without overlap, the first of them anywhere, so
    that no meridian is different from others. Each is painted on the plane that
    touches the sphere in its middle, and so gets the distortion of its latitude.

    Args:
        pictures: uint8 array `(count, side, side, 4)` with opacity.
        seed: int. Decides everything that is random.
        resolution: int. Rows, and columns: those of a panorama of twice the width are
            averaged in pairs.

    Returns:
        uint8 array `(resolution, resolution, 3)`. Column p of W begins at the longitude
        360 p / W - 180 degrees.
    """
    rng = np.random.default_rng((seed, 0))
    side = resolution * _SUPERSAMPLING
    middles = (np.arange(side) + 0.5) / side
    longitude = (2.0 * middles - 1.0)[None, :] * np.pi
    latitude = (middles - 0.5)[:, None] * np.pi  # Down is up, as in `surfaces.Sphere`.
    colours = _background(rng, latitude) + np.zeros((side, side, 1))
    count = rng.integers(_COUNT[0], _COUNT[1] + 1)
    turn = rng.uniform(0.0, 2.0 * np.pi)
    room = 360.0 / count
    for number in range(count):
        diameter = np.radians(min(rng.uniform(*_DIAMETER), room))
        # Within its own part of the horizon.
        free = np.radians(room) - diameter
        middle = turn + np.radians(room) * number + rng.uniform(-0.5, 0.5) * free
        tilt = np.radians(rng.uniform(-_LATITUDE, _LATITUDE))
        picture = pictures[rng.integers(len(pictures))]
        rgba = _painted(picture, longitude - middle, latitude, tilt, diameter)
        share = rgba[..., 3:]
        colours = colours * (1.0 - share) + rgba[..., :3] * share
    shape = (resolution, _SUPERSAMPLING, resolution, _SUPERSAMPLING, 3)
    pixels = colours.reshape(shape).mean(axis=(1, 3))
    return np.rint(pixels * 255.0).astype("uint8")


def _background(rng, latitude):
    """Colours of sky and ground, which fade towards the horizon."""
    sky = np.array(_SKIES[rng.integers(len(_SKIES))])
    ground = np.array(_GROUNDS[rng.integers(len(_GROUNDS))])
    height = (np.abs(latitude) / (np.pi / 2.0))[..., None]
    above = 0.97 + (sky - 0.97) * height**0.6
    below = ground * (1.0 - 0.35 * height)
    return np.where(latitude[..., None] < 0, above, below)


def _painted(picture, longitude, latitude, tilt, diameter):
    """Colours of a picture on the plane that touches the sphere in its middle.

    Args:
        picture: uint8 array `(side, side, 4)`.
        longitude: Radians from the picture's middle, `(1, width)`.
        latitude: Radians, positive downwards, `(height, 1)`.
        tilt: float. Latitude of the middle.
        diameter: float. Angle that the picture's side is seen under, in radians.

    Returns:
        float array `(height, width, 4)` in [0, 1].
    """
    x = np.sin(longitude) * np.cos(latitude)
    forward = np.cos(longitude) * np.cos(latitude)
    y, z = np.sin(latitude), forward
    # Turned so that the middle is in front.
    y, z = y * np.cos(tilt) - z * np.sin(tilt), y * np.sin(tilt) + z * np.cos(tilt)
    x, y, z = np.broadcast_arrays(x, y, z)
    scale = np.tan(diameter / 2.0)
    seen = z > 1e-6
    depth = np.where(seen, z, 1.0) * scale
    side = len(picture)
    column = (x / depth + 1.0) * (side / 2.0) - 0.5
    row = (y / depth + 1.0) * (side / 2.0) - 0.5
    seen &= (np.abs(column - (side - 1) / 2) < side / 2) & (
        np.abs(row - (side - 1) / 2) < side / 2
    )
    column = np.clip(np.rint(column), 0, side - 1).astype(int)
    row = np.clip(np.rint(row), 0, side - 1).astype(int)
    return picture[row, column] / 255.0 * seen[..., None]


def read_panorama(file, resolution, channels=3, note=None):
    """Decodes an equirectangular image to `(resolution, resolution, channels)`.

    The whole image is resized to a square, whose columns are then twice as wide as its
    rows are high where the image has the usual shape of 2:1; others are doubtful.

    Raises:
        UnreadableImageError: See `image_files.read_picture`.
    """

    image = image_files.read_picture(file, note=note).in_channels(channels)
    width, height = image.size
    if note and abs(width / height - 2.0) > _SHAPE_TOLERANCE:
        note("aspect", f"{width}x{height}, not twice as wide as high")
    image = image.resize((resolution, resolution), Image.Resampling.LANCZOS)
    return np.asarray(image).reshape(resolution, resolution, channels)
