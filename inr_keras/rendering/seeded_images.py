"""Images of seeds, in one call."""

import numbers
import sys

import numpy as np

from inr_keras import rectangles
from inr_keras.naming import renaming
from inr_keras.rendering import sheet as sheet_lib
from inr_keras.rendering import signal_drawing
from inr_keras.rendering.latents import labels_in_turn
from inr_keras.rendering.latents import latents_from_seeds
from inr_keras.rendering.renderer import Renderer
from inr_keras.rendering.surfaces import FRAME


def generate(
    generator, seeds=(0,), size=None, region=FRAME, truncation=1.0, label=None
):
    """Draws the images of seeds, in any region and at any size.

    Args:
        generator: `INRGenerator`, or a generator that `load_generator` returns.
        seeds: int or sequence of ints from 0. Each seed stands for an image, which does
            not depend on the other seeds. Defaults to `(0,)`.
        size: int, or tuple of height and width. Defaults to `None`: the size of the
            training images.
        region: x0, y0, x1, y1 of the region to draw. Defaults to the training frame
            (-1, -1, 1, 1); a larger region extrapolates.
        truncation: float. 1: full variety; towards 0: the mean image. Defaults to `1`.
        label: int or str. A class, or its name; or a sequence of these, one for each
            seed. Defaults to `None`: seeds show the classes in turn.

    Returns:
        uint8 array `(len(seeds), height, width, channels)`.

    Raises:
        ValueError: A seed, the size, the region, the truncation or the class is invalid
            for the generator.

    Example:
        >>> beyond = (-2, -1, 2, 1)
        >>> generate(generator, seeds=[3, 4], size=(16, 32), region=beyond).shape
        (2, 16, 32, 3)
    """
    seeds = np.atleast_1d(seeds)
    if seeds.ndim != 1 or seeds.dtype.kind not in "iu" or seeds.min(initial=0) < 0:
        raise ValueError(
            f"`seeds` must be whole numbers from 0. Received: {seeds.tolist()}"
        )
    height, width = _sides(size)
    with renaming({"box": "region"}):
        region = rectangles.checked_box(region)
    if not _is_number(truncation):
        raise ValueError(
            f"`truncation` must be a finite number. Received: {truncation!r}"
        )
    renderer = Renderer(generator)
    latents = latents_from_seeds(seeds.tolist(), generator.latent_dim)
    labels = labels_in_turn(seeds, generator, label)
    styles = renderer.styles(latents, truncation, labels)
    return sheet_lib.to_uint8(renderer.render(styles, height, width, region))


def seed_sheet(generator, seeds=range(24), columns=None, **kwargs):
    """Draws images of seeds side by side.

    Args:
        generator, seeds, **kwargs: See `generate`.
        columns: int. Images in a row. Defaults to `None`: a sheet of about 3:2.

    Returns:
        uint8 array `(height, width, channels)`.

    Example:
        >>> seed_sheet(generator, seeds=range(6)).shape
        (32, 48, 3)
    """
    return sheet_lib.sheet(generate(generator, seeds, **kwargs), columns)


def draw_picture(inr, size=None, region=None):
    """Draws the picture that an INR was fitted to, at any size.

    Args:
        inr: INR of a picture, see `inr_keras.fit_picture`.
        size: int, the longer side in pixels; or tuple of height and width. Defaults to
            `None`: the size of the picture.
        region: x0, y0, x1, y1 of the region to draw, in a frame of [-1, 1] along the
            picture's longer side. Defaults to `None`: the whole picture.

    Returns:
        uint8 array `(height, width, channels)`.

    Raises:
        ValueError: `inr` is not of a picture, or `size` or `region` is invalid.

    Example:
        >>> save_image(folder / "black.png", np.zeros((8, 12, 3), "uint8"))
        >>> inr = fit_picture(folder / "black.png", steps=2)
        >>> draw_picture(inr, size=24).shape
        (16, 24, 3)
    """
    height, width = _sides(size)
    if np.ndim(size) == 0:
        width = None
    signal = inr.signal or {}
    if signal.get("kind") != "picture":
        raise ValueError(
            "`inr` must be of a picture, as `fit_picture` makes it. "
            f"Received: one of {signal.get('kind', 'no signal that it names')}"
        )
    region = region or signal_drawing.picture_box(signal)
    height, width = signal_drawing.picture_size(signal, height, width, region)
    renderer = Renderer(signal_drawing.OneSignal(inr))
    [image] = renderer.render(np.zeros((1, 0), "float32"), height, width, region)
    return sheet_lib.to_uint8(image)


def _sides(size):
    """Returns height and width, both `None` without a size."""
    sides = tuple(size) if _is_row(size) else (size, size)
    known = [side for side in sides if side is not None]
    if len(sides) != 2 or not all(
        _is_number(s) and s >= 1 and s % 1 == 0 for s in known
    ):
        raise ValueError(
            "`size` must be a positive whole number, or height and width. "
            f"Received: {size!r}"
        )
    return tuple(side if side is None else int(side) for side in sides)


def _is_row(values):
    return isinstance(values, (list, tuple)) or np.ndim(values) == 1


def _is_number(value):
    return isinstance(value, numbers.Real) and abs(value) <= sys.float_info.max
