"""Conversion of decoded images to the form of a prepared dataset."""

import dataclasses
import io

from PIL import Image

from inr_keras.data import aspects
from inr_keras.data import image_files

FRAMINGS = ("center", "random", "letterbox", "keep")
COLORS = {"rgb": "RGB", "grayscale": "L", "rgba": "RGBA"}
FILTERS = {
    name.lower(): Image.Resampling[name]
    for name in ("LANCZOS", "BICUBIC", "HAMMING", "BILINEAR", "BOX")
}
ENCODINGS = ("png", "jpeg")
MAX_RESOLUTION = 16384


@dataclasses.dataclass(frozen=True)
class Form:
    """Form of the images of a prepared dataset.

    Args:
        resolution: int. Side of the square, or the shorter side where the aspect is
            kept.
        levels: tuple of int. Smaller sides to store beside it.
        framing: str. `center`, or `random`: the largest square, in the middle or
            anywhere; `letterbox`: the whole image on black, or on transparency where
            there is alpha; `keep`: the whole image, not enlarged beyond a longer side
            of eight times the resolution.
        color: str. `rgb`, `grayscale` (luma of ITU-R 601) or `rgba`. Transparent images
            are laid on white, except as `rgba`.
        filter: str. Filter that reduces the original, once for each level. Pillow's
            filters widen with the reduction, so all of them antialias; they work on
            sRGB values, not on light.
        encoding: str. `png` or `jpeg`, for files that must be encoded again.
        quality: int. Quality of JPEG, 1 to 100.
    """

    resolution: int = 256
    levels: tuple[int, ...] = ()
    framing: str = "center"
    color: str = "rgb"
    filter: str = "lanczos"
    encoding: str = "png"
    quality: int = 95

    def __post_init__(self):
        _require_side("resolution", self.resolution, MAX_RESOLUTION)
        for side in self.levels:
            _require_side("levels", side, self.resolution - 1)
        if len(set(self.levels)) != len(self.levels):
            raise ValueError(f"`levels` must differ. Received: {list(self.levels)}")
        for name, known in (
            ("framing", FRAMINGS),
            ("color", COLORS),
            ("filter", FILTERS),
            ("encoding", ENCODINGS),
        ):
            value = getattr(self, name)
            if value not in known:
                raise ValueError(
                    f"`{name}` must be one of {', '.join(known)}. Received: {value!r}"
                )
        if self.encoding == "jpeg" and self.color == "rgba":
            raise ValueError(
                "`encoding` must be png where `color` is rgba. Received: 'jpeg'"
            )
        if not 1 <= self.quality <= 100:
            raise ValueError(
                f"`quality` must be from 1 to 100. Received: {self.quality}"
            )

    @property
    def sides(self):
        """The resolution and the levels, from the largest to the smallest."""
        return (self.resolution, *sorted(self.levels, reverse=True))


def _require_side(name, side, largest):
    smallest = image_files.MIN_SIDE
    if not smallest <= side <= largest:
        raise ValueError(
            f"`{name}` must be from {smallest} to {largest}. Received: {side}"
        )


def framed(image, side, form, chance=0.5):
    """Cuts an image to the framing of `form` and resizes it to `side`.

    Args:
        image: `PIL.Image.Image` in the form's colour.
        side: int. The form's resolution or one of its levels.
        form: Form.
        chance: float in [0, 1). Position of a `random` square.

    Returns:
        `PIL.Image.Image`.
    """
    width, height = image.size
    box = (0, 0, width, height)
    size = (side, side)
    if form.framing == "letterbox":
        size = _fitted(width, height, side / max(width, height))
    elif form.framing == "keep":
        scale = side / min(width, height)
        if scale > 1:  # A slim image would become huge.
            longest = aspects.SLIMMEST * side
            scale = max(1.0, min(scale, longest / max(width, height)))
        size = _fitted(width, height, scale)
    else:
        square = min(width, height)
        position = 0.5 if form.framing == "center" else chance
        left = int((width - square) * position)
        top = int((height - square) * position)
        box = (left, top, left + square, top + square)
    if (box[2] - box[0], box[3] - box[1]) == size:
        resized = image.crop(box)
    else:
        resized = image.resize(size, FILTERS[form.filter], box=box)
    if form.framing != "letterbox":
        return resized
    background = Image.new(image.mode, (side, side))
    background.paste(resized, ((side - size[0]) // 2, (side - size[1]) // 2))
    return background


def _fitted(width, height, scale):
    return max(1, round(width * scale)), max(1, round(height * scale))


def encoded(image, form):
    """Encodes a framed image as the contents of a file."""
    image = image.copy()
    image.info = {}  # Drops the original's metadata, such as its colour profile.
    file = io.BytesIO()
    if form.encoding == "jpeg":
        image.save(file, "JPEG", quality=form.quality, subsampling=0)
    else:
        # Twice as fast as Pillow's level 6, for files a tenth larger.
        image.save(file, "PNG", compress_level=1)
    return file.getvalue()
