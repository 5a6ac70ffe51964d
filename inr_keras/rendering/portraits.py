"""Pictures of sounds and solids, so that sheets and films can show them.

A generator of one coordinate draws sounds, one of three coordinates and one channel
solids: fields that are positive inside.
"""

import numpy as np

from inr_keras import coordinates
from inr_keras.rendering import film
from inr_keras.rendering import mesh_views
from inr_keras.rendering import meshes
from inr_keras.rendering import sounds

SIDE = 128  # Pixels of a picture.
_WAVE = 36  # Pixels of the waveform above a spectrogram.
_INK = (59, 82, 139)
_AZIMUTH = 35.0  # Degrees from which solids are seen.
_RATE = 8000  # Samples a second, where a generator has none.


def draws_signals(generator):
    """Tells whether a generator draws sounds or solids, and no images."""
    return is_sound(generator) or is_solid(generator)


def is_sound(generator):
    """Tells whether a generator draws sounds."""
    return generator.coord_dim == 1


def is_solid(generator):
    """Tells whether a generator draws solids."""
    return generator.coord_dim == 3 and generator.channels == 1


def sample_rate(generator, size=None):
    """Computes the sample rate at which `size` samples last as long as the sound."""
    rate = getattr(generator, "sample_rate", 0) or _RATE
    return round(rate * (size or generator.resolution) / generator.resolution)


def check_points(generator, count, size=None):
    """Refuses more sounds or solids than memory should hold at once.

    Args:
        generator: Generator of sounds or solids.
        count: int. Number of them.
        size: int. Samples on each axis. Defaults to the generator's resolution.

    Raises:
        ValueError: They have too many samples in all.
    """
    sides = (size or generator.resolution,) * generator.coord_dim
    width, height, depth = (*sides, 1, 1)[:3]
    film.check_points(height, width, count, depth)


def render_signals(renderer, styles, size=None, progress=None):
    """Draws sounds or solids.

    Args:
        renderer: Renderer of their generator.
        styles: See `Renderer.render`.
        size: int. Samples on each axis. Defaults to the generator's resolution.
        progress: Function of the share done, 0 to 1, or `None`.

    Returns:
        float32 array `(batch, size, channels)`, or `(batch, size, size, size, 1)` in
        the order z, y, x.
    """
    generator = renderer.generator
    sides = (size or generator.resolution,) * generator.coord_dim
    coords = np.asarray(coordinates.lattice(sides, generator.alignment))
    # Images of a single row, for the renderer.
    values = renderer.render_coords(styles, coords.reshape(1, -1, len(sides)), progress)
    return values.reshape(len(values), *sides, -1)


def solid_mesh(field):
    """Surface of a solid `(z, y, x, 1)`, with y upwards; `None` where it is empty."""
    field = np.asarray(field)[..., 0].transpose(2, 1, 0)[:, ::-1]
    return meshes.field_mesh(field) if (field > 0).any() else None


def sound_picture(samples, rate, side=SIDE):
    """Draws a waveform above a spectrogram, uint8 `(side, side, 3)`."""
    samples = np.asarray(samples, "float32").reshape(len(samples), -1)[:, 0]
    height = round(side * _WAVE / SIDE)
    wave = np.full((height, side, 3), 255, "uint8")
    for column, part in enumerate(np.array_split(samples, side)):
        if len(part):
            ends = (0.5 - 0.5 * np.clip([part.max(), part.min()], -1, 1)) * (height - 1)
            top, bottom = np.rint(ends).astype(int)
            wave[top : bottom + 1, column] = _INK
    tones = sounds.spectrogram_image(samples, rate, side - height, side)
    return np.concatenate([wave, tones])


def turn(fields, length, side=SIDE):
    """Turns solids once around.

    Args:
        fields: Array of solids from `render_signals`.
        length: int. Number of views, at equal angles.
        side: int. Pixels of a picture. Defaults to `128`.

    Yields:
        uint8 arrays `(batch, side, side, 3)`.
    """
    surfaces = [solid_mesh(field) for field in fields]
    for number in range(length):
        azimuth = _AZIMUTH + 360.0 * number / length
        yield np.stack([_view(mesh, side, azimuth) for mesh in surfaces])


def _view(mesh, side, azimuth=_AZIMUTH):
    """Draws a shaded view, uint8 `(side, side, 3)`; white where there is no mesh."""
    if mesh is None:
        return np.full((side, side, 3), 255, "uint8")
    return mesh_views.view(mesh, side, azimuth=azimuth, radius=1.1)


def portraits(generator, values, side=SIDE):
    """Draws pictures of sounds or solids.

    Args:
        generator: Generator of `values`.
        values: Array from `render_signals`, or of real samples in [-1, 1].
        side: int. Pixels of a picture. Defaults to `128`.

    Returns:
        uint8 array `(batch, side, side, 3)`.
    """
    if is_sound(generator):
        rate = sample_rate(generator, values.shape[1])
        return np.stack([sound_picture(sound, rate, side) for sound in values])
    return np.stack([_view(solid_mesh(field), side) for field in values])


def in_a_row(values, rate, pause=0.1):
    """Joins sounds `(batch, samples, channels)` to one, with silence between them."""
    silence = np.zeros((round(pause * rate), values.shape[-1]), values.dtype)
    parts = [part for sound in values for part in (sound, silence)]
    return np.concatenate(parts[:-1])
