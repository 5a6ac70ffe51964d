"""Sounds of a few instruments, made with NumPy: strings, bells, drums and whistles."""

import numpy as np

INSTRUMENTS = ("string", "bell", "drum", "whistle")
_NOTES = (0, 2, 4, 7, 9, 12)  # Half tones of a pentatonic scale.
_LOWEST = 220.0  # Hz.
_PEAK = 0.9


def make_sound(seed, samples, rate):
    """Makes a sound of a random instrument, note, loudness and decay.

    Every sound begins at the first sample with the same phase, as if it were struck
    there, and fades out.

    Args:
        seed: int. Decides everything that is random; the instrument is
            `INSTRUMENTS[seed % 4]`.
        samples: int. Length.
        rate: int. Samples a second.

    Returns:
        int16 array `(samples, 1)`.
    """
    rng = np.random.default_rng((seed, 1))
    time = np.arange(samples) / rate
    note = _LOWEST * 2.0 ** (_NOTES[rng.integers(len(_NOTES))] / 12.0)
    wave = _WAVES[INSTRUMENTS[seed % len(INSTRUMENTS)]](time, note, rng)
    wave *= 1.0 - (np.arange(samples) / samples) ** 4  # Silent at the end.
    wave *= _PEAK * rng.uniform(0.6, 1.0) / np.abs(wave).max()
    return np.rint(wave * 32767.0).astype("int16")[:, None]


def _string(time, note, rng):
    """Plucked string: harmonics that fade the faster the higher they are."""
    place = rng.uniform(0.2, 0.45)  # Where it is plucked, as a share of its length.
    decay = rng.uniform(3.0, 7.0)
    return sum(
        np.sin(np.pi * n * place)
        / n**1.3
        * np.sin(2.0 * np.pi * n * note * time)
        * np.exp(-decay * n**0.7 * time)
        for n in range(1, 9)
    )


def _bell(time, note, rng):
    """Bell: partials in unequal proportions, the low ones long."""
    decay = rng.uniform(2.0, 5.0)
    partials = ((1.0, 1.0), (2.0, 0.6), (2.4, 0.45), (3.0, 0.35), (4.5, 0.2))
    return sum(
        strength
        * np.sin(2.0 * np.pi * ratio * note * time)
        * np.exp(-decay * ratio**0.8 * time)
        for ratio, strength in partials
    )


def _drum(time, note, rng):
    """Drum: a tone that falls and fades within a tenth of a second."""
    low = note / 4.0
    high = rng.uniform(2.0, 5.0) * low
    fall = rng.uniform(15.0, 30.0)
    # The integral of a frequency that falls exponentially from `high` to `low`.
    turns = low * time + (high - low) * (1.0 - np.exp(-fall * time)) / fall
    return np.sin(2.0 * np.pi * turns) * np.exp(-rng.uniform(7.0, 14.0) * time)


def _whistle(time, note, rng):
    """Whistle: one tone that swells, glides up and fades."""
    length = time[-1] if time[-1] else 1.0
    glide = rng.uniform(0.0, 0.25)
    turns = 2.0 * note * (time + glide * time**2 / (2.0 * length))
    swell = np.sin(np.pi * np.minimum(time / length, 1.0)) ** rng.uniform(0.5, 1.5)
    return np.sin(2.0 * np.pi * turns) * swell


_WAVES = {"string": _string, "bell": _bell, "drum": _drum, "whistle": _whistle}
