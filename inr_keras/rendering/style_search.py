"""Search for an image's style, from input files to output files."""

import math
import pathlib

import numpy as np

from inr_keras.naming import renaming
from inr_keras.rendering import film
from inr_keras.rendering import target_image
from inr_keras.rendering.inversion import Inversion
from inr_keras.rendering.inversion import check_generator
from inr_keras.rendering.renderer import Renderer
from inr_keras.rendering.sheet import save_image
from inr_keras.rendering.sheet import sheet
from inr_keras.rendering.sheet import to_uint8
from inr_keras.rendering.style_files import save_styles

_SHOWN = 192  # Least pixels on the longer side of a compared image.
_AMPLIFICATION = 4.0  # Factor of the differences in a comparison.
_IMAGES_A_SECOND = 10.0  # Rate of the animation of a search.


def read_target(image, mask, generator, fit="whole", box=None):
    """Reads a `TargetImage` from files.

    Args:
        image: str or path of an image.
        mask: str or path of an image of the same shape, white where the image is known,
            or `None`.
        generator: Generator that decides channels, resolution and alignment.
        fit: str. `"whole"`, or `"square"` for the central square.
        box: See `TargetImage`.
    """
    check_generator(generator)
    with renaming({"path": "image"}):
        pixels = target_image.read_pixels(image, generator.channels)
    known = None
    if mask:
        known = target_image.read_mask(mask, *pixels.shape[:2])
    if fit == "square":
        pixels = target_image.middle_square(pixels)
        known = None if known is None else target_image.middle_square(known)
    with renaming({"pixels": "image"}):
        return target_image.TargetImage(
            pixels,
            generator.resolution,
            generator.alignment,
            known,
            box,
            generator.wraps,
        )


class Search:
    """Runs an `Inversion`, keeps the best snapshot and writes the results.

    Args:
        generator: See `Inversion`.
        target: `TargetImage`.
        steps, patience, goal: See `Inversion.search`. `patience` defaults to `None`, a
            third of the steps.
        **kwargs: Further arguments of `Inversion`.

    Attributes:
        best: `Snapshot` of least loss, `None` before the first.
        snapshots: List of `Snapshot`.
    """

    def __init__(
        self, generator, target, steps, patience=None, goal=math.inf, **kwargs
    ):
        self.generator = generator
        self.target = target
        self.steps = steps
        self.patience = steps // 3 if patience is None else patience
        self.goal = goal
        self.space = kwargs.get("space", "wplus")
        self.inversion = Inversion(generator, target, **kwargs)
        self.best = None
        self.snapshots = []

    def run(self, progress=None):
        """Runs the search to its end, or until Ctrl-C.

        Args:
            progress: Function of the share done, 0 to 1, and a text, or `None`.

        Returns:
            Whether it was interrupted. An interruption before the first snapshot is
            raised again, because there is nothing to keep.
        """
        try:
            self._search(progress)
        except KeyboardInterrupt:
            if self.best is None:
                raise
            return True
        return False

    def _search(self, progress):
        for snapshot in self.inversion.search(
            self.steps, patience=self.patience, goal=self.goal
        ):
            if not math.isfinite(snapshot.loss):
                raise FloatingPointError(
                    f"The loss is {snapshot.loss} after {snapshot.step} steps; try a "
                    "smaller `rate`"
                )
            self.snapshots.append(snapshot)
            if self.best is None or snapshot.loss < self.best.loss:
                self.best = snapshot
            if progress:
                progress(snapshot.step / self.steps, f"{self.best.psnr:.1f} dB")

    def save(self, folder, settings, animation=False):
        """Writes style.npz, comparison.png and, if wanted, search.webp.

        Args:
            folder: str or path.
            settings: dict for JSON, kept in style.npz.
            animation: bool. Write search.webp, a film of the snapshots. Defaults to
                `False`.
        """
        folder = pathlib.Path(folder)
        renderer = Renderer(self.generator)
        about = {
            "space": self.space,
            "psnr": self.best.psnr,
            "loss": self.best.loss,
            "step": self.best.step,
            "box": self.target.box,
            "settings": settings,
        }
        save_styles(
            folder / "style.npz",
            self.generator,
            self.best.styles,
            self.best.latents,
            about,
        )
        image = comparison(renderer, self.target, self.best.styles)
        save_image(folder / "comparison.png", image)
        if animation:
            film.write_film(
                folder / "search.webp",
                (
                    comparison(renderer, self.target, snapshot.styles)
                    for snapshot in self.snapshots
                ),
                _IMAGES_A_SECOND,
            )


def comparison(renderer, target, styles):
    """Draws the target, the image of the style and their difference side by side.

    Unknown pixels are grey in the first and without difference in the last. Differences
    are drawn four times as large, around grey.

    Args:
        renderer: `Renderer`.
        target: `TargetImage`.
        styles: Array of one style.

    Returns:
        uint8 array `(height, width, channels)`.
    """
    dense = target.dense
    rendered = renderer.render(
        np.asarray(styles), target.height * dense, target.width * dense, target.box
    )[0]
    pixels, mask = (
        array.repeat(dense, axis=0).repeat(dense, axis=1)
        for array in (target.pixels, target.mask[..., None])
    )
    rows, columns, channels = rendered.shape
    reduced = rendered.reshape(
        target.height, dense, target.width, dense, channels
    ).mean(axis=(1, 3))
    error = (reduced - target.pixels) * _AMPLIFICATION * target.mask[..., None]
    error = error.repeat(dense, axis=0).repeat(dense, axis=1)
    first = np.where(mask, pixels, 0.0)
    if channels == 4:  # A difference of opacity would be invisible.
        error[..., 3] = 1.0
        first[..., 3] = np.where(mask[..., 0], pixels[..., 3], 1.0)
    zoom = max(1, round(_SHOWN / max(rows, columns)))
    images = np.stack([first, rendered, error])
    return sheet(to_uint8(images), columns=3, margin=4, zoom=zoom)
