"""Kinds of complaints about image files, one list for preparation and training."""

import functools

from absl import logging

# Kinds for which an image is always left out, and what reports call them.
UNUSABLE = {
    "empty": "Empty files",
    "truncated": "Truncated images",
    "corrupt": "Corrupt images",
    # Findings on disk have this name since the first version.
    "not_a_picture": "Files that are no images, whatever their names say",
    "unsupported": "Images that no installed program reads",
    "too_large": "Images beyond the limit of pixels",
    "tiny": "Tiny images",
    "values": "Values that mean no grey",
    "unreadable": "Files whose content could not be read",
    "unsafe": "Files that were not read",
}
# Kinds that are reported of images that can be used.
NOTED = {
    "duplicate": "Exact duplicates",
    "near_duplicate": "Near duplicates",
    "near_uniform": "Images of nearly one colour",
    "enlarged": "Images smaller than the resolution",
    "aspect": "Very long images",
    "mode": "Modes other than RGB and L",
    "value_range": "Dark perhaps because their files do not state what is white",
    "animated": "Several images",
    "rotated": "Turned by EXIF",
    "profile": "Embedded colour profiles other than sRGB",
}
TITLES = {**UNUSABLE, **NOTED}
# Kinds of `NOTED` of which training warns, because the image may be wrong.
DOUBTFUL = ("value_range", "aspect")


class UnreadableImageError(ValueError):
    """Error of a file that holds no usable image; the message says why.

    Args:
        message: str.
        kind: str. A kind of `UNUSABLE`. Defaults to `"corrupt"`.
    """

    def __init__(self, message, kind="corrupt"):
        super().__init__(message)
        self.kind = kind


@functools.cache
def warn_once(text):
    """Logs a warning, in each process once."""
    logging.warning("%s", text)
