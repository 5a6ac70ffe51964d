"""Paths as people write them, and folders of caches."""

import contextlib
import functools
import os
import pathlib
import tempfile

from absl import logging

from inr_keras import config as config_lib
from inr_keras import remote_paths

CACHE_VARIABLE = "INR_KERAS_CACHE"
_PATTERN = set("*?[]\\")
# Settings that may name a path.
SETTINGS = (
    "initial_generator",
    "initial_discriminator",
    "data.source",
    "data.cache_dir",
    "data.class_file",
    "data.density",
    "evaluation.features",
)


def expanded(text):
    """Replaces the `~` or `~user` that a path begins with by the home folder.

    Args:
        text: str or path.

    Returns:
        str.

    Raises:
        ValueError: There is no such user, or no home folder.
    """
    text = os.path.expanduser(text)
    if text.startswith("~"):
        raise ValueError(
            "A path must begin with ~ only where this machine knows the user and the "
            f"home folder (./~ names a file). Received: {text!r}"
        )
    return text


def in_settings(config):
    """Returns settings whose paths are `expanded`.

    Args:
        config: Experiment.

    Raises:
        ValueError: A path other than `data.source` is remote.
    """
    values = config_lib.fields(config)
    for name in SETTINGS:
        if name != "data.source":
            remote_paths.check_local(values[name], f"config.{name}")
    names = [name for name in SETTINGS if values[name].startswith("~")]
    changes = {name: expanded(values[name]) for name in names}
    return config_lib.changed(config, changes) if changes else config


def cache_folder(setting=""):
    """Folder of prepared data: the setting, $INR_KERAS_CACHE or ~/.cache."""
    chosen = setting or os.environ.get(CACHE_VARIABLE)
    if chosen:
        return pathlib.Path(expanded(chosen))
    try:
        return pathlib.Path(expanded("~/.cache/inr_keras"))
    except ValueError:
        return without_cache("there is no home folder")


@contextlib.contextmanager
def without_patterns(path):
    """Yields a path to a folder that TensorFlow does not take for a pattern.

    TensorFlow looks for the variables of a SavedModel by a pattern, and finds none if
    the path has brackets. The SavedModel can be loaded from the path that this yields.

    Args:
        path: str or path.
    """
    path = pathlib.Path(path).absolute()
    if not _PATTERN.intersection(str(path)):
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:
        link = pathlib.Path(folder, "link")
        link.symlink_to(path, target_is_directory=True)
        yield link


def without_cache(reason):
    """Returns a folder for this process alone, in place of a cache, and warns once.

    Args:
        reason: str or exception. Why the cache cannot be used.
    """
    if not _temporary_folder.cache_info().currsize:
        logging.warning(
            "Working without a cache (%s). $%s names a folder that can be written.",
            reason,
            CACHE_VARIABLE,
        )
    return pathlib.Path(_temporary_folder().name)


@functools.cache
def _temporary_folder():
    return tempfile.TemporaryDirectory(prefix="inr_keras_")
