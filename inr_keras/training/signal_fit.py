"""Fitting of an INR to one signal, from random points of it."""

import dataclasses
import time

import keras
import tensorflow as tf

from inr_keras.data import signals
from inr_keras.models import INR

STEPS = {"picture": 3000, "sound": 4000, "film": 4000, "shape": 2500}
_CHECKED = 50  # Steps between two looks at the loss.


@dataclasses.dataclass(frozen=True)
class Settings:
    """Settings of a fit.

    Attributes:
        steps: int. Number of steps. Defaults to `None`: `STEPS` of the kind.
        points: int. Random points of a step.
        learning_rate: float. Initial rate of Adam, which a cosine takes to 0.
        width, depth, activation: See `INR`.
        detail: float. Factor of the signal's own frequencies in the first layer.
        seed: int. Seed of weights and points.
    """

    steps: int | None = None
    points: int = 4096
    learning_rate: float = 0.01
    width: int = 128
    depth: int = 4
    activation: str = "sine"
    detail: float = 1.0
    seed: int = 0

    def __post_init__(self):
        for name in ("points", "learning_rate", "detail"):
            if not getattr(self, name) > 0:
                raise ValueError(
                    f"`{name}` must be positive. Received: {getattr(self, name)}"
                )
        if self.steps is not None and self.steps < 1:
            raise ValueError(f"`steps` must be positive. Received: {self.steps}")


def fit_picture(path, progress=None, **settings):
    """Fits an INR to an image file.

    Args:
        path: str or path.
        progress: See `fit_signal`.
        **settings: Fields of `Settings`, such as `steps` and `width`.

    Returns:
        INR, which `draw_picture` draws and `save` writes to a file.

    Raises:
        ValueError: The file is not a picture, or a setting is invalid.

    Example:
        >>> save_image(folder / "black.png", np.zeros((8, 12, 3), "uint8"))
        >>> inr = fit_picture(folder / "black.png", steps=2)
        >>> inr.signal["size"]
        [12, 8]
    """
    settings = Settings(**settings)
    signal = signals.open_signal(path, settings.seed)
    if signal.kind != "picture":
        raise ValueError(
            f"`path` must be a picture. Received: {str(path)!r}, a {signal.kind}"
        )
    return fit_signal(signal, settings, progress)[0]


def fit_signal(signal, settings=Settings(), progress=None):
    """Fits an INR to a signal, on the mean squared error at random points.

    Ctrl-C ends the fit early and returns the INR as it is then.

    Args:
        signal: Signal; see `inr_keras.data.signals`.
        settings: Settings.
        progress: Function of the share done, 0 to 1, or `None`.

    Returns:
        INR, the number of steps done, and the seconds that they took.

    Raises:
        FloatingPointError: The loss is no longer finite.
    """
    steps = settings.steps or STEPS[signal.kind]
    keras.utils.set_random_seed(settings.seed)
    inr = INR(
        signal.coord_dim,
        signal.channels,
        settings.width,
        settings.depth,
        tuple(settings.detail * scale for scale in signal.scale),
        settings.activation,
        signal.signal,
    )
    rate = keras.optimizers.schedules.CosineDecay(settings.learning_rate, steps)
    adam = keras.optimizers.Adam(rate, beta_2=0.99)
    adam.build(inr.trainable_variables)
    random = tf.random.Generator.from_seed(settings.seed)
    points = signal.tensors()

    @tf.function(autograph=False)
    def step():
        index = random.uniform((settings.points,), 0, len(signal), tf.int32)
        coords, values = points(index)
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(inr(coords) - values))
        adam.apply(tape.gradient(loss, inr.trainable_variables))
        return loss

    def check(loss, done):
        if not float(loss) < float("inf"):
            raise FloatingPointError(
                f"The loss is {float(loss)} after {done} steps: lower "
                f"`learning_rate`, now {settings.learning_rate}"
            )

    begun, done = time.monotonic(), 0
    try:
        while done < steps:
            loss = step()
            done += 1
            if done % _CHECKED == 0 or done == steps:
                check(loss, done)
                if progress:
                    progress(done / steps)
    except KeyboardInterrupt:
        if not done:
            raise
        check(loss, done)
    return inr, done, time.monotonic() - begun
