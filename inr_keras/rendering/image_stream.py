"""Image files of any size, written while they are drawn.

libvips encodes strips that it reads from a pipe, so that only as much of an image is in
memory as its format needs: a few rows, or the whole image for WebP. Without libvips,
Pillow writes small images.
"""

import errno
import importlib.util
import logging
import os
import pathlib
import re
import shutil
import struct
import threading
import zlib

import numpy as np

from inr_keras import extras
from inr_keras.files import temporary_path
from inr_keras.files import write_beside
from inr_keras.rendering import sheet
from inr_keras.rendering.sheet import sheet_columns
from inr_keras.rendering.sheet import to_uint8

_TIFF = (".tif", ".tiff")
# Largest side of an image that a format holds.
_LARGEST = {".jpg": 65535, ".jpeg": 65535, ".webp": 16383}
ENDINGS = (".png", ".jpg", ".jpeg", ".webp", *_TIFF, ".dzi")
_OPAQUE = (".jpg", ".jpeg")
_WHOLE = 2**24  # Most pixels of an image that Pillow writes.
_COLOUR_TYPES = {1: 0, 3: 2, 4: 6}  # Of a PNG, by the number of channels.
_QUALITY = 90


def check_stream(path, height, width, channels):
    """Refuses an image that `write_stream` could not write.

    The disk must have room for the uncompressed image if the format is lossless: the
    compressed size is not known in advance.

    Args:
        path: str or path.
        height, width, channels: int. Shape of the whole image.

    Raises:
        ValueError: The ending is unknown, or the format or the disk cannot hold the
            image.
        UnfitEnvironment: The package that writes the format is missing.
    """
    path = pathlib.Path(path)
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise ValueError(
            f"`path` must end in {', '.join(ENDINGS)}. Received: {str(path)!r}"
        )
    if channels == 4 and ending in _OPAQUE:
        raise ValueError(
            "`path` must end in .png, .webp, .tif or .dzi for images with "
            f"transparency. Received: {str(path)!r}"
        )
    largest = _LARGEST.get(ending, 10_000_000)  # The limit of libvips.
    if max(height, width) > largest:
        raise ValueError(
            f"`path` must be a format that holds {width}x{height} pixels, and "
            f"{ending} holds {largest} a side. Received: {str(path)!r}"
        )
    if ending == ".dzi":
        tiles = _tiles(path)
        known = path.exists() or (tiles / "vips-properties.xml").exists()
        if not known and tiles.exists() and any(tiles.iterdir()):
            raise ValueError(
                f"`path` must leave {tiles.name} free, a folder that is not of such an "
                f"image. Received: {str(path)!r}"
            )
    if not _by_pillow(path, height, width):
        extras.load("pyvips", "prepare")
    folder = next(p for p in path.absolute().parents if p.exists())
    free = shutil.disk_usage(folder).free
    need = height * width * channels
    if ending in _TIFF:
        need = need * 4 // 3  # The smaller levels.
    if (ending == ".png" or ending in _TIFF) and need > free:
        raise ValueError(
            f"`path` must have room for {width}x{height} pixels, up to "
            f"{need / 1e6:.1f} MB, and {free / 1e6:.1f} MB are free. Received: "
            f"{str(path)!r}"
        )


def _by_pillow(path, height, width):
    """Tells whether Pillow writes an image, as libvips is missing."""
    return (
        path.suffix.lower() in sheet.ENDINGS
        and height * width <= _WHOLE
        and importlib.util.find_spec("pyvips") is None
    )


def write_stream(path, strips, height, width, channels):
    """Writes an image that comes in strips; its file appears whole.

    Args:
        path: str or path. `.png`, `.jpg`, `.jpeg` and `.webp` (which needs memory
            for the whole image); `.tif` and `.tiff`: tiles of 256 pixels a side
            and levels of half the size down to one tile, BigTIFF from 2 GB on;
            `.dzi`: Deep Zoom, whose tiles are in `NAME_files` beside it.
        strips: Iterable of uint8 arrays `(rows, width, channels)`.
        height, width: int. Size of the whole image.
        channels: int. 1, 3 or 4.

    Example:
        >>> strips = (np.zeros((4, 16, 3), "uint8") for _ in range(4))
        >>> write_stream(folder / "black.png", strips, height=16, width=16, channels=3)
    """
    path = pathlib.Path(path)
    check_stream(path, height, width, channels)
    parts = strips, height, width, channels
    if path.suffix.lower() == ".dzi":
        _write_tiles(path, parts)
    elif _by_pillow(path, height, width):
        sheet.save_image(path, np.concatenate(list(strips)))
    else:
        write_beside(path, lambda temporary: _encode(path, temporary, *parts))


