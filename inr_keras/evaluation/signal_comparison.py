"""Pictures of a signal beside those of the INR that was fitted to it."""

import numpy as np
import tensorflow as tf

from inr_keras.rendering import mesh_views
from inr_keras.rendering import meshes
from inr_keras.rendering import signal_drawing
from inr_keras.rendering import sounds
from inr_keras.rendering.sheet import save_image
from inr_keras.rendering.sheet import sheet
from inr_keras.rendering.sheet import to_uint8

_SIDE = 300  # Longest side of a view or of an image of a film.
_STILLS = 4  # Images of a film.
_FIELD = 96  # Samples along a side of a shape's field.


def save(path, signal, inr):
    """Writes a PNG that shows the signal and the INR.

    A picture stands beside the INR's; a sound's waveform and spectrogram beside the
    INR's at the same and at twice the rate; images of a film above the INR's; views of
    a shape above the INR's.

    Args:
        path: str or path.
        signal: Signal.
        inr: INR that was fitted to it.
    """
    if signal.kind == "sound":
        rate, gain = signal.signal["rate"], signal.signal["gain"]
        shown = [
            ("the file", signal.values * gain, rate),
            ("INR", signal_drawing.sound(inr), rate),
            ("INR, twice the rate", signal_drawing.sound(inr, 2 * rate), 2 * rate),
        ]
        sounds.save_sound_picture(path, shown)
        return
    images = {"picture": _pictures, "film": _films, "shape": _shapes}[signal.kind]
    rows = images(signal, inr)
    columns = 2 if signal.kind == "picture" else len(rows) // 2
    save_image(path, sheet(np.stack(rows), columns, margin=4))


def _array(signal):
    """Values on their grid, with the last coordinate's axis first."""
    values = signal.values
    return values.reshape(*signal.signal["size"][::-1], values.shape[-1])


def _pictures(signal, inr):
    whole = _array(signal)
    index = tf.range(len(signal))
    coords, _ = signal.tensors()(index)
    found = to_uint8(signal_drawing.values(inr, coords)).reshape(whole.shape)
    return [whole, found]


def _films(signal, inr):
    film = _array(signal)
    number = np.linspace(0, len(film) - 1, min(_STILLS, len(film))).round().astype(int)
    drawn = list(signal_drawing.film_images(inr))
    return [*film[number], *(drawn[i] for i in number)]


def _shapes(signal, inr):
    coords = meshes.grid_coords(_FIELD)
    given = signal.surface
    if given is None:  # Voxels.
        inside = signal.contains(coords.reshape(-1, 3)).reshape(coords.shape[:-1])
        given = meshes.field_mesh(inside.astype("float32"), 0.5)
    found = meshes.field_mesh(signal_drawing.values(inr, coords)[..., 0])
    angles = ((35.0, 20.0), (125.0, 20.0), (35.0, 75.0))
    return [
        mesh_views.view(mesh, _SIDE, *angle, radius=1.3)
        for mesh in (given, found)
        for angle in angles
    ]
