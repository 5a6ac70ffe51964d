"""Examination of single images: their problems, and their prepared forms.

This module does not import TensorFlow: the processes that share the work start fast.
"""

import hashlib
import io

import numpy as np
from PIL import Image

from inr_keras import extras
from inr_keras.data import complaints
from inr_keras.data import framing
from inr_keras.data import image_files
from inr_keras.data.complaints import UnreadableImageError

imagehash = extras.load("imagehash", "prepare")

UNIFORM_DEVIATION = 2.0  # Levels of 255, in the channel that varies most.
LONGEST_ASPECT = 4.0
_SMALL = (64, 64)


def examine(name, contents, form=None, min_side=8, seed=0):
    """Examines an image, and makes its prepared forms.

    Args:
        name: str. Name of the image.
        contents: bytes of its file, or the `UnreadableImageError` raised by reading it.
        form: framing.Form. Defaults to `None`: no form is made.
        min_side: int. Images with a shorter side are unusable.
        seed: int. Decides, with the contents, where a random square lies.

    Returns:
        dict that JSON can hold, and a list of the files (bytes) for the form's sides; a
        PNG or JPEG file that has the form already is kept. The dict has `name`,
        `problems` (pairs of a kind and a text), `sha256` and, where the image can be
        read, `width`, `height`, `mode`, `format`, `mean` and `deviation` of red, green
        and blue, and `phash`, 64 bits.
    """
    finding = {"name": name, "problems": []}
    try:
        if isinstance(contents, Exception):
            raise contents
        digest = hashlib.sha256(contents).digest()
        finding["sha256"] = digest.hex()
        picture = image_files.read_picture(io.BytesIO(contents), min_side)
        plain = _describe(finding, picture, form)
        if form is None:
            return finding, []
        unchanged = contents if _is_in_form(picture, form) else None
        chance = _chance(digest, seed)
        return finding, _forms(picture, plain, form, chance, unchanged)
    except UnreadableImageError as error:
        finding["problems"] = [(error.kind, str(error))]
        return finding, []


def usable(finding, leave_out=()):
    """Tells whether an image can be prepared."""
    return not any(
        kind in complaints.UNUSABLE or kind in leave_out
        for kind, _ in finding["problems"]
    )


def _chance(digest, seed):
    seeded = hashlib.sha256(digest + str(seed).encode()).digest()
    return int.from_bytes(seeded[:6], "big") / 2**48


def _describe(finding, picture, form):
    """Adds to a finding what a picture is like; returns it in red, green and blue."""
    problems = finding["problems"]
    problems.extend(picture.complaints)
    width, height = picture.image.size
    finding.update(width=width, height=height, mode=picture.mode, format=picture.format)
    aspect = max(width, height) / min(width, height)
    if aspect > LONGEST_ASPECT:
        problems.append(("aspect", f"{width}x{height}"))
    if form and min(width, height) < form.resolution:
        problems.append(("enlarged", f"{width}x{height}"))
    plain = picture.in_channels(3)
    small = plain.resize(_SMALL, Image.Resampling.BOX)
    pixels = np.asarray(small, "float64").reshape(-1, 3)
    deviation = pixels.std(axis=0)
    finding["mean"] = pixels.mean(axis=0).round(2).tolist()
    finding["deviation"] = deviation.round(2).tolist()
    if deviation.max() < UNIFORM_DEVIATION:
        text = f"deviation {deviation.max():.1f} of 255"
        problems.append(("near_uniform", text))
    finding["phash"] = str(imagehash.phash(small))
    return plain


def _forms(picture, plain, form, chance, unchanged):
    """Encodes a picture in each side of a form, the first as `unchanged` if given."""
    if form.color == "rgba":
        image = picture.in_channels(4)
    else:
        image = plain.convert(framing.COLORS[form.color])
    return [
        unchanged
        if unchanged and side == form.resolution
        else framing.encoded(framing.framed(image, side, form, chance), form)
        for side in form.sides
    ]


def _is_in_form(picture, form):
    """Tells whether a file has the form already and can stay as it is."""
    return (
        picture.is_plain
        and picture.image.size == (form.resolution, form.resolution)
        and picture.mode == framing.COLORS[form.color]
        and picture.format in ("PNG", "JPEG")
    )
