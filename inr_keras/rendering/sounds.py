"""Sounds as WAV files, and pictures of them."""

import pathlib

import matplotlib
import numpy as np
import scipy.io.wavfile
from matplotlib.figure import Figure
from PIL import Image

from inr_keras.files import write_beside

_FLOOR = -80.0  # dB below the loudest that a spectrogram shows.
_SECONDS = 0.023  # Length of a spectrogram's window.


def check_sound_path(path):
    """Raises `ValueError` for an ending other than .wav."""
    if pathlib.Path(path).suffix.lower() != ".wav":
        raise ValueError(f"`path` must end in .wav. Received: {str(path)!r}")


def save_sound(path, samples, rate):
    """Writes a WAV file of 16 bits, whole or not at all.

    Args:
        path: str or path that ends in .wav.
        samples: Float array `(samples,)` or `(samples, channels)` in [-1, 1]; louder
            ones are clipped.
        rate: int. Samples a second.
    """
    check_sound_path(path)
    levels = np.rint(np.clip(samples, -1.0, 1.0) * 32767.0).astype("int16")
    write_beside(path, lambda file: scipy.io.wavfile.write(file, int(rate), levels))


def spectrogram(samples, rate, seconds=_SECONDS):
    """Loudness over frequency and time, by a short-time Fourier transform.

    Args:
        samples: Float array `(samples,)` or `(samples, channels)`, whose channels are
            averaged.
        rate: int. Samples a second.
        seconds: float. Length of the Hann window, of which three quarters overlap.
            Defaults to `0.023`.

    Returns:
        float array `(frequencies, times)` in dB below a sine of amplitude 1, at least
        -80; the lowest frequency, 0, is first and the highest, `rate / 2`, last.
    """
    # It takes a second to import, and images do not need it.
    from scipy import signal

    samples = np.asarray(samples, "float64")
    samples = samples.reshape(len(samples), -1).mean(axis=1)
    length = max(16, 2 * round(rate * seconds / 2))
    window = signal.windows.hann(length, sym=False)
    transform = signal.ShortTimeFFT(window, max(1, length // 4), rate)
    samples = np.pad(samples, (0, max(0, length - len(samples))))  # As SciPy requires.
    amplitude = np.abs(transform.stft(samples)) * 2.0 / window.sum()
    return 20.0 * np.log10(np.maximum(amplitude, 10.0 ** (_FLOOR / 20.0)))


def spectrogram_image(samples, rate, height, width, top=None):
    """Draws a spectrogram as a plain picture, high frequencies above.

    Args:
        samples, rate: See `spectrogram`.
        height: int.
        width: int.
        top: float. Highest frequency in Hz. Defaults to `rate / 2`; what lies above
            `rate / 2` is black.

    Returns:
        uint8 array `(height, width, 3)`.
    """
    levels = spectrogram(samples, rate)
    rows = len(levels)
    wanted = round((rows - 1) * (top or rate / 2) / (rate / 2)) + 1
    levels = levels[:wanted]
    levels = np.pad(levels, ((0, wanted - len(levels)), (0, 0)), constant_values=_FLOOR)
    image = Image.fromarray(levels[::-1].astype("float32"))
    image = image.resize((width, height), Image.Resampling.BICUBIC)
    share = np.clip(1.0 - np.asarray(image) / _FLOOR, 0.0, 1.0)
    return np.rint(matplotlib.colormaps["magma"](share)[..., :3] * 255).astype("uint8")


def save_sound_picture(path, sounds, columns=None, width=4.6, zoom=None):
    """Draws waveforms above spectrograms, side by side, on the same scales.

    Args:
        path: str or path of a .png file.
        sounds: list of `(title, samples, rate)`.
        columns: int. Sounds in a row. Defaults to all, at most 4.
        width: float. Inches of each. Defaults to `4.6`.
        zoom: `(begin, end)` in seconds of the waveform to show. Defaults to `None`:
            all of it.
    """
    columns = columns or min(len(sounds), 4)
    rows = -(-len(sounds) // columns)
    figure = Figure((width * columns, 3.9 * rows), dpi=90, layout="constrained")
    axes = figure.subplots(
        2 * rows, columns, squeeze=False, height_ratios=[1, 2.4] * rows
    )
    for axis in axes.flat[len(sounds) :]:
        axis.set_axis_off()
    loudest = max(np.abs(samples).max() for _, samples, _ in sounds)
    highest = max(rate for *_, rate in sounds) / 2
    for number, (title, samples, rate) in enumerate(sounds):
        samples = np.asarray(samples).reshape(len(samples), -1).mean(axis=1)
        row, column = divmod(number, columns)
        wave, tones = axes[2 * row, column], axes[2 * row + 1, column]
        wave.set_axis_on()
        tones.set_axis_on()
        seconds = np.arange(len(samples)) / rate
        wave.plot(seconds, samples, linewidth=0.6, color="#3b528b")
        wave.set(title=title, ylim=(-1.05 * loudest, 1.05 * loudest))
        wave.set_xlim(*(zoom or (0.0, len(samples) / rate)))
        levels = spectrogram(samples, rate)
        tones.imshow(
            levels,
            origin="lower",
            aspect="auto",
            cmap="magma",
            vmin=_FLOOR,
            vmax=-10.0,
            extent=(0.0, len(samples) / rate, 0.0, rate / 2000.0),
        )
        tones.set_facecolor("black")
        tones.set(xlabel="seconds", ylim=(0.0, highest / 1000.0))
        if not column:
            tones.set_ylabel("kHz")
    write_beside(path, lambda file: figure.savefig(file, format="png"))
