"""Videos: frames out of channels, and files that move."""

import pathlib

import numpy as np
from PIL import Image

from inr_keras.files import write_beside

ENDINGS = (".gif", ".webp")


def to_frames(images, count):
    """`(..., count * channels)` to `(count, ..., channels)`."""
    return np.stack(np.split(np.asarray(images), count, axis=-1))


def check_animation_path(path):
    """Raises `ValueError` for an ending that is of no animation format."""
    path = pathlib.Path(path)
    if path.suffix.lower() not in ENDINGS:
        raise ValueError(
            f"--out must end in {' or '.join(ENDINGS)} for a video. "
            f"Received: {str(path)!r}"
        )


def save_animation(path, frames, seconds=1.0):
    """Writes frames as an endless GIF or WebP animation.

    Args:
        path: str or path that ends in .gif or .webp.
        frames: uint8 array `(count, height, width, 1, 3 or 4)`.
        seconds: float. Of one round.
    """
    check_animation_path(path)
    path = pathlib.Path(path)
    first, *rest = [
        Image.fromarray(frame[..., 0] if frame.shape[-1] == 1 else frame)
        for frame in frames
    ]
    options = {"quality": 90} if path.suffix.lower() == ".webp" else {}
    write_beside(
        path,
        lambda temporary: first.save(
            temporary,
            save_all=True,
            append_images=rest,
            duration=round(1000 * seconds / len(frames)),
            loop=0,
            **options,
        ),
    )