def sheet_strips(renderer, styles, surface, columns, supersample=1, progress=None):
    """Draws images side by side on a sheet, in strips for `write_stream`.

    Args:
        renderer: Renderer.
        styles: See `Renderer.render`.
        surface: Surface that all images show.
        columns: int. Images in a row of the sheet.
        supersample: int. See `Renderer.strips`.
        progress: Function of the share done, 0 to 1, or `None`.

    Yields:
        uint8 arrays `(rows, columns * width, channels)`.
    """
    drawn, total = 0, len(styles) * surface.height
    for i in range(0, len(styles), columns):
        row = styles[i : i + columns]
        for strip in renderer.strips(row, surface, supersample):
            count, rows, width, channels = strip.shape
            out = np.full((rows, columns, width, channels), 255, "uint8")
            out[:, :count] = to_uint8(strip).swapaxes(0, 1)
            yield out.reshape(rows, columns * width, channels)
            drawn += count * rows
            if progress:
                progress(drawn / total)


def save_sheet(
    path, renderer, styles, surface, columns=None, supersample=1, progress=None
):
    """Draws styles on a surface into a file, in bounded memory.

    Args:
        path: See `write_stream`.
        renderer, styles, surface, supersample: See `sheet_strips`.
        columns: int. Images in a row of the sheet. Defaults to `sheet_columns`.
        progress: Function of the share done, 0 to 1, or `None`.

    Example:
        >>> renderer = Renderer(generator)
        >>> styles = renderer.styles(latents_from_seeds(range(6), 8))
        >>> plane = surface("plane", generator, height=32)
        >>> save_sheet(folder / "sheet.png", renderer, styles, plane)
    """
    columns = columns or sheet_columns(len(styles))
    strips = sheet_strips(renderer, styles, surface, columns, supersample, progress)
    height = -(-len(styles) // columns) * surface.height
    width = columns * surface.width
    write_stream(path, strips, height, width, renderer.generator.channels)


def _encode(path, target, strips, height, width, channels):
    """Feeds strips to libvips, which writes `target` in a thread."""
    pyvips = extras.load("pyvips", "prepare")

    pyvips.cache_set_max(0)
    logging.getLogger("pyvips").setLevel(logging.WARNING)
    reading, writing = os.pipe()
    failed = []

    def save():
        try:
            # Only the text: the stack of an exception would keep the pipe open.
            failed.extend(_save(pyvips, reading, target, path, channels))
        finally:
            os.close(reading)

    thread = threading.Thread(target=save)
    thread.start()
    try:
        # Closing the pipe ends the thread, however the drawing has ended.
        with open(writing, "wb") as pipe:
            _feed(pipe, strips, height, width, channels)
    except BrokenPipeError:
        pass  # The thread knows why.
    finally:
        thread.join()
    if failed:
        raise OSError(errno.EIO, failed[0], str(path))


def _save(pyvips, reading, target, path, channels):
    """Lets libvips write a file; returns its error text in a list, or `[]`."""
    try:
        source = pyvips.Source.new_from_descriptor(reading)
        image = pyvips.Image.new_from_source(
            source, "", access="sequential", fail_on="truncated", unlimited=True
        )
        ending = path.suffix.lower()
        target = str(target)
        if ending == ".png":
            image.pngsave(target, filter="sub")
        elif ending in _TIFF:
            image.tiffsave(
                target,
                compression="deflate",
                predictor="horizontal",
                tile=True,
                tile_width=256,
                tile_height=256,
                pyramid=True,
                bigtiff=image.width * image.height * channels > 2**31,
            )
        elif ending == ".dzi":
            tiles = ".png" if channels == 4 else f".jpg[Q={_QUALITY}]"
            image.dzsave(target, suffix=tiles)
        else:
            image.write_to_file(target, Q=_QUALITY)
    except pyvips.Error as error:
        text = str(error)
        known = re.search(r"system error: (.+)", text)
        return [known[1] if known else " ".join(text.split())]
    return []


def _feed(pipe, strips, height, width, channels):
    """Writes strips as a PNG without compression, a stream that libvips reads."""

    def chunk(name, data):
        check = zlib.crc32(data, zlib.crc32(name))
        size, check = struct.pack(">I", len(data)), struct.pack(">I", check)
        for part in (size, name, data, check):
            pipe.write(part)

    pipe.write(b"\x89PNG\r\n\x1a\n")
    head = (width, height, 8, _COLOUR_TYPES[channels], 0, 0, 0)
    chunk(b"IHDR", struct.pack(">IIBBBBB", *head))
    deflate = zlib.compressobj(0)
    for strip in strips:
        flat = strip.reshape(len(strip), width * channels)
        lines = np.pad(flat, ((0, 0), (1, 0)))  # Each begins with its filter.
        chunk(b"IDAT", deflate.compress(lines.tobytes()))
    chunk(b"IDAT", deflate.flush())
    chunk(b"IEND", b"")


def _tiles(path):
    """Returns the folder of a Deep Zoom file's images."""
    return path.with_name(f"{path.stem}_files")


def _write_tiles(path, parts):
    """Writes a Deep Zoom file and its folder, renamed together."""
    path.parent.mkdir(parents=True, exist_ok=True)
    folder = temporary_path(path)
    tiles = _tiles(path)
    try:
        folder.mkdir()
        # libvips would read options from brackets in a name.
        _encode(path, folder / "new", *parts)
        if tiles.exists():
            tiles.rename(folder / "before")
        (folder / "new_files").rename(tiles)
        os.replace(folder / "new.dzi", path)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
