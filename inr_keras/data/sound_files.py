"""Sounds of WAV files."""

import pathlib
import warnings

import numpy as np
import scipy.io.wavfile

MAX_CHANNELS = 8


class UnreadableSoundError(ValueError):
    """Error of a file that holds no usable sound; the message says why."""


def read_sound(path):
    """Reads a WAV file of 8, 16, 24 or 32 bits, or of floats.

    Args:
        path: str or path.

    Returns:
        float32 array `(samples, channels)` in [-1, 1] (floats may be louder), and
        the number of samples a second.

    Raises:
        UnreadableSoundError: The file holds no sound that can be read; the message
            says why.
    """
    path = pathlib.Path(path)
    if not path.stat().st_size:
        raise UnreadableSoundError("empty file")
    try:
        with warnings.catch_warnings():
            # Chunks of other programs, such as titles, do not matter.
            warnings.simplefilter("ignore", scipy.io.wavfile.WavFileWarning)
            rate, samples = scipy.io.wavfile.read(path)
    except Exception as error:  # SciPy's reader raises almost anything.
        reason = " ".join(str(error).split()) or type(error).__name__
        raise UnreadableSoundError(reason) from error
    if not samples.size or not rate:
        raise UnreadableSoundError("no samples")
    samples = samples.reshape(len(samples), -1)
    if samples.shape[1] > MAX_CHANNELS:
        raise UnreadableSoundError(f"{samples.shape[1]} channels")
    samples = _to_float(samples)
    if not np.isfinite(samples).all():
        raise UnreadableSoundError("samples that are not finite")
    return samples, int(rate)


def _to_float(samples):
    if samples.dtype == np.uint8:
        return (samples.astype("float32") - 128.0) / 128.0
    if samples.dtype.kind == "i":  # SciPy shifts 24 bits to the top of 32.
        top = -float(np.iinfo(samples.dtype).min)
        return (samples / top).astype("float32")
    return samples.astype("float32")
