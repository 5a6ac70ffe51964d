"""Position, size and angle of the foreground of images, from its moments."""

import importlib

import numpy as np


def moments(images):
    """Measures the geometry of the foreground of images by its moments.

    A pixel's mass is the distance of its darkest channel from white, 0 to 1. x
    grows to the right, y downwards, both from -1 to 1 over the image.

    - `area`: mean mass.
    - `centroid_x`, `centroid_y`: centre of the mass.
    - `extent_x`, `extent_y`: standard deviations of the mass.
    - `orientation_cos`, `orientation_sin`: cos 2t and sin 2t of the angle t of
      the longest axis, both multiplied by (a - b) / (a + b) with the variances a
      and b along and across this axis: (m20 - m02, 2 m11) / (m20 + m02). The angle
      itself would jump, and would be undefined for round shapes.
    - `symmetry_x`, `symmetry_y`: the vector of the complex moment c21 = sum of
      r^2 (x + iy) about the centroid, over r's deviation cubed. The mirror image
      of a shape has the mirror image of the vector, so that the vector of a shape
      with a single axis of symmetry lies on this axis.

    All are 0 for a white image.

    Args:
        images: uint8 array `(N, height, width, channels)`.

    Returns:
        dict of float64 arrays `(N,)`.

    References:
        - [Hu, 1962](https://doi.org/10.1109/TIT.1962.1057692), for moments.
        - [Flusser, 2000](https://doi.org/10.1016/S0031-3203(99)00127-2), for
          complex ones.
    """
    mass = 1.0 - images.min(axis=-1) / 255.0
    height, width = mass.shape[1:]
    x = (2.0 * np.arange(width) + 1.0) / width - 1.0
    y = (2.0 * np.arange(height) + 1.0)[:, None] / height - 1.0
    total = mass.sum((1, 2))
    weights = mass / np.maximum(total, 1e-9)[:, None, None]

    def mean(values):
        return np.sum(weights * values, axis=(1, 2))

    center_x, center_y = mean(x), mean(y)
    dx = x - center_x[:, None, None]
    dy = y - center_y[:, None, None]
    m20, m02, m11 = mean(dx**2), mean(dy**2), mean(dx * dy)
    squares = dx**2 + dy**2
    spread = np.maximum(m20 + m02, 1e-9)
    return {
        "area": total / (height * width),
        "centroid_x": center_x,
        "centroid_y": center_y,
        "extent_x": np.sqrt(m20),
        "extent_y": np.sqrt(m02),
        "orientation_cos": (m20 - m02) / spread,
        "orientation_sin": 2.0 * m11 / spread,
        "symmetry_x": mean(squares * dx) / spread**1.5,
        "symmetry_y": mean(squares * dy) / spread**1.5,
    }


def find_detector(detector):
    """Imports the function that `module:function` names.

    Raises:
        ValueError: There is no such function.
    """
    module, colon, name = detector.partition(":")
    reason = "no colon"
    if colon:
        try:
            function = getattr(importlib.import_module(module), name)
        except (ImportError, AttributeError, ValueError) as error:
            reason = str(error)
        else:
            if callable(function):
                return function
            reason = f"{name} is no function"
    raise ValueError(
        "`detector` must be module:function of a module that can be imported "
        f"({reason}). Received: {detector!r}"
    )


def detect(detector, images):
    """Runs a detector on images and checks its result.

    Args:
        detector: Function from uint8 images to a dict of arrays `(N,)`.
        images: uint8 array `(N, height, width, channels)`.

    Returns:
        dict of float64 arrays `(N,)`.

    Raises:
        ValueError: The detector returns anything else than finite numbers for each
            image.
    """
    detections = detector(images)
    rule = f"return a dict of arrays of {len(images)} finite numbers"
    if not isinstance(detections, dict) or not detections:
        raise ValueError(
            f"`detector` must {rule}. Received: {type(detections).__name__}"
        )
    arrays = {}
    for name, values in detections.items():
        try:
            array = np.asarray(values, "float64")
        except (ValueError, TypeError):
            array = np.array(np.nan)  # Neither numbers nor of one length.
        if array.shape != (len(images),) or not np.all(np.isfinite(array)):
            raise ValueError(
                f"`detector` must {rule}. Received: {name!r}, of shape "
                f"{array.shape} or with other values"
            )
        arrays[str(name)] = array
    return arrays
