"""Films of any length, written image by image.

An animated WebP or GIF file is put together here from images that Pillow
encodes one at a time: its own writers keep all images until the last.
"""

import errno
import io
import pathlib
import struct

import numpy as np
from PIL import Image

from inr_keras import extras
from inr_keras.files import write_beside

ENDINGS = (".mp4", ".webp", ".gif")
_RATES = 0.1, 240.0  # Least and most images a second.
_GIF_RATE = 50  # Most images a second that viewers of GIF show.
_MAX_POINTS = 2**28  # Of all images or solids that memory holds at once.
_QUALITY = 90  # Of WebP, out of 100.


def split_videos(videos, length):
    """Splits `(..., length * channels)` into images `(length, ..., channels)`.

    Example:
        >>> split_videos(np.zeros((2, 16, 16, 8 * 3)), length=8).shape
        (8, 2, 16, 16, 3)
    """
    return np.stack(np.split(np.asarray(videos), length, axis=-1))


def round_rate(count):
    """Rate, in images a second, at which a film of `count` images takes one second.

    The rate is at most 50, the most that viewers of GIF show; longer films take longer.
    """
    return min(count, _GIF_RATE)


def possible_rate(path, rate):
    """Rate nearest to `rate`, in images a second, that a film at `path` can have."""
    low, high = _RATES
    is_gif = pathlib.Path(path).suffix.lower() == ".gif"
    return min(max(rate, low), _GIF_RATE if is_gif else high)


def check_points(height, width, count=1, depth=1):
    """Refuses more points than memory should hold at once.

    Args:
        height, width, depth: int. Sides of an image or a solid.
        count: int. Number of them, each image of a video counted. Defaults to `1`.

    Raises:
        ValueError: They are too many.
    """
    if height * width * depth * count > _MAX_POINTS:
        sides = "x".join(map(str, (width, height, depth)[: 2 + (depth > 1)]))
        raise ValueError(
            f"`height` must leave at most {_MAX_POINTS} points in all. "
            f"Received: {sides} times {count}"
        )


def check_film_path(path, rate):
    """Refuses a path or a rate of a film that cannot be written.

    Raises:
        ValueError: The ending is not that of a film, or the rate is out of range.
        UnfitEnvironment: The package that writes .mp4 is missing.
    """
    path = pathlib.Path(path)
    suffix = path.suffix.lower()
    if suffix not in ENDINGS:
        raise ValueError(
            f"`path` must end in {', '.join(ENDINGS)}. Received: {str(path)!r}"
        )
    low, high = _RATES
    if not low <= rate <= high:
        raise ValueError(f"`rate` must be from {low:g} to {high:g}. Received: {rate}")
    if suffix == ".gif" and rate > _GIF_RATE:
        raise ValueError(
            f"`rate` must be at most {_GIF_RATE} for a .gif. Received: {rate}"
        )
    if suffix == ".mp4":
        _ffmpeg()


def write_film(path, images, rate):
    """Writes a film image by image, with one image in memory at a time.

    Args:
        path: str or path that ends in .mp4, .webp or .gif. The latter two
            play without end.
        images: Iterable of uint8 arrays `(height, width, 1, 3 or 4)` of one
            size. Only WebP keeps opacity; the others are laid on white.
        rate: float. Images a second.

    Example:
        >>> images = (np.full((16, 16, 3), 32 * i, "uint8") for i in range(8))
        >>> write_film(folder / "grey.webp", images, rate=8)
    """
    check_film_path(path, rate)
    write = {".mp4": _write_mp4, ".webp": _write_webp, ".gif": _write_gif}[
        pathlib.Path(path).suffix.lower()
    ]
    write_beside(path, lambda temporary: write(temporary, images, rate))


def _milliseconds(number, rate):
    """Duration of an image in milliseconds, so that rounding does not add up."""
    return round(1000 * (number + 1) / rate) - round(1000 * number / rate)


def _opaque(image):
    """Converts an image to red, green and blue, on white."""
    if image.shape[-1] == 1:
        return image.repeat(3, axis=-1)
    if image.shape[-1] == 4:
        share = image[..., 3:].astype("float32") / 255.0
        image = image[..., :3] * share + 255.0 * (1.0 - share)
        image = np.rint(image).astype("uint8")
    return image


def _ffmpeg():
    return extras.load("imageio_ffmpeg", "video")


