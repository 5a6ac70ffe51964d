"""Start of a run with networks that have been trained before."""

import pathlib

import keras
from absl import logging

from inr_keras.config.access import plain
from inr_keras.naming import renaming
from inr_keras.runs import config_file
from inr_keras.runs import saved_generators
from inr_keras.training import checkpoints
from inr_keras.training import networks
from inr_keras.training.step import ema

_SHOWN = 3  # Names of weights that an error lists, for each kind of difference.
# Settings whose difference calls for no warning.
_UNCHECKED = {"name", "dtype", "remat", "trainable"}


def begin_with(gan, config):
    """Copies the initial networks that settings name into a new GAN.

    Args:
        gan: INRGAN that has not been trained.
        config: Experiment of `gan`. `copy_generator` copies its `initial_generator`,
            and `copy_discriminator` its `initial_discriminator`.

    Raises:
        ValueError: See `copy_generator` and `copy_discriminator`.
    """
    if config.initial_generator:
        with renaming({"path": "config.initial_generator"}):
            copy_generator(gan, config.initial_generator)
    if config.initial_discriminator:
        with renaming({"path": "config.initial_discriminator"}):
            copy_discriminator(gan, config.initial_discriminator)


def copy_generator(gan, path):
    """Copies a saved generator's weights into a new GAN's generator and its average.

    Settings that do not affect the shapes of weights, such as the alignment, stay as in
    the GAN; a warning names those that differ in the file.

    Args:
        gan: INRGAN that has not been trained.
        path: str or path of a run directory or a `.keras` file.

    Raises:
        ValueError: The file cannot be read, or its weights have other names or shapes
            than those of the GAN's generator.
    """
    saved = saved_generators.load_generator(path)
    if isinstance(saved, saved_generators.SavedModelGenerator):
        raise ValueError(
            "`path` must be a run directory or a .keras file. "
            f"Received: {str(path)!r}, a SavedModel"
        )
    _copy_weights(gan.generator, saved, path, "config.generator")
    ema.copy(gan.ema_generator, gan.generator)
    saved_settings = saved.get_config()
    for name, value in gan.generator.get_config().items():
        if name not in _UNCHECKED and plain(value) != plain(saved_settings.get(name)):
            logging.warning(
                "Going on with %s %s; the generator of %s has %s",
                name,
                value,
                path,
                saved_settings.get(name),
            )


def copy_discriminator(gan, path):
    """Copies the weights of a run's discriminator into a new GAN's discriminator.

    A second discriminator, of dense patches, and the optimizers start anew.

    Args:
        gan: INRGAN that has not been trained.
        path: str or path of a run directory, whose newest checkpoint that can be read
            is taken.

    Raises:
        ValueError: `path` has no settings or no checkpoint that can be read, or the
            weights have other names or shapes than those of the GAN's discriminator.
    """
    path = pathlib.Path(path)
    folder = path / "checkpoints"
    if not checkpoints.paths(folder) or not (path / "config.json").is_file():
        raise ValueError(
            "`path` must be a run directory with a config.json and checkpoints. "
            f"Received: {str(path)!r}"
        )
    with renaming({"workdir": "path"}):
        config = config_file.load_config(path).resolved()
    saved = networks.build_discriminator(config)
    try:
        checkpoints.restore(_DiscriminatorAlone(saved), folder)
    except ValueError as error:
        raise ValueError(
            "`path` must have a checkpoint that can be read, of the settings in its "
            f"config.json. Received: {str(path)!r}"
        ) from error
    names = "config.patch_size, config.discriminator and config.data"
    _copy_weights(gan.discriminator, saved, path, names)


class _DiscriminatorAlone(keras.Model):
    """Takes the discriminator from a checkpoint of an `INRGAN`, and nothing else."""

    def __init__(self, discriminator):
        super().__init__()
        self.discriminator = discriminator
        self.built = True

    def load_own_variables(self, store):
        pass  # The counters of the run.


def weight_shapes(network):
    """Maps names of weights, without the network's own name, to their shapes."""
    return {w.path.partition("/")[2]: tuple(w.shape) for w in network.weights}


def _copy_weights(network, saved, path, settings):
    """Copies weights, or raises `ValueError` where their names or shapes differ."""
    shapes, saved_shapes = weight_shapes(network), weight_shapes(saved)
    problems = _difference("missing", shapes, saved_shapes)
    problems += _difference("extra", saved_shapes, shapes)
    wrong = [
        f"{name} is {saved_shapes[name]}, not {shape}"
        for name, shape in shapes.items()
        if saved_shapes.get(name, shape) != shape
    ]
    problems += _named("wrongly shaped", wrong)
    if problems:
        raise ValueError(
            f"`path` must have the weights that follow from {settings}; "
            f"{'; '.join(problems)}. "
            f"Received: {str(path)!r}"
        )
    weights = dict(zip(saved_shapes, saved.weights, strict=True))
    for name, variable in zip(shapes, network.weights, strict=True):
        variable.assign(weights[name])


def _difference(kind, some, others):
    return _named(kind, [name for name in some if name not in others])


def _named(kind, names):
    if not names:
        return []
    more = len(names) - _SHOWN
    text = f"{kind}: {', '.join(names[:_SHOWN])}"
    return [text + (f" and {more} more" if more > 0 else "")]
