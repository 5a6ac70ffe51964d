"""The file of settings in a run directory, `config.json`."""

import json
import pathlib

from inr_keras import config as config_lib
from inr_keras.files import write_beside


def load_config(workdir):
    """Reads the settings of a run directory.

    Raises:
        ValueError: The file is not JSON, a field is unknown, or a value has a wrong
            type.
    """
    path = pathlib.Path(workdir) / "config.json"
    try:
        return config_lib.from_dict(json.loads(path.read_text(encoding="utf-8")))
    except ValueError as error:  # Includes invalid UTF-8.
        raise ValueError(
            f"`workdir` must have a config.json that can be read ({error}). "
            f"Received: {str(path)!r}"
        ) from error


def write_config(config, workdir):
    """Writes the settings of a run, whole or not at all."""
    text = json.dumps(config_lib.to_dict(config), indent=2) + "\n"
    write_beside(
        workdir / "config.json", lambda path: path.write_text(text, encoding="utf-8")
    )
