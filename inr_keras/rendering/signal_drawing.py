"""Rendering of the signal that an INR was fitted to: picture, sound, film or mesh."""

import pathlib

import numpy as np
import tensorflow as tf

from inr_keras import coordinates
from inr_keras import extras
from inr_keras.rendering import film
from inr_keras.rendering import image_stream
from inr_keras.rendering import mesh_views
from inr_keras.rendering import meshes
from inr_keras.rendering import sounds
from inr_keras.rendering.sheet import ENDINGS
from inr_keras.rendering.sheet import save_image
from inr_keras.rendering.sheet import sheet
from inr_keras.rendering.sheet import to_uint8

_POINTS = 65536  # Points that go through the network at once.
_VIEWS = ((35.0, 20.0), (125.0, 20.0), (215.0, 20.0), (35.0, 75.0))
_STILLS = 8  # Images of a film on a sheet.
SIDE = 96  # Samples along a side of a field, by default.


def values(inr, coords, progress=None):
    """Values of an INR at any number of points, in bounded memory.

    Args:
        inr: INR.
        coords: float array `(..., coord_dim)`.
        progress: Function of the share done, 0 to 1, or `None`.

    Returns:
        float32 array `(..., channels)`.
    """
    coords = np.asarray(coords, "float32")
    flat = coords.reshape(-1, coords.shape[-1])
    draw = _graph(inr)
    out = np.empty((len(flat), inr.channels), "float32")
    for begin in range(0, len(flat), _POINTS):
        out[begin : begin + _POINTS] = draw(flat[begin : begin + _POINTS])
        if progress:
            progress(min(1.0, (begin + _POINTS) / len(flat)))
    return out.reshape(*coords.shape[:-1], inr.channels)


def _graph(inr):
    """Traces an INR once for any number of points."""
    if not hasattr(inr, "graph_of_points"):
        inr.graph_of_points = tf.function(
            inr.call,
            input_signature=[tf.TensorSpec((None, inr.coord_dim))],
            autograph=False,
        )
    return inr.graph_of_points


class OneSignal:
    """INR of a picture in the form of a generator without latents.

    Args:
        inr: INR of a picture.
    """

    latent_dim = 0
    style_dim = 0
    num_layers = 1
    alignment = "center"
    class_names = ()
    coord_dim = 2
    video_length = 0
    noise = False
    takes_grid = False
    draws_any_point = True
    wraps = False
    embedding = None

    def __init__(self, inr):
        self.inr = inr
        self.channels = inr.channels
        self.resolution = max(inr.signal["size"])

    def mapping(self, latents, truncation=1.0, labels=None):
        return latents

    def synthesis(self, styles, coords):
        drawn = self.inr(coords)
        return drawn + tf.zeros((tf.shape(styles)[0], 1, 1))


def picture_box(signal):
    """Region of the frame that a picture covers, as x0, y0, x1, y1."""
    x, y = signal["extent"][:2]
    return -x, -y, x, y


def picture_size(signal, height=None, width=None, box=None):
    """Computes height and width of a picture, of which one may be given.

    Args:
        signal: dict; see `inr_keras.data.signals`.
        height, width: int or `None`. A single one is the longer side of the picture.
        box: Region that is drawn. Defaults to all of the picture.
    """
    if height and width:
        return height, width
    x0, y0, x1, y1 = box or picture_box(signal)
    longest = max(x1 - x0, y1 - y0)
    side = height or width or max(signal["size"][:2]) * longest / 2.0
    return tuple(max(1, round(side * n / longest)) for n in (y1 - y0, x1 - x0))


def sound(inr, rate=None, progress=None):
    """Samples of a sound at any rate, over its whole length.

    Args:
        inr: INR of a sound.
        rate: int. Samples a second. Defaults to the file's.
        progress: See `values`.

    Returns:
        float32 array `(samples, channels)`.
    """
    signal = inr.signal
    count = max(1, round(signal["size"][0] * (rate or signal["rate"]) / signal["rate"]))
    return signal["gain"] * values(inr, _cells(count)[:, None], progress)


def film_images(inr, length=None, height=None, width=None):
    """Yields the images of a film, at any number of equally distant times.

    Args:
        inr: INR of a film.
        length: int. Defaults to the file's.
        height, width: See `picture_size`.

    Yields:
        uint8 arrays `(height, width, channels)`.
    """
    signal = inr.signal
    length = length or signal["size"][2]
    height, width = picture_size(signal, height, width)
    film.check_points(height, width)
    x, y = (
        extent * _cells(count)
        for extent, count in zip(signal["extent"], (width, height))
    )
    grid = np.stack(np.meshgrid(x, y), axis=-1)
    for time in _cells(length):
        time = np.full((height, width, 1), time)
        drawn = values(inr, np.concatenate([grid, time], axis=-1))
        yield to_uint8(drawn)


