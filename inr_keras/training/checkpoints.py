"""Checkpoints of a run: whole or not there."""

import pathlib
import re

from absl import logging

from inr_keras.files import write_beside

_NAME = re.compile(r"images_(\d+)\.weights\.h5")


def save(gan, folder, keep):
    """Writes all of a GAN's state and drops all but the last `keep`.

    Networks, average, frozen generator, both optimizers, step, pictures seen
    and stage are variables of the model, so that one file holds them.
    """
    folder = pathlib.Path(folder)
    seen = gan.count("images_seen")
    path = folder / f"images_{seen:010d}.weights.h5"
    write_beside(path, gan.save_weights)
    for old in _list(folder)[:-keep]:
        old.unlink(missing_ok=True)
    return path


def restore(gan, folder):
    """Reads the newest checkpoint that can be read.

    Returns:
        Its path, or `None` where there is none.

    Raises:
        ValueError: There are checkpoints, but none can be read.
    """
    paths = _list(pathlib.Path(folder))
    for path in reversed(paths):
        try:
            gan.load_weights(path)
        except (OSError, KeyError, ValueError, RuntimeError) as error:
            reason = str(error).strip().splitlines()[0]
            logging.warning(
                "Checkpoint %s cannot be read (%s). Trying the one before.",
                path,
                reason,
            )
            continue
        return path
    if paths:
        raise ValueError(
            f"No checkpoint in {folder} can be read. "
            f"Received: {[path.name for path in paths]}"
        )
    return None


def _list(folder):
    if not folder.is_dir():
        return []
    found = [p for p in folder.iterdir() if _NAME.fullmatch(p.name)]
    return sorted(found, key=lambda p: int(_NAME.fullmatch(p.name)[1]))
