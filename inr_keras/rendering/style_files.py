"""Files of styles that `apps.invert` writes and other programs read."""

import hashlib
import json
import pathlib
import zipfile

import numpy as np

from inr_keras.files import write_beside

_VERSION = 1


def identity(generator):
    """Properties of a generator that its styles depend on, as a dict.

    They include a checksum of the mean style, which changes in every training step and
    which exported SavedModels have as well.
    """
    mean = np.ascontiguousarray(generator.mean_style, "float32")
    return {
        "style_dim": generator.style_dim,
        "mean_style": hashlib.sha256(mean.tobytes()).hexdigest(),
    }


def save_styles(path, generator, styles, latents=None, about=None):
    """Writes styles as an `.npz` of plain arrays.

    Args:
        path: str or path that ends in .npz.
        generator: Generator of the styles.
        styles: Array `(count, style_dim)` or `(count, layers, style_dim)`.
        latents: Array `(count, latent_dim)` or `None`.
        about: dict for JSON. Further facts to keep, such as settings.

    Example:
        >>> styles = generator.mapping(latents_from_seeds([3], 8))
        >>> save_styles(folder / "styles.npz", generator, styles)
        >>> load_styles(folder / "styles.npz", generator).shape
        (1, 16)
    """
    arrays = {"styles": np.asarray(styles, "float32")}
    if latents is not None:
        arrays["latents"] = np.asarray(latents, "float32")
    about = {
        "version": _VERSION,
        "model": identity(generator),
        **(about or {}),
    }
    arrays["about"] = np.array(json.dumps(about))

    def write(temporary):
        with open(temporary, "wb") as file:
            np.savez(file, **arrays)

    write_beside(path, write)


def load_styles(path, generator):
    """Loads styles from a file that `save_styles` has written.

    Args:
        path: str or path.
        generator: Generator that the styles must be of.

    Returns:
        float32 array `(count, style_dim)` or `(count, layers, style_dim)`.

    Raises:
        ValueError: The file does not exist or is damaged, or its styles are those of
            another generator.
    """
    path = pathlib.Path(path)
    if not path.is_file():
        raise ValueError(f"`path` must be an existing file. Received: {str(path)!r}")
    try:
        with np.load(path, allow_pickle=False) as arrays:
            styles = np.asarray(arrays["styles"], "float32")
            about = json.loads(str(arrays["about"]))
            model = dict(about["model"])
    except (
        OSError,
        EOFError,
        ValueError,
        LookupError,
        TypeError,
        zipfile.BadZipFile,
    ) as error:
        raise ValueError(
            f"`path` must be a style.npz of apps.invert. Received: {str(path)!r}"
        ) from error
    expected = identity(generator)
    for name in expected:
        if model.get(name) != expected[name]:
            raise ValueError(
                f"`path` must be of this model, whose {name} is "
                f"{_short(expected[name])}. Received: {str(path)!r}, of a model "
                f"whose {name} is {_short(model.get(name))}"
            )
    _check(path, styles, generator)
    return styles


def _check(path, styles, generator):
    layers = generator.num_layers
    good = [(generator.style_dim,), (layers, generator.style_dim)]
    if not len(styles) or styles.shape[1:] not in good:
        raise ValueError(
            f"`path` must hold styles of shape {good[-styles.ndim % 2]}. "
            f"Received: {str(path)!r}, with {styles.shape}"
        )
    if not np.all(np.isfinite(styles)):
        raise ValueError(f"`path` must hold finite numbers. Received: {str(path)!r}")


def _short(value):
    return f"{value[:12]}..." if isinstance(value, str) else value
