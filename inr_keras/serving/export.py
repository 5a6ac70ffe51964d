"""From a generator to a SavedModel that TF Serving loads."""

import json
import os
import pathlib
import shutil

import tensorflow as tf

from inr_keras.serving import model_facts
from inr_keras.serving import signatures

METADATA = "assets.extra/inr_keras.json"


def export(generator, folder, attribution="", run=None):
    """Writes `folder/VERSION/`, one above the highest version there.

    The signatures (see `signatures.build`) share one copy of the weights.

    Args:
        generator: Model with `mapping` and `synthesis`, such as
            `CIPSGenerator`.
        folder: str or path, `saved_models/NAME`.
        attribution: str. What the licence of the pictures that it was trained
            on asks to be said, for the metadata. Defaults to `""`: nothing.
        run: str or path of the run directory, or of a file in it, whose
            settings the metadata tell. Defaults to `None`: they are unknown.

    Returns:
        Path of the version. It appears whole: a server that polls the folder
        never sees a part of it.
    """
    folder = pathlib.Path(folder)
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"--out must be a folder. Received: {str(folder)!r}")
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / ".writing"
    shutil.rmtree(temporary, ignore_errors=True)
    metadata = model_facts.describe(
        generator, folder.resolve().name, attribution, run
    )
    try:
        _save(generator, metadata, temporary)
        path = temporary / METADATA
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(metadata, indent=2) + "\n")
        version = folder / str(_next_version(folder))
        os.rename(temporary, version)
    except tf.errors.OpError as error:  # A full disk, for example.
        reason = error.message.strip().splitlines()[0]
        raise OSError(
            f"--out cannot be written: {reason}. Received: {str(folder)!r}"
        ) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return version


def _save(generator, metadata, path):
    module = tf.Module()
    # Of the variables alone: the signatures are all there is to call.
    module.weights = [weight.value for weight in generator.weights]
    module.mean_style = [generator.mapping.mean_style.value]
    tf.saved_model.save(
        module, str(path), signatures.build(generator, metadata)
    )


def _next_version(folder):
    versions = [int(p.name) for p in folder.iterdir() if p.name.isdecimal()]
    return max(versions, default=0) + 1
