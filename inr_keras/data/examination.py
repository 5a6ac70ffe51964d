"""Examination of single images: their problems, and their prepared forms.

This module does not import TensorFlow: the processes that share the work start fast.
"""

import hashlib
import io
import warnings

import imagehash
import numpy as np
from PIL import Image

from inr_keras.data import color_profiles
from inr_keras.data import framing
from inr_keras.data import image_folder

# Kinds of problems for which an image is always left out.
UNUSABLE = (
    "empty",
    "truncated",
    "corrupt",
    "not_a_picture",  # Named so since the first version, as findings on disk are.
    "unsupported",
    "too_large",
    "tiny",
    "unsafe",
)
# Kinds of problems that are reported of images that can be used.
NOTED = (
    "duplicate",
    "near_duplicate",
    "near_uniform",
    "enlarged",
    "aspect",
    "mode",
    "animated",
    "rotated",
    "profile",
)
UNIFORM_DEVIATION = 2.0  # Levels of 255, in the channel that varies most.
LONGEST_ASPECT = 4.0
PLAIN_MODES = ("RGB", "L")
_REASONS = (
    ("empty file", "empty"),
    ("not an image", "not_a_picture"),
    ("pip install", "unsupported"),
    ("too small", "tiny"),
    ("too large", "too_large"),
    ("truncated", "truncated"),
)
_SMALL = (64, 64)
_ORIENTATION = 0x0112
_METADATA = {"exif", "icc_profile", "xmp"}  # May name places and persons.


def examine(name, contents, form=None, min_side=8, seed=0):
    """Examines an image, and makes its prepared forms.

    Args:
        name: str. Name of the image.
        contents: bytes of its file, or the `UnreadableImageError` that reading them
            ended with.
        form: framing.Form. Defaults to `None`: no form is made.
        min_side: int. Images with a shorter side are unusable.
        seed: int. Decides, with the contents, where a random square lies.

    Returns:
        dict that JSON can hold, and a list of bytes, one for each side of the form; a
        PNG or JPEG file that has the form already stays as it is. The dict has `name`,
        `problems` (pairs of a kind and a text), `sha256` and, where the image can be
        read, `width`, `height`, `mode`, `format`, `mean` and `deviation` of red, green
        and blue, and `phash`, 64 bits.
    """
    finding = {"name": name, "problems": []}
    if isinstance(contents, Exception):
        finding["problems"].append(("unsafe", str(contents)))
        return finding, []
    digest = hashlib.sha256(contents).digest()
    finding["sha256"] = digest.hex()

    def use(image):
        width, height = image.size
        if min(width, height) < min_side:
            raise image_folder.UnreadableImageError(f"too small ({width}x{height})")
        unchanged = contents if form and _is_in_form(image, form) else None
        return _describe(finding, image, form, _chance(digest, seed), unchanged)

    try:
        if not contents:
            raise image_folder.UnreadableImageError("empty file")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return finding, image_folder.read_image(io.BytesIO(contents), use)
    except image_folder.UnreadableImageError as error:
        finding["problems"] = [(_kind(str(error)), str(error))]
        return finding, []


def usable(finding, leave_out=()):
    """Tells whether an image can be prepared."""
    return not any(
        kind in UNUSABLE or kind in leave_out for kind, _ in finding["problems"]
    )


def _kind(reason):
    kinds = (kind for text, kind in _REASONS if text in reason)
    return next(kinds, "corrupt")


def _chance(digest, seed):
    seeded = hashlib.sha256(digest + str(seed).encode()).digest()
    return int.from_bytes(seeded[:6], "big") / 2**48


def _describe(finding, image, form, chance, unchanged):
    problems = finding["problems"]
    count = getattr(image, "n_frames", 1)
    mode, kind = image.mode, image.format
    if mode not in PLAIN_MODES:
        problems.append(("mode", mode))
    if count > 1 and kind != "MPO":  # A phone's JPEG with a preview.
        problems.append(("animated", f"{count} images; the first counts"))
    image.load()
    turn = _orientation(image)
    image = image_folder.upright(image)
    if turn != 1:
        problems.append(("rotated", f"EXIF orientation {turn}"))
    image, profile = color_profiles.to_srgb(image)
    if profile:
        problems.append(("profile", profile))
    width, height = image.size
    finding.update(width=width, height=height, mode=mode, format=kind)
    aspect = max(width, height) / min(width, height)
    if aspect > LONGEST_ASPECT:
        problems.append(("aspect", f"{width}x{height}"))
    if form and min(width, height) < form.resolution:
        problems.append(("enlarged", f"{width}x{height}"))
    plain = image_folder.to_mode(image, "RGB")
    small = plain.resize(_SMALL, Image.Resampling.BOX)
    pixels = np.asarray(small, "float64").reshape(-1, 3)
    deviation = pixels.std(axis=0)
    finding["mean"] = pixels.mean(axis=0).round(2).tolist()
    finding["deviation"] = deviation.round(2).tolist()
    if deviation.max() < UNIFORM_DEVIATION:
        text = f"deviation {deviation.max():.1f} of 255"
        problems.append(("near_uniform", text))
    finding["phash"] = str(imagehash.phash(small))
    if form is None:
        return []
    if form.color == "rgba":
        image = image_folder.to_mode(image, "RGBA")
    else:
        image = plain.convert(framing.COLORS[form.color])
    return [
        unchanged
        if unchanged and side == form.resolution
        else framing.encoded(framing.framed(image, side, form, chance), form)
        for side in form.sides
    ]


def _is_in_form(image, form):
    """Tells whether a file has the form already and need not be written anew."""
    return (
        image.size == (form.resolution, form.resolution)
        and image.mode == framing.COLORS[form.color]
        and image.format in ("PNG", "JPEG")
        and getattr(image, "n_frames", 1) == 1
        and not image.has_transparency_data
        and not _METADATA & set(image.info)
    )


def _orientation(image):
    try:
        return image.getexif().get(_ORIENTATION, 1)
    except Exception:  # A damaged tag; the pixels are good.
        return 1
