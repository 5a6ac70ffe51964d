"""Models from `.keras` files and presets, read without running any code of theirs."""

import json
import os
import pathlib
import zipfile

import keras

from inr_keras.naming import first_line

PRESETS = pathlib.Path(__file__).parents[1] / "presets"
NAME = "generator.keras"  # In the folder of a preset, and in a run directory.


def load(path, kind):
    """Loads a model from a `.keras` file in safe mode.

    Args:
        path: str or path.
        kind: Class of the model.

    Raises:
        ValueError: `path` is not a `.keras` file, cannot be read, or holds a model of
            another class.
    """
    path = pathlib.Path(path)
    # Keras refuses other endings with a message about its own functions.
    if path.suffix != ".keras" or not _is_archive(path):
        raise ValueError(
            f"`path` must be a .keras file. Received: {str(path)!r}, which is "
            "not one or is damaged"
        )
    try:
        model = keras.saving.load_model(path, compile=False, safe_mode=True)
    except (TypeError, KeyError, OSError, ValueError, zipfile.error) as error:
        raise unreadable(path, error) from error
    if not isinstance(model, kind):
        raise ValueError(
            f"`path` must be a generator or an INR of the class {kind.__name__}. "
            f"Received: {str(path)!r}, a {type(model).__name__}"
        )
    return model


def unreadable(path, error):
    """Makes the error of a path that cannot be read, of one line."""
    reason = first_line(error)
    return ValueError(f"`path` cannot be read: {reason}. Received: {str(path)!r}")


def holds(path, registered_name):
    """Tells whether a path is a `.keras` file of a model of a registered name."""
    if not _is_archive(path):
        return False
    try:
        with zipfile.ZipFile(path) as file:
            config = json.loads(file.read("config.json"))
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return False
    return config.get("registered_name") == registered_name


def _is_archive(path):
    """Tells whether a path is a zip file; a pipe, which may have no end, is none."""
    return os.path.isfile(path) and zipfile.is_zipfile(path)


def preset_path(preset):
    """Finds the `.keras` file of a preset.

    Args:
        preset: str or path. Name of a shipped preset, a folder with a
            `generator.keras`, such as a run directory, or a `.keras` file.

    Raises:
        ValueError: There is no such preset, or its folder has no `generator.keras`.
    """
    path = pathlib.Path(preset).expanduser()
    is_name = path.name == str(preset)
    if is_name and (PRESETS / path / NAME).exists():
        return PRESETS / path / NAME
    if (path / NAME).exists():
        return path / NAME
    if path.is_file():
        return path
    if path.is_dir():
        raise ValueError(
            f"`preset` must be a folder with a {NAME}, which `save_to_preset` writes; "
            f"`load_generator` opens SavedModels. Received: {str(preset)!r}"
        )
    shipped = ", ".join(sorted(folder.name for folder in PRESETS.iterdir()))
    raise ValueError(
        f"`preset` must be a shipped one ({shipped}), a folder with a {NAME} or a "
        f".keras file. Received: {str(preset)!r}"
    )
