"""Scores of an INR against the signal that it was fitted to."""

import contextlib

import numpy as np
import tensorflow as tf

from inr_keras.rendering import meshes
from inr_keras.rendering import signal_drawing

_POINTS = 65536
_SIDE = 96  # Samples along a side of the frame in which shapes are compared.
METRIC_OF = {"picture": "psnr", "film": "psnr", "sound": "snr", "shape": "iou"}


def score(signal, inr):
    """PSNR of a picture or film, SNR of a sound, or IoU of a shape.

    Colours are rounded to the 256 levels of an image file. The PSNR takes all pixels
    together. The SNR is the ratio of the sums of squares of the sound and of the error.
    The IoU is measured at 96 x 96 x 96 points of the frame, other points than in
    training.

    Args:
        signal: Signal.
        inr: INR.

    Returns:
        float: PSNR or SNR in dB, or IoU in [0, 1].
    """
    if signal.kind == "shape":
        coords = meshes.grid_coords(_SIDE).reshape(-1, 3)
        inside = signal.contains(coords)
        found = signal_drawing.values(inr, coords)[:, 0] > 0
        return float(np.sum(inside & found) / np.sum(inside | found))
    points = signal.tensors()
    error = power = 0.0
    for begin in range(0, len(signal), _POINTS):
        index = tf.range(begin, min(begin + _POINTS, len(signal)))
        coords, values = (tensor.numpy() for tensor in points(index))
        found = np.clip(signal_drawing.values(inr, coords), -1.0, 1.0)
        if signal.kind != "sound":
            found = np.rint((found + 1.0) * 127.5) / 127.5 - 1.0
        error += np.square(found.astype("float64") - values).sum()
        power += np.square(values.astype("float64")).sum()
    if signal.kind != "sound":
        power = 4.0 * signal.values.size
    return float(10.0 * np.log10(power / max(error, 1e-12)))


@contextlib.contextmanager
def half_precision(inr):
    """Rounds all weights of an INR but its frequencies to float16 within a block.

    The first layer's frequencies times a coordinate must be exact to a fraction of a
    turn, and stay float32; they are few.
    """
    kept = inr.get_weights()
    first = len(inr.features.weights)
    inr.set_weights(
        kept[:first] + [w.astype("float16").astype("float32") for w in kept[first:]]
    )
    try:
        yield
    finally:
        inr.set_weights(kept)


def report(signal, inr):
    """Measures an INR against its signal and its file's size.

    Returns:
        dict that JSON can hold.
    """
    metric = METRIC_OF[signal.kind]
    weights = inr.count_params()
    frequencies = sum(int(np.prod(w.shape)) for w in inr.features.weights)
    exact = score(signal, inr)
    with half_precision(inr):
        rounded = score(signal, inr)
    return {
        "kind": signal.kind,
        metric: round(exact, 4),
        f"{metric}_float16": round(rounded, 4),
        "weights": weights,
        "bits": 32 * weights,
        "bits_float16": 16 * weights + 16 * frequencies,
        "file_bits": signal.file_bits,
        "raw_bits": signal.raw_bits,
    }
