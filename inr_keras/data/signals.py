"""Signals of files that one INR is fitted to: pictures, sounds, films and shapes.

A sample of a picture, sound or film is the middle of a cell of its frame. Axis t of a
sound or film runs from -1 to 1, and so does the longer side of an image; the shorter
side is in proportion. For its renderers, an INR keeps the dict `signal`:

- `kind`: `"picture"`, `"sound"`, `"film"` or `"shape"`
- `size`: samples along each coordinate, in the order x, y, t; shapes have none
- `extent`: half of the frame's length along each coordinate
- `rate`: samples, or images, a second; `gain`: amplitude of a sound's value 1
- `offset`, `unit`: see `Shape`; only shapes have them
"""

import dataclasses
import pathlib

import numpy as np
import tensorflow as tf

from inr_keras import coordinates
from inr_keras.data import film_files
from inr_keras.data import image_files
from inr_keras.data import image_formats
from inr_keras.data import shape_files
from inr_keras.data import sound_files
from inr_keras.data.complaints import UnreadableImageError

MAX_VALUES = 2**27  # Numbers of a signal that memory should hold.
MAX_SAMPLES = 2**21  # Along one axis; float32 tells no more coordinates apart.
_LINES = 512  # Lines of a signal whose spectrum is taken.
_SMALLEST = 3.0  # Frequency of a signal that hardly changes, in radians per unit.
_SHAPES = 8.0  # Frequency for signed distances, in radians per unit.


@dataclasses.dataclass
class Signal:
    """Signal of a file.

    Attributes:
        signal: dict for `INR`; see above.
        scale: tuple of the root mean squares of the signal's frequencies, one for each
            coordinate, in radians per unit, for `INR`.
        values: Array `(points, channels)`, uint8 or float32 in [-1, 1].
        coords: float32 array `(points, axes)`; `None` for a grid of samples, whose
            coordinates are computed.
        file_bits: int. Bits of the file.
        raw_bits: int. Bits of the samples without compression; 0 for a mesh.
        contains, surface: See `Shape`; `None` for other kinds.
    """

    signal: dict
    scale: tuple
    values: np.ndarray
    coords: np.ndarray | None = None
    file_bits: int = 0
    raw_bits: int = 0
    contains: object = None
    surface: tuple | None = None

    @property
    def kind(self):
        return self.signal["kind"]

    @property
    def coord_dim(self):
        return len(self.signal["extent"])

    @property
    def channels(self):
        return self.values.shape[-1]

    def __len__(self):
        return len(self.values)

    def tensors(self):
        """Returns a function from indices of points to coordinates and values."""
        values = tf.constant(self.values)
        coords = None if self.coords is None else tf.constant(self.coords)

        def points(index):
            chosen = tf.gather(values, index)
            if chosen.dtype == tf.uint8:
                chosen = tf.cast(chosen, tf.float32) / 127.5 - 1.0
            if coords is not None:
                return tf.gather(coords, index), chosen
            return grid_coords(index, self.signal), chosen

        return points


def grid_coords(index, signal):
    """Coordinates of samples of a grid, numbered with x changing fastest."""
    axes = []
    for size, extent in zip(signal["size"], signal["extent"]):
        place = coordinates.axis_coordinates(index % size, size, "center")
        axes.append(extent * place)
        index //= size
    return tf.stack(axes, axis=-1)


def open_signal(path, seed=0):
    """Reads a signal file: its ending decides on the kind.

    Args:
        path: str or path. An image file with more than one image is a film.
        seed: int. Seed of a shape's points.

    Returns:
        Signal.

    Raises:
        ValueError: There is no such file, or it cannot be read.
    """
    path = pathlib.Path(path)
    if not path.is_file():
        raise ValueError(f"`path` must be an existing file. Received: {str(path)!r}")
    ending = path.suffix.lower()
    try:
        if ending == ".wav":
            found = _sound(path)
        elif ending in shape_files.MESHES + shape_files.VOXELS:
            found = _shape(path, seed)
        elif ending in film_files.MOVIES or ending in image_formats.SUFFIXES:
            found = _picture_or_film(path)
        else:
            known = sorted(
                {".wav", *film_files.ENDINGS, *image_formats.SUFFIXES}
                | {*shape_files.MESHES, *shape_files.VOXELS}
            )
            raise ValueError(
                f"`path` must end in {', '.join(known)}. Received: {str(path)!r}"
            )
    except (
        UnreadableImageError,
        sound_files.UnreadableSoundError,
        shape_files.UnreadableShapeError,
    ) as error:
        raise ValueError(
            f"`path` must be a signal that can be read ({error}). "
            f"Received: {str(path)!r}"
        ) from error
    found.file_bits = 8 * path.stat().st_size
    return found


