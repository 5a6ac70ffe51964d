"""A search for an image's style, from files to files."""

import math
import pathlib

import numpy as np

from inr_keras.rendering import film
from inr_keras.rendering import target_image
from inr_keras.rendering.inversion import Inversion
from inr_keras.rendering.inversion import check_generator
from inr_keras.rendering.renderer import Renderer
from inr_keras.rendering.sheet import save_image
from inr_keras.rendering.sheet import sheet
from inr_keras.rendering.sheet import to_uint8
from inr_keras.rendering.style_files import save_styles

_SHOWN = 192  # Pixels, at least, on the longer side of what is compared.
_AMPLIFIED = 4.0  # Differences in a comparison.
_IMAGES_A_SECOND = 10.0  # Of the animation of a search.


def read_target(image, mask, generator, fit="whole", box=None):
    """The `TargetImage` of files.

    Args:
        image: str or path of an image.
        mask: str or path of an image of the same shape, white where it is
            given, or `None`.
        generator: Whose channels, resolution and alignment count.
        fit: str. `"whole"`, or `"square"` for the central square.
        box: See `TargetImage`.
    """
    check_generator(generator)
    pixels = target_image.read_pixels(image, generator.channels, "--image")
    shown = None
    if mask:
        shown = target_image.read_mask(mask, *pixels.shape[:2])
    if fit == "square":
        pixels = target_image.middle_square(pixels)
        shown = None if shown is None else target_image.middle_square(shown)
    return target_image.TargetImage(
        pixels, generator.resolution, generator.alignment, shown, box
    )


class Search:
    """Runs an `Inversion`, keeps the best and writes what it came to.

    Args:
        generator: As of `Inversion`.
        given: `TargetImage`.
        steps: int. See `Inversion.search`, as for the next two.
        patience: int.
        goal: float.
        **kwargs: Of `Inversion`.

    Attributes:
        best: The `Look` of least loss, `None` before the first.
        looks: List of `Look`.
    """

    def __init__(self, generator, given, steps, patience, goal, **kwargs):
        self.generator = generator
        self.given = given
        self.steps = steps
        self.patience = patience
        self.goal = goal
        self.space = kwargs.get("space", "wplus")
        self.inversion = Inversion(generator, given, **kwargs)
        self.best = None
        self.looks = []

    def run(self, progress=None):
        """Searches; `progress` is told the share done and a text."""
        for look in self.inversion.search(
            self.steps, patience=self.patience, goal=self.goal
        ):
            if not math.isfinite(look.loss):
                raise FloatingPointError(
                    f"The loss is {look.loss} after {look.step} steps; try a "
                    "smaller --rate"
                )
            self.looks.append(look)
            if self.best is None or look.loss < self.best.loss:
                self.best = look
            if progress:
                progress(look.step / self.steps, f"{self.best.psnr:.1f} dB")

    def save(self, folder, settings, animation=False):
        """Writes style.npz, comparison.png and, if wanted, search.webp.

        Args:
            folder: str or path.
            settings: dict for JSON.
            animation: bool. Defaults to `False`.
        """
        folder = pathlib.Path(folder)
        renderer = Renderer(self.generator)
        about = {
            "space": self.space,
            "psnr": self.best.psnr,
            "loss": self.best.loss,
            "step": self.best.step,
            "box": self.given.box,
            "settings": settings,
        }
        save_styles(
            folder / "style.npz",
            self.generator,
            self.best.styles,
            self.best.latents,
            about,
        )
        image = comparison(renderer, self.given, self.best.styles)
        save_image(folder / "comparison.png", image)
        if animation:
            film.write_film(
                folder / "search.webp",
                (comparison(renderer, self.given, look.styles) for look in self.looks),
                _IMAGES_A_SECOND,
            )


def comparison(renderer, given, styles):
    """Given, found and their difference, side by side.

    What is not given is grey in the first and without difference in the last.
    Differences are drawn four times as large, around grey.

    Args:
        renderer: `Renderer`.
        given: `TargetImage`.
        styles: Array of one style.

    Returns:
        uint8 array `(height, width, channels)`.
    """
    dense = given.dense
    found = renderer.render(
        np.asarray(styles), given.height * dense, given.width * dense, given.box
    )[0]
    pixels, mask = (
        array.repeat(dense, axis=0).repeat(dense, axis=1)
        for array in (given.pixels, given.mask[..., None])
    )
    rows, columns, channels = found.shape
    reduced = found.reshape(given.height, dense, given.width, dense, channels).mean(
        axis=(1, 3)
    )
    error = (reduced - given.pixels) * _AMPLIFIED * given.mask[..., None]
    error = error.repeat(dense, axis=0).repeat(dense, axis=1)
    first = np.where(mask, pixels, 0.0)
    if channels == 4:  # Opacity has no difference that one would see.
        error[..., 3] = 1.0
        first[..., 3] = np.where(mask[..., 0], pixels[..., 3], 1.0)
    zoom = max(1, round(_SHOWN / max(rows, columns)))
    images = np.stack([first, found, error])
    return sheet(to_uint8(images), columns=3, margin=4, zoom=zoom)
