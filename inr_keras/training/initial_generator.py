"""A run that begins with a generator that is there already."""

from absl import logging

from inr_keras.runs import saved_generators
from inr_keras.training.step import ema

_SHOWN = 3  # Of each kind of difference.
_FREE = {"name", "dtype", "remat", "class_names"}


def begin_with(gan, path):
    """Gives the generator of a file to a new GAN, and to its average.

    The discriminator begins anew. Settings that no weight shows, such as an
    alignment, stay those of the GAN; a warning names them.

    Args:
        gan: INRGAN that has not been trained.
        path: str or path of a run directory or a `.keras` file.

    Raises:
        ValueError: The file cannot be read, or its weights are not those of
            the GAN's generator.
    """
    found = saved_generators.load_generator(path)
    if not hasattr(found, "weights"):
        raise ValueError(
            "`path` must be a run directory or a .keras file. "
            f"Received: {str(path)!r}, a SavedModel"
        )
    mine, theirs = _shapes(gan.generator), _shapes(found)
    problems = _difference("missing", mine, theirs)
    problems += _difference("extra", theirs, mine)
    wrong = [
        f"{name} is {theirs[name]}, not {mine[name]}"
        for name in mine
        if name in theirs and theirs[name] != mine[name]
    ]
    problems += _named("wrongly shaped", wrong)
    if problems:
        raise ValueError(
            "`path` must have the weights that config.generator describes; "
            f"{'; '.join(problems)}. "
            f"Received: {str(path)!r}"
        )
    weights = dict(zip(theirs, found.weights))
    for name, variable in zip(mine, gan.generator.weights):
        variable.assign(weights[name])
    ema.copy(gan.ema_generator, gan.generator)
    other = found.get_config()
    for name, value in gan.generator.get_config().items():
        if name not in _FREE and _plain(value) != _plain(other.get(name)):
            logging.warning(
                "Training on with %s %s; the generator of %s has %s",
                name,
                value,
                path,
                other.get(name),
            )


def _shapes(network):
    """Shapes of weights by their names below the network's own."""
    return {w.path.partition("/")[2]: tuple(w.shape) for w in network.weights}


def _difference(kind, some, others):
    return _named(kind, [name for name in some if name not in others])


def _named(kind, names):
    if not names:
        return []
    more = len(names) - _SHOWN
    text = f"{kind}: {', '.join(names[:_SHOWN])}"
    return [text + (f" and {more} more" if more > 0 else "")]


def _plain(value):
    """Lets a list equal a tuple."""
    return tuple(value) if isinstance(value, list) else value