def _sound(path):
    samples, rate = sound_files.read_sound(path)
    gain = float(np.abs(samples).max())
    if not gain:
        raise sound_files.UnreadableSoundError("silent: all samples are 0")
    if len(samples) > MAX_SAMPLES:
        raise sound_files.UnreadableSoundError(
            f"{len(samples)} samples; one INR takes {MAX_SAMPLES} at most"
        )
    kind = {"kind": "sound", "rate": rate, "gain": gain}
    return _grid(kind, samples / gain, 16)


def _picture_or_film(path):
    if path.suffix.lower() in film_files.MOVIES or _is_animated(path):
        images, rate = film_files.read_film(path)
        if len(images) > 1:
            return _grid({"kind": "film", "rate": rate}, images, 8)
        return _grid({"kind": "picture"}, images[0], 8)
    picture = image_files.read_picture(path)
    is_grey = picture.mode in ("1", "L") or picture.mode.startswith("I")
    pixels = np.asarray(picture.in_channels(1 if is_grey else 3))
    pixels = pixels.reshape(*pixels.shape[:2], -1)
    return _grid({"kind": "picture"}, pixels, 8)


def _is_animated(path):
    def count(image):
        # A phone's JPEG holds a preview besides.
        return image.format != "MPO" and getattr(image, "n_frames", 1) > 1

    return image_files.read_image(path, count)


def _grid(signal, array, bits):
    """Makes a signal of an array `(..., height, width, channels)`."""
    *shape, channels = array.shape
    if array.size > MAX_VALUES:
        raise UnreadableImageError(f"too large: more than {MAX_VALUES} values")
    sizes = shape[::-1]
    extent = [1.0] * len(sizes)
    if len(sizes) > 1:
        extent[:2] = [size / max(sizes[:2]) for size in sizes[:2]]
    signal = {**signal, "size": sizes, "extent": extent}
    scale = [
        max(_SMALLEST, _share_of_nyquist(array, axis) * np.pi * size / 2.0 / half)
        for axis, (size, half) in enumerate(zip(shape, extent[::-1]))
    ]
    return Signal(
        signal,
        tuple(float(value) for value in scale[::-1]),
        np.ascontiguousarray(array.reshape(-1, channels)),
        raw_bits=array.size * bits,
    )


def _share_of_nyquist(array, axis):
    """Root mean square frequency along an axis, as a share of the highest."""
    lines = np.moveaxis(array, axis, 0).reshape(array.shape[axis], -1)
    step = -(-lines.shape[1] // _LINES)
    lines = lines[:, ::step].astype("float64")
    if len(lines) < 3:
        return 0.0
    lines -= lines.mean(axis=0)
    power = np.abs(np.fft.rfft(lines * np.hanning(len(lines))[:, None], axis=0)) ** 2
    power = power.sum(axis=1)
    if not power.sum() > 1e-9:
        return 0.0
    share = np.linspace(0.0, 1.0, len(power))
    return float(np.sqrt((power * share**2).sum() / power.sum()))


def _shape(path, seed):
    shape = shape_files.read_shape(path, seed)
    signal = {
        "kind": "shape",
        "extent": [1.0, 1.0, 1.0],
        "offset": shape.offset.tolist(),
        "unit": shape.unit,
    }
    return Signal(
        signal,
        (_SHAPES,) * 3,
        shape.values,
        shape.coords,
        contains=shape.contains,
        surface=shape.surface,
    )