def _cells(count):
    """Middles of the cells of an axis, an array."""
    return np.asarray(coordinates.axis_coordinates(np.arange(count), count, "center"))


def shape_mesh(inr, size=SIDE, progress=None):
    """Surface of a shape, in units of its file.

    Args:
        inr: INR of a shape.
        size: int. Samples along each side of the frame.
        progress: See `values`.

    Returns:
        Mesh.
    """
    field = values(inr, meshes.grid_coords(size), progress)[..., 0]
    vertices, faces = meshes.field_mesh(field)
    signal = inr.signal
    return meshes.Mesh(vertices * signal["unit"] + signal["offset"], faces)


def mesh_sheet(mesh, size=256):
    """Views of a mesh side by side, as an image."""
    return sheet(
        np.stack([mesh_views.view(mesh, size, *angles) for angles in _VIEWS]), 4
    )


def film_sheet(inr, height=None, width=None):
    """Images of a film at equally distant times, side by side."""
    count = min(_STILLS, inr.signal["size"][2])
    film.check_points(*picture_size(inr.signal, height, width), count)
    return sheet(np.stack(list(film_images(inr, count, height, width))))


def check_out(kind, path):
    """Raises `ValueError` where a kind of signal cannot be written to a path."""
    ending = pathlib.Path(path).suffix.lower()
    if kind == "picture":
        image_stream.check_stream(path, 1, 1, 3)
    elif ending in ENDINGS and not (kind == "film" and ending == ".webp"):
        if kind not in ("sound", "film"):
            extras.require("signals")  # A picture of a shape shows a mesh.
    elif kind == "sound":
        sounds.check_sound_path(path)
    elif kind == "film":
        film.check_film_path(path, 24.0)
    else:
        meshes.check_mesh_path(path)


def write_signal(inr, path, height=None, width=None, rate=None, progress=None):
    """Writes the sound, film or mesh that an INR was fitted to, or a picture of it.

    Args:
        inr: INR of a sound, film or shape.
        path: str or path. Its ending decides; see `check_out`.
        height, width: int. Sides of a film's images; `height` is also the number of
            samples along a side of a shape.
        rate: int. Samples a second of a sound.
        progress: See `values`.

    Returns:
        str: what was written.
    """
    kind = inr.signal["kind"]
    check_out(kind, path)
    is_picture = pathlib.Path(path).suffix.lower() in ENDINGS
    if kind == "sound":
        rate = rate or inr.signal["rate"]
        samples = sound(inr, rate, progress)
        if is_picture:
            sounds.save_sound_picture(path, [(f"{rate} Hz", samples, rate)])
        else:
            sounds.save_sound(path, samples, rate)
        return f"{len(samples)} samples, {rate} a second"
    if kind == "film":
        if is_picture and not str(path).lower().endswith(".webp"):
            save_image(path, film_sheet(inr, height, width))
            return "images of a film"
        length = inr.signal["size"][2]
        rate = film.possible_rate(path, inr.signal["rate"])
        film.write_film(path, _counted(inr, length, height, width, progress), rate)
        return f"{length} images, {rate:g} a second"
    mesh = shape_mesh(inr, height or SIDE, progress)
    if is_picture:
        save_image(path, mesh_sheet(mesh))
    else:
        meshes.save_mesh(path, mesh)
    return f"{len(mesh.faces)} triangles"


def write_animation(inr, path, length, rate, size=None, progress=None):
    """Writes a film of any number of images, or a turn around a shape.

    Args:
        inr: INR of a film or a shape.
        path: str or path that ends in .mp4, .webp or .gif.
        length: int. Number of images, evenly spread over the film or the turn.
        rate: float. Images a second.
        size: int. Longer side of the images. Defaults to the file's, or 256.
        progress: See `values`.

    Returns:
        str: what was written.
    """
    film.check_film_path(path, rate)
    if inr.signal["kind"] == "film":
        images = _counted(inr, length, size, None, progress)
    else:
        side = size or 256
        film.check_points(side, side)
        turn = mesh_views.turntable(shape_mesh(inr), length, side)
        images = _with_progress(turn, length, progress)
    film.write_film(path, images, rate)
    return f"{length} images"


def _counted(inr, length, height, width, progress):
    return _with_progress(film_images(inr, length, height, width), length, progress)


def _with_progress(images, length, progress):
    for number, image in enumerate(images):
        yield image
        if progress:
            progress((number + 1) / length)
