"""Drawing of seeds, or of a style, into an image file or a film, with maps of it."""

import dataclasses

import numpy as np

from inr_keras import rectangles
from inr_keras.naming import renaming
from inr_keras.rendering import film
from inr_keras.rendering import foveation
from inr_keras.rendering import image_stream
from inr_keras.rendering import surfaces
from inr_keras.rendering import trust as trust_lib
from inr_keras.rendering.latents import labels_in_turn
from inr_keras.rendering.latents import latents_from_seeds
from inr_keras.rendering.renderer import FRAME
from inr_keras.rendering.renderer import Renderer
from inr_keras.rendering.sheet import save_image
from inr_keras.rendering.sheet import sheet
from inr_keras.rendering.sheet import sheet_columns
from inr_keras.rendering.style_files import load_styles

# Fields of a request, by the names of the arguments that take their values.
_FIELD_OF = {
    "path": "out",
    "name": "surface",
    "radius": "fovea",
    "share": "points_share",
}
_FILMS = (".gif", ".mp4")  # Endings that no image has.
_EXACT = 100.0  # dB, which are a thousandth of a step of 8 bits.


@dataclasses.dataclass(frozen=True)
class Request:
    """Settings of a `Drawing`: what it draws and writes.

    Attributes:
        out: str. File of the sheet of all images; for a generator of videos, of the
            film.
        seeds: Sequence of int.
        style: str. File of a style that is drawn in place of the seeds.
        truncation: float. 1: full variety; 0: the mean style.
        height: int. Pixels of each image. Defaults to the generator's resolution.
        width: int. Defaults to what the surface takes for the height.
        box: x0, y0, x1, y1 of what is drawn. Defaults to the training frame.
        aspect: Width and height, two ints: the rectangle of that shape in the middle
            of the frame, `height` pixels on its longer side.
        surface: str. See `surfaces.surface`.
        supersample: int. Points a pixel in each direction.
        trust_map: str. PNG file of what is interpolation, or `None`.
        gaze: x, y of the frame around which more points are drawn, or `None`.
        fovea: float. Radius around `gaze` in which all points are drawn.
        density: str. Image file in place of `gaze`: the brighter the more points.
        points_share: float. Share of the points that are drawn with `gaze` or
            `density`.
        points_map: str. PNG file of the drawn points, or `None`.
        against_full: bool. Whether to draw all points as well, for comparison.
    """

    out: str
    seeds: tuple = ()
    style: str | None = None
    truncation: float = 1.0
    height: int | None = None
    width: int | None = None
    box: tuple = FRAME
    aspect: tuple | None = None
    surface: str = "plane"
    supersample: int = 1
    trust_map: str | None = None
    gaze: tuple | None = None
    fovea: float = 0.25
    density: str | None = None
    points_share: float = 0.25
    points_map: str | None = None
    against_full: bool = False

    @renaming(_FIELD_OF)
    def __post_init__(self):
        if not str(self.out).lower().endswith(_FILMS):
            image_stream.check_stream(self.out, 1, 1, 3)
        shape = (self.width, tuple(self.box), self.surface)
        if self.aspect is not None and shape != (None, FRAME, "plane"):
            raise ValueError(
                "`aspect` must not be given with `box`, `surface` or `width`, which "
                f"have a shape. Received: {self.aspect}"
            )
        if self.gaze is not None and self.density is not None:
            raise ValueError(
                "`gaze` must not be given with `density`. "
                f"Received: {self.gaze!r} and {self.density!r}"
            )
        if self.is_sampled and self.supersample != 1:
            raise ValueError(
                "`supersample` must be 1 with `gaze` or `density`. "
                f"Received: {self.supersample}"
            )

    @property
    def is_sampled(self):
        """True where a part of the points is drawn, and the rest interpolated."""
        return self.gaze is not None or self.density is not None


