"""Views of panoramas as globes, from outside."""

import numpy as np

from inr_keras import coordinates
from inr_keras.rendering import surfaces


def globe(renderer, styles, size=128, longitude=0.0, latitude=10.0):
    """Draws globes on white, with the panorama on them as a map.

    Args:
        renderer: Renderer of a generator of three axes, such as the `volume` of a
            `SphereGenerator`.
        styles: See `Renderer.render`.
        size: int. Side of the images. Defaults to `128`.
        longitude: float. Longitude of the middle, in degrees. Defaults to `0`.
        latitude: float. Latitude of the middle, in degrees, north positive. Defaults
            to `10`.

    Returns:
        float32 array `(batch, size, size, channels)`.
    """
    axis = 1.05 * np.asarray(
        coordinates.axis_coordinates(np.arange(size), size, "center")
    )
    x, y = np.meshgrid(axis, axis)
    inside = x * x + y * y < 1.0
    z = np.sqrt(np.maximum(1.0 - x * x - y * y, 0.0))
    a, b = np.radians(longitude), np.radians(-latitude)  # Down is positive.
    y, z = y * np.cos(b) + z * np.sin(b), z * np.cos(b) - y * np.sin(b)
    x, z = x * np.cos(a) + z * np.sin(a), z * np.cos(a) - x * np.sin(a)
    coords = np.stack([x, y, z], axis=-1).astype("float32")
    images = renderer.draw(styles, surfaces.Map(coords))
    return np.where(inside[..., None], images, np.float32(1.0))


def seam(images):
    """Compares the step across the meridian where panoramas end with other steps.

    Args:
        images: Array `(batch, height, width, channels)` of panoramas.

    Returns:
        The mean absolute difference of the first and the last column, and an array of
        the differences of all neighbouring columns within the image.
    """
    images = np.asarray(images, "float64")
    steps = np.abs(np.roll(images, -1, axis=2) - images).mean(axis=(0, 1, 3))
    return float(steps[-1]), steps[:-1]
