"""Fitting of an INR to images: a vector for each image, weights shared by all."""

import dataclasses
import math
import time

import keras
import numpy as np
import tensorflow as tf

from inr_keras import coordinates
from inr_keras import rendering

_MEASUREMENTS = 24  # Measurements of the error during a fit.
_BATCH = 16  # Images drawn at a time.


@dataclasses.dataclass
class Fit:
    """Result of fitting an INR to images.

    Attributes:
        params: float32 array `(count, num_external_params)`.
        images: uint8 array of the reconstructions, shaped as the images.
        mae: float. Mean absolute error of values in [-1, 1].
        psnr: float. Mean PSNR over images, in dB.
        steps: int. Number of steps.
        seconds: float. Time of the steps alone.
        history: List of (seconds, steps, mae), measured during the fit.
        deviation: float. Standard deviation of the untrained INR's outputs, before a
            hyperbolic tangent.
    """

    params: np.ndarray
    images: np.ndarray
    mae: float
    psnr: float
    steps: int
    seconds: float
    history: list
    deviation: float


def fit(
    inr,
    images,
    steps,
    seed=0,
    alignment="center",
    rate=0.01,
    points=64,
    unit_vectors=False,
    tanh=False,
    tell=lambda share, mae: None,
):
    """Trains vectors and shared weights together, on the mean squared error.

    Each step of Adam takes the same random pixels of all images.

    Args:
        inr: ExternalINR.
        images: uint8 array `(count, height, width, channels)`.
        steps: int. Number of steps.
        seed: int. Seed of the initial vectors and of the pixels.
        alignment: str. Alignment of the grid of pixels.
        rate: float. Initial learning rate, which half a cosine takes to 0.
        points: int. Pixels of each image in a step.
        unit_vectors: bool. Start from vectors of unit variance, see
            `ExternalINR.initial_params`.
        tanh: bool. Colours are the hyperbolic tangent of the INR's outputs.
        tell: Function that is called with the share of steps done and the error at
            each measurement. Defaults to silence.

    Returns:
        Fit.
    """
    for name, value in (("steps", steps), ("rate", rate), ("points", points)):
        if value <= 0:
            raise ValueError(f"`{name}` must be positive. Received: {value}")
    fitter = _Fitter(inr, images, seed, alignment, points, unit_vectors, tanh)
    deviation = fitter.deviation()
    spent, history = 0.0, [(0.0, 0, fitter.mae())]
    for done in range(steps):
        begin = time.perf_counter()
        fitter.step(rate * 0.5 * (1.0 + math.cos(math.pi * done / steps)))
        spent += time.perf_counter() - begin
        share = (done + 1) / steps
        if share >= len(history) / _MEASUREMENTS:
            history.append((spent, done + 1, fitter.mae()))
            tell(share, history[-1][2])
    fitted = fitter.images()
    error = fitted - fitter.targets
    mse = np.mean(np.square(error), axis=(1, 2)).clip(1e-10)
    return Fit(
        params=fitter.params.numpy(),
        images=rendering.to_uint8(fitted).reshape(images.shape),
        mae=float(np.mean(np.abs(error))),
        psnr=float(np.mean(10.0 * np.log10(4.0 / mse))),
        steps=steps,
        seconds=spent,
        history=history,
        deviation=deviation,
    )


class _Fitter:
    def __init__(self, inr, images, seed, alignment, points, unit_vectors, tanh):
        count, height, width, channels = images.shape
        self.inr = inr
        self.points = points
        self.tanh = tanh
        self.targets = images.reshape(count, -1, channels) / np.float32(127.5)
        self.targets -= 1.0
        grid = coordinates.grid(height, width, 1, alignment)
        self.coords = tf.reshape(grid, (1, height * width, 2))
        self.params = keras.Variable(
            inr.initial_params(count, seed, scaled=not unit_vectors)
        )
        self.variables = [self.params, *inr.trainable_variables]
        self.adam = keras.optimizers.Adam(beta_2=0.99)
        self.adam.build(self.variables)
        self.random = tf.random.Generator.from_seed(seed)
        self._pixels = tf.constant(self.targets)
        self._render = tf.function(self._colours, autograph=False)
        descend = tf.function(self._descend, autograph=False)
        self._descend_compiled = descend.get_concrete_function()

    def step(self, rate):
        self.adam.learning_rate = rate
        self._descend_compiled()

    def _colours(self, params, coords):
        outputs = self.inr(params, coords)
        return tf.tanh(outputs) if self.tanh else outputs

    def _descend(self):
        count = self.coords.shape[1]
        chosen = self.random.uniform((self.points,), 0, count, tf.int32)
        coords = tf.gather(self.coords, chosen, axis=1)
        targets = tf.gather(self._pixels, chosen, axis=1)
        with tf.GradientTape() as tape:
            error = self._colours(self.params, coords) - targets
            loss = tf.reduce_mean(tf.square(error))
        self.adam.apply(tape.gradient(loss, self.variables))

    def images(self):
        """Draws all pixels of all images, `(count, pixels, channels)`."""
        parts = [
            self._render(self.params[i : i + _BATCH], self.coords).numpy()
            for i in range(0, len(self.targets), _BATCH)
        ]
        return np.concatenate(parts)

    def deviation(self):
        outputs = self.inr(self.params, self.coords[:, ::16])
        return float(np.std(outputs))

    def mae(self):
        return float(np.mean(np.abs(self.images() - self.targets)))