def _write_mp4(path, images, rate):
    writer, count = None, 0
    try:
        for count, image in enumerate(images, 1):
            image = _opaque(image)
            # The format stores colours for blocks of 2 x 2 pixels.
            odd = [(0, side % 2) for side in image.shape[:2]]
            image = np.pad(image, [*odd, (0, 0)], mode="edge")
            if writer is None:
                writer = _ffmpeg().write_frames(
                    str(path),
                    image.shape[1::-1],
                    fps=rate,
                    quality=8,
                    macro_block_size=1,
                    ffmpeg_log_level="error",
                )
                writer.send(None)
            writer.send(np.ascontiguousarray(image))
    finally:
        if writer is not None:
            writer.close()
    _check_mp4(path, count)


def _check_mp4(path, count):
    """Counts the images of a film: ffmpeg does not report failures at its end."""
    try:
        found, _ = _ffmpeg().count_frames_and_secs(str(path))
    except RuntimeError:
        found = 0
    if found != count:
        raise OSError(
            errno.EIO,
            f"ffmpeg wrote {found} of {count} images, perhaps for lack of room",
            str(path),
        )


def _write_webp(path, images, rate):
    # https://developers.google.com/speed/webp/docs/riff_container
    with open(path, "wb") as file:
        file.write(bytes(12))  # Filled in at the end.
        for number, image in enumerate(images):
            height, width, channels = image.shape
            size = struct.pack("<I", width - 1)[:3]
            size += struct.pack("<I", height - 1)[:3]
            if not number:
                flags = 0x02 | (0x10 if channels == 4 else 0)
                _chunk(file, b"VP8X", struct.pack("<I", flags) + size)
                # White behind, without end.
                _chunk(file, b"ANIM", b"\xff\xff\xff\xff\0\0")
            time = struct.pack("<I", _milliseconds(number, rate))[:3]
            # At the corner, replacing the image before.
            head = bytes(6) + size + time + b"\x02"
            _chunk(file, b"ANMF", head + _webp_image(image))
        length = file.tell() - 8
        file.seek(0)
        file.write(b"RIFF" + struct.pack("<I", length) + b"WEBP")


def _webp_image(image):
    """Encodes one image as the chunks of a WebP film."""
    data = io.BytesIO()
    image = image if image.shape[-1] == 4 else _opaque(image)
    Image.fromarray(image).save(data, "WEBP", quality=_QUALITY)
    data, position, parts = data.getvalue(), 12, []
    while position < len(data):
        name = data[position : position + 4]
        [length] = struct.unpack("<I", data[position + 4 : position + 8])
        end = position + 8 + length + length % 2
        if name in (b"ALPH", b"VP8 ", b"VP8L"):
            parts.append(data[position:end])
        position = end
    return b"".join(parts)


def _chunk(file, name, data):
    file.write(name + struct.pack("<I", len(data)) + data)
    file.write(bytes(len(data) % 2))


def _write_gif(path, images, rate):
    # https://www.w3.org/Graphics/GIF/spec-gif89a.txt
    with open(path, "wb") as file:
        for number, image in enumerate(images):
            table, data = _gif_image(_opaque(image))
            size = struct.pack("<HH", image.shape[1], image.shape[0])
            if not number:
                file.write(b"GIF89a" + size + b"\x70\0\0")
                file.write(b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0")
            begin, end = (round(100 * n / rate) for n in (number, number + 1))
            delay = struct.pack("<H", end - begin)
            file.write(b"\x21\xf9\x04\x04" + delay + b"\0\0")
            bits = (len(table) // 3).bit_length() - 2
            file.write(b"\x2c" + bytes(4) + size + bytes([0x80 | bits]))
            file.write(table + data)
        file.write(b"\x3b")


def _gif_image(image):
    """Encodes one image as the table of colours and the pixels of a GIF."""
    image = Image.fromarray(image).quantize(256)
    data = io.BytesIO()
    image.save(data, "GIF", interlace=False)
    data = data.getvalue()
    flags = data[10]
    position = 13
    table = b""
    if flags & 0x80:
        length = 3 * 2 ** ((flags & 7) + 1)
        table, position = data[position : position + length], position + length
    while data[position] == 0x21:  # Extensions.
        position += 2
        while data[position]:
            position += data[position] + 1
        position += 1
    flags, position = data[position + 9], position + 10
    if flags & 0x80:
        length = 3 * 2 ** ((flags & 7) + 1)
        table, position = data[position : position + length], position + length
    return table, data[position:-1]
