"""Short videos from single images, to learn motion from."""

import math

import numpy as np
from PIL import Image

_MADE = ("spin", "pulse")  # Other motions come from files.
_SHRINK = 0.45  # Of the side, at the smallest moment of a pulse.
# White, or transparent, by the number of channels.
_OUTSIDE = {1: 255, 3: (255, 255, 255), 4: (0, 0, 0, 0)}


def video(image, motion: str, length: int):
    """Makes a video of one period of a motion from an image.

    Args:
        image: uint8 array `(side, side, 1, 3 or 4)`.
        motion: str. `"spin"`: one turn, clockwise. `"pulse"`: smaller and
            back again.
        length: int. Images of the period; the first is `image` itself.

    Returns:
        uint8 array `(side, side, length * channels)`: the images of the video
        side by side, all channels of the first image first.
    """
    if motion not in _MADE:
        raise ValueError(f"`motion` must be one of {_MADE}. Received: {motion=}")
    channels = image.shape[-1]
    whole = Image.fromarray(image[..., 0] if channels == 1 else image)
    result = [image]
    for number in range(1, length):
        moved = _moved(whole, motion, number / length, _OUTSIDE[channels])
        result.append(np.asarray(moved).reshape(image.shape))
    return np.concatenate(result, axis=-1)


def _moved(whole, motion, phase, outside):
    angle = 2.0 * math.pi * phase if motion == "spin" else 0.0
    scale = 1.0
    if motion == "pulse":
        scale -= _SHRINK * (1.0 - math.cos(2.0 * math.pi * phase)) / 2.0
    # Where the middle of each pixel comes from.
    middle = whole.width / 2.0
    a, b = math.cos(angle) / scale, math.sin(angle) / scale
    data = (
        *(a, b, middle * (1.0 - a - b)),
        *(-b, a, middle * (1.0 - a + b)),
    )
    return whole.transform(
        whole.size,
        Image.Transform.AFFINE,
        data,
        Image.Resampling.BICUBIC,
        fillcolor=outside,
    )
