"""Films of files: animated GIF, PNG and WebP, and MP4."""

import pathlib

import numpy as np
from PIL import Image
from PIL import ImageSequence

from inr_keras import extras
from inr_keras.data import image_files
from inr_keras.data.complaints import UnreadableImageError

ANIMATIONS = (".gif", ".webp", ".png", ".apng")  # Pillow reads them.
MOVIES = (".mp4",)  # imageio-ffmpeg reads them.
ENDINGS = ANIMATIONS + MOVIES
MAX_POINTS = 2**27  # Pixels of all images of a film together.
_DURATION = 100  # Milliseconds of an image whose file does not say.
_MODES = {1: "L", 3: "RGB", 4: "RGBA"}


def read_film(path, channels=3, length=None, size=None):
    """Reads the images of a film and their rate.

    Images that are shown for unequal times are taken as equally long.

    Args:
        path: str or path of a GIF, APNG, WebP or MP4 file. A file of a single image
            is a film of length 1.
        channels: int. 1: grey; 3: red, green and blue, on white where a file is
            transparent; 4: opacity too. Defaults to `3`.
        length: int. Images to read at most, from the first. Defaults to `None`: all.
        size: `(width, height)` to which each image is resized, with an antialiasing
            Lanczos filter. Defaults to `None`: as in the file.

    Returns:
        uint8 array `(length, height, width, channels)` and images a second, a float.

    Raises:
        UnreadableImageError: The file holds no film that can be read; the message
            says why.
    """
    path = pathlib.Path(path)
    if path.suffix.lower() in MOVIES:
        images, rate = _read_movie(path, length)
    else:
        images, rate = _read_animation(path, length)
    mode = _MODES[channels]
    pixels, count = [], 0
    for image in images:
        image = image_files.to_mode(image, mode)
        if size is not None and image.size != tuple(size):
            image = image.resize(size, Image.Resampling.LANCZOS)
        count += image.width * image.height
        if count > MAX_POINTS:
            raise UnreadableImageError(
                f"too large (more than {MAX_POINTS} pixels in all)"
            )
        pixels.append(np.asarray(image).reshape(image.height, image.width, channels))
    if not pixels:
        raise UnreadableImageError("no images")
    return np.stack(pixels), rate()


def _read_animation(path, length):
    """Yields the images of a file that Pillow reads, and the function of its rate."""
    durations = []

    def images():
        found = []

        def keep(opened):
            points = opened.width * opened.height
            count = getattr(opened, "n_frames", 1)
            if points * min(count, length or count) > 4 * MAX_POINTS:
                raise UnreadableImageError(f"too large ({count} images)")
            for image in ImageSequence.Iterator(opened):
                if length and len(found) == length:
                    break
                image.load()
                durations.append(image.info.get("duration") or _DURATION)
                found.append(image.copy())

        image_files.read_image(path, keep)
        yield from found

    return images(), lambda: 1000.0 * len(durations) / sum(durations)


def _read_movie(path, length):
    """Yields the images of an MP4 file, and the function of its rate."""
    try:
        import imageio_ffmpeg
    except ImportError as error:
        raise UnreadableImageError(
            f"no program to read it: {extras.install('video')}"
        ) from error
    if not path.stat().st_size:
        raise UnreadableImageError("empty file")
    reader = imageio_ffmpeg.read_frames(str(path), pix_fmt="rgb24")
    try:
        head = next(reader)
    except Exception as error:  # Whatever ffmpeg has printed, in many lines.
        raise UnreadableImageError("not a film") from error
    width, height = head["size"]

    def images():
        try:
            for number, data in enumerate(reader):
                if number == length:
                    break
                yield Image.frombytes("RGB", (width, height), data)
        except (OSError, RuntimeError) as error:
            raise UnreadableImageError("a damaged film") from error
        finally:
            reader.close()

    return images(), lambda: float(head["fps"])
