"""Trust map: how far an image is from the images that its generator was trained on.

Training shows a generator the frame [-1, 1] of each axis at no more than its
`resolution`. Pixels in the frame at this density, or a lower one, are interpolation;
denser ones are super-resolution; pixels beyond the frame are extrapolation.
"""

import typing

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from inr_keras.files import write_beside

INTERPOLATION, SUPER_RESOLUTION, EXTRAPOLATION = range(3)
_NAMES = ("interpolation", "super-resolution", "extrapolation")
_COLOURS = ((0.35, 0.7, 0.4), (0.25, 0.45, 0.85), (0.9, 0.45, 0.1))


class Trust(typing.NamedTuple):
    """Kind, distance and density of some pixels of an image, relative to training."""

    kind: np.ndarray  # (rows, columns): one of the three above.
    distance: np.ndarray  # Beyond the frame, in the frame's coordinates.
    density: np.ndarray  # Along the densest axis, relative to the trained density.

    def shares(self):
        """Shares of the pixels that are of each of the three kinds."""
        return [float(np.mean(self.kind == kind)) for kind in range(3)]

    def warning(self):
        """Describes in a line how the image departs from training; `""` if not."""
        beyond = self.shares()[EXTRAPOLATION]
        parts = []
        if beyond:
            parts.append(
                f"{beyond:.1%} of the points lie beyond the trained frame, the "
                f"furthest by {self.distance.max():.3g} (the frame's half side "
                "is 1)"
            )
        if self.density.max() > _DENSER:
            parts.append(f"up to {self.density.max():.3g} times the trained density")
        return ", ".join(parts)


_DENSER = 1.01  # Where super-resolution begins.


def examine(surface, generator, max_side=512):
    """Compares the pixels of a surface with what a generator was trained on.

    Args:
        surface: See `surfaces`.
        generator: Generator, with its `resolution` and `alignment` in training.
        max_side: int. Most pixels examined along a side; they are equally far apart,
            the first and the last among them. Defaults to `512`.

    Returns:
        Trust.

    Example:
        >>> trust = examine(surface("plane", generator, box=(-2, -2, 2, 2)), generator)
        >>> save_trust_map(folder / "trust.png", trust, surface("plane", generator))
    """
    rows, columns = (
        np.unique(np.linspace(0, size - 1, min(size, max_side)).round())
        for size in (surface.height, surface.width)
    )
    distance = np.zeros((len(rows), len(columns)), "float32")
    for patch in surface.patches(rows, columns):
        beyond = np.maximum(np.abs(patch.coords).max(-1) - 1.0, 0.0)
        distances = distance[:, patch.columns]
        np.maximum(distances, np.where(beyond > 1e-5, beyond, 0.0), out=distances)
    ends = generator.alignment == "corner"
    trained = 2.0 / max(generator.resolution - ends, 1)
    spacing = np.minimum(
        _spacing(surface, rows, columns, 0.25, 0.0),
        _spacing(surface, rows, columns, 0.0, 0.25),
    )
    with np.errstate(divide="ignore"):
        density = trained / spacing
    kind = np.where(density > _DENSER, SUPER_RESOLUTION, INTERPOLATION)
    kind[distance > 0] = EXTRAPOLATION
    return Trust(kind, distance, density)


def _spacing(surface, rows, columns, down, right):
    """Distance of neighbouring pixels along one axis of the image."""
    # Measured within half a pixel, which stays within a face of a cube, and to both
    # sides, because a fold of the surface changes only one of them.
    before, middle, after = (
        surface.patches(rows + sign * down, columns + sign * right)[0].coords
        for sign in (-1, 0, 1)
    )
    lengths = [
        np.linalg.norm(a.astype("float64") - b, axis=-1)
        for a, b in ((before, middle), (middle, after))
    ]
    return np.maximum(*lengths) / (down + right)


def save_trust_map(path, trust, surface):
    """Writes a PNG that shows the kind of each pixel of an image, with a legend.

    Super-resolution is darker where it is denser, up to 64 times; extrapolation is
    darker further out, up to twice the frame's half side.
    """
    colours = np.array(_COLOURS, "float32")[trust.kind]
    strength = np.zeros_like(trust.distance)
    denser, beyond = (trust.kind == k for k in (1, 2))
    with np.errstate(divide="ignore"):
        strength[denser] = np.log2(trust.density[denser]) / 6
    strength[beyond] = trust.distance[beyond] / 2
    colours *= 1.0 - 0.6 * np.clip(strength, 0, 1)[..., None]
    shape = surface.height / surface.width
    ratio = np.clip(shape, 0.2, 3.0)
    figure = Figure(figsize=(6, 6 * ratio + 1.2), layout="constrained")
    axes = figure.subplots()
    axes.imshow(
        colours,
        extent=(0, surface.width, surface.height, 0),
        aspect="equal" if ratio == shape else "auto",
        interpolation="nearest",
    )
    axes.set_title(f"{surface.width} x {surface.height} pixels")
    labels = [f"{name} {share:.1%}" for name, share in zip(_NAMES, trust.shares())]
    if denser.any():
        labels[1] += f", to {trust.density[denser].max():.3g} x"
    if beyond.any():
        labels[2] += f", to {trust.distance.max():.3g} out"
    figure.legend(
        handles=[Patch(color=c, label=x) for c, x in zip(_COLOURS, labels)],
        loc="outside lower center",
        ncols=1,
    )
    write_beside(path, lambda p: figure.savefig(p, dpi=120, format="png"))