class Drawing:
    """A generator's images on a surface, checked before they are drawn.

    Args:
        generator: Generator.
        request: `Request`.
        label: int or str. Class of all images, or its name. Defaults to `None`: the
            classes in turn.

    Attributes:
        count: int. Number of images.
        surface: What they are drawn on, with `height` and `width` of each.
        trust: `Trust` of the surface.

    Raises:
        ValueError: The generator cannot draw this, or the file cannot be written.
    """

    @renaming(_FIELD_OF)
    def __init__(self, generator, request, label=None):
        self.request = request
        # Surfaces in space are drawn by the volume of a panorama generator.
        if generator.wraps and request.surface != "plane":
            generator = generator.volume
        self.surface = _surface(generator, request)
        self.count = 1 if request.style is not None else len(request.seeds)
        self._renderer = Renderer(generator)
        self._video_length = generator.video_length
        self._columns = sheet_columns(self.count)
        self._check_file(generator.channels)
        self._weights = self._sampling_weights() if request.is_sampled else None
        self.trust = trust_lib.examine(self.surface, generator)
        self._styles = self._read_styles(generator, label)

    @renaming(_FIELD_OF)
    def write(self, progress=None):
        """Draws into the files of the request.

        Args:
            progress: Function of the share done, 0 to 1, or `None`.

        Returns:
            str: number of drawn points and, with `against_full`, the PSNR against
            all points; `""` if all points were drawn.
        """
        request, surface = self.request, self.surface
        text = ""
        if self._video_length:
            images = self._renderer.draw(
                self._styles, surface, request.supersample, progress
            )
            videos = film.split_videos(images, self._video_length)
            sheets = [sheet(images, self._columns) for images in videos]
            film.write_film(request.out, sheets, self._rate)
        elif request.is_sampled:
            text = self._write_sampled(progress)
        else:
            image_stream.save_sheet(
                request.out,
                self._renderer,
                self._styles,
                surface,
                self._columns,
                request.supersample,
                progress,
            )
        if request.trust_map is not None:
            trust_lib.save_trust_map(request.trust_map, self.trust, surface)
        return text

    @property
    def _rate(self):
        return film.round_rate(self._video_length)

    def _check_file(self, channels):
        height, width = self.surface.height, self.surface.width
        if self._video_length or self.request.is_sampled:  # Memory holds all.
            film.check_points(height, width, self.count * max(1, self._video_length))
        if self._video_length:
            film.check_film_path(self.request.out, self._rate)
            return
        rows = -(-self.count // self._columns)
        image_stream.check_stream(
            self.request.out, rows * height, self._columns * width, channels
        )

    def _read_styles(self, generator, label):
        if self.request.style is not None:
            with renaming({"path": "style"}):
                return load_styles(self.request.style, generator)[:1]
        seeds = self.request.seeds
        latents = latents_from_seeds(seeds, generator.latent_dim)
        labels = labels_in_turn(seeds, generator, label)
        return self._renderer.styles(latents, self.request.truncation, labels)

    def _sampling_weights(self):
        """Finds how much each pixel of the surface matters."""
        request = self.request
        if self._video_length:
            raise ValueError(
                "`gaze` and `density` must not be given for a generator of videos. "
                f"Received: one of {self._video_length} images"
            )
        if request.gaze is not None:
            return foveation.gaze_weights(self.surface, request.gaze, request.fovea)
        return foveation.file_weights(request.density, self.surface)

    def _write_sampled(self, progress):
        """Writes images of a part of the points; returns a line for the user."""
        request = self.request
        chosen = foveation.choose(self._weights, request.points_share)
        images = foveation.draw(
            self._renderer, self._styles, self.surface, chosen, progress
        )
        whole = sheet(images)
        image_stream.write_stream(request.out, [whole], *whole.shape)
        if request.points_map is not None:
            points = np.where(chosen, 255, 0).astype("uint8")[..., None]
            save_image(request.points_map, points)
        texts = [
            f"{chosen.sum()} of {chosen.size} points of an image drawn "
            f"({chosen.mean():.2%})"
        ]
        if request.against_full:
            full = self._renderer.draw(self._styles, self.surface, progress=progress)
            for name, part in self._parts().items():
                decibels = foveation.psnr(images, full, part)
                exact = decibels > _EXACT
                texts.append(f"exact {name}" if exact else f"{decibels:.2f} dB {name}")
        return ", ".join(texts)

    def _parts(self):
        """Names the parts of an image that are compared, `None` for all of it."""
        fovea = np.isinf(self._weights)
        if not fovea.any():
            return {"overall": None, "weighted by the density": self._weights}
        parts = {"overall": None, "in the fovea": fovea}
        near = ~fovea & (self._weights >= 0.25)
        if near.any():
            parts["around it, to twice its radius"] = near
        return parts


def _surface(generator, request):
    height, width, box = request.height, request.width, request.box
    if generator.wraps and width is None:  # A panorama.
        height = height or generator.resolution
        width = 2 * height
    if generator.wraps and request.aspect is not None:
        raise ValueError(
            "`aspect` must not be given for a panorama, whose frame is twice as wide "
            f"as high. Received: {request.aspect}"
        )
    if request.aspect is not None:
        side = height or generator.resolution
        width, height = (
            max(1, round(side * n / max(request.aspect))) for n in request.aspect
        )
        box = rectangles.middle_box(height, width, side, generator.alignment)
    return surfaces.surface(request.surface, generator, height, width, box)
