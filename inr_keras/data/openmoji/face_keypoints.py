"""Exact positions of eyes and mouths in OpenMoji's faces, from their SVG files."""

import io
import xml.etree.ElementTree as ElementTree

import numpy as np
from PIL import Image

NAMES = ("left eye", "right eye", "mouth", "mouth's left end", "mouth's right end")
_NAMESPACE = "{http://www.w3.org/2000/svg}"
_CANVAS = 72.0  # Side of the files' view box.
_PIXELS = 216  # Side at which a shape is measured: thirds of a unit.
_EYES = (24.0, 39.0)  # Range of an eye's middle, downwards.
_EYE_OFFSETS = (4.0, 16.0)  # Its distance from the middle, sideways.
_LARGEST_EYE = 15.0
_MOUTHS = (38.0, 56.0)
_WIDEST_MOUTH = 36.0


def face_keypoints(path):
    """Measures the eyes and the mouth of a face.

    Each outline of the file is rasterized by itself; eyes and mouth are told by place
    and size. Of several outlines at an eye's place the lowest counts, as brows are
    above; outlines of a mouth are taken together.

    Args:
        path: path of an SVG file.

    Returns:
        float64 array `(5, 2)`, x and y of `NAMES` in the training frame [-1, 1]; or
        `None`: the file has no pair of eyes with one mouth below.
    """
    eyes = {"left": [], "right": []}
    mouth = []
    for left, top, right, bottom in _outlines(path):
        x, y = (left + right) / 2, (top + bottom) / 2
        width, height = right - left, bottom - top
        offset = abs(x - _CANVAS / 2)
        is_small = max(width, height) <= _LARGEST_EYE
        if is_small and _within(y, _EYES) and _within(offset, _EYE_OFFSETS):
            eyes["left" if x < _CANVAS / 2 else "right"].append((y, x))
        elif _within(y, _MOUTHS) and offset < 8.0 and 3.0 < width <= _WIDEST_MOUTH:
            mouth.append((left, top, right, bottom))
    if not (eyes["left"] and eyes["right"] and mouth):
        return None
    (left_y, left_x), (right_y, right_x) = max(eyes["left"]), max(eyes["right"])
    boxes = np.array(mouth)
    start, top = boxes[:, :2].min(axis=0)
    end, bottom = boxes[:, 2:].max(axis=0)
    middle = (top + bottom) / 2
    points = np.array(
        [
            (left_x, left_y),
            (right_x, right_y),
            ((start + end) / 2, middle),
            (start, middle),
            (end, middle),
        ]
    )
    return points / (_CANVAS / 2) - 1.0


def _within(value, limits):
    return limits[0] <= value <= limits[1]


def _outlines(path):
    """Yields the boxes of the shapes of a file's outlines, in units of the file."""
    import resvg_py

    root = ElementTree.parse(path).getroot()
    for group in root.iter(f"{_NAMESPACE}g"):
        if group.get("id") != "line":
            continue
        for shape in group.iter():
            if shape.tag == group.tag:
                continue
            alone = ElementTree.Element(root.tag, root.attrib)
            alone.append(shape)
            png = resvg_py.svg_to_bytes(
                svg_string=ElementTree.tostring(alone, encoding="unicode"),
                width=_PIXELS,
                height=_PIXELS,
                skip_system_fonts=True,
            )
            with Image.open(io.BytesIO(bytes(png))) as image:
                alpha = np.asarray(image.convert("RGBA"))[..., 3] > 127
            rows, columns = np.flatnonzero(alpha.any(1)), np.flatnonzero(alpha.any(0))
            if rows.size:
                unit = _CANVAS / _PIXELS
                yield (
                    columns[0] * unit,
                    rows[0] * unit,
                    (columns[-1] + 1) * unit,
                    (rows[-1] + 1) * unit,
                )
