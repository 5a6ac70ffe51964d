"""Export of a generator as a SavedModel that TF Serving loads."""

import json
import pathlib
import shutil

import tensorflow as tf

from inr_keras import locks
from inr_keras.export import model_card
from inr_keras.export import model_metadata
from inr_keras.export import self_test
from inr_keras.export import server_files
from inr_keras.export import signatures
from inr_keras.naming import first_line
from inr_keras.runs.saved_generators import METADATA


def export(generator, folder, attribution="", run=None, scores=None, test=True):
    """Exports a generator to `folder/VERSION/`, one above the highest version.

    The signatures (see `signatures.build`) share one copy of the weights. Beside the
    SavedModel lie files for TF Serving (see `server_files`) and a model card. A model
    that fails its test is not published.

    Args:
        generator: Model with `mapping` and `synthesis`, such as `CIPSGenerator`.
        folder: str or path, `saved_models/NAME`.
        attribution: str. Credits that the licence of its training images asks for, for
            the metadata. Defaults to `""`: none.
        run: str or path of the run directory, or of a file in it, whose settings go
            into the metadata. Defaults to `None`: they are unknown.
        scores: See `model_card.write`. Defaults to `None`.
        test: bool. Load the model in a process that imports TensorFlow alone and
            compare its images with the generator's. Defaults to `True`.

    Returns:
        Path of the version. It appears whole: a server that polls the folder never sees
            a part of it.

    Raises:
        ValueError: `folder` is not a folder, another process exports to it, or the
            generator draws only its training grid.
        SelfTestError: The exported model does not draw the generator's images.

    Example:
        >>> path = export(generator, folder / "mine", test=False)
        >>> path.name
        '1'
    """
    folder = pathlib.Path(folder)
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"`folder` must be a folder. Received: {str(folder)!r}")
    if not generator.draws_any_point:
        raise ValueError(
            "`generator` must draw any point, as the signatures promise regions of "
            f"any size. Received: a {type(generator).__name__}"
        )
    try:
        with locks.locked(folder):
            return _publish(generator, folder, attribution, run, scores, test)
    except (OSError, tf.errors.OpError) as error:  # A full disk, for example.
        file = getattr(error, "filename", None)
        if file and folder.resolve() not in pathlib.Path(file).resolve().parents:
            raise  # The error of another argument.
        reason = getattr(error, "strerror", None) or first_line(error)
        raise OSError(
            f"`folder` cannot be written: {reason}. Received: {str(folder)!r}"
        ) from error


def _publish(generator, folder, attribution, run, scores, test):
    name = folder.resolve().name
    metadata = model_metadata.describe(generator, name, attribution, run)
    temporary = folder / ".writing"
    shutil.rmtree(temporary, ignore_errors=True)
    try:
        temporary.mkdir()
        # Written first, as it refuses missing scores.
        model_card.write(temporary, generator, metadata, run, scores)
        _save(generator, metadata, temporary)
        server_files.write(temporary, generator, name)
        if test:
            self_test.run(temporary, generator, metadata)
        version = folder / str(_next_version(folder))
        return temporary.rename(version)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _save(generator, metadata, path):
    module = tf.Module()
    module.weights = [weight.value for weight in generator.weights]
    module.mean_style = [generator.mean_style.value]
    # For use from Python: the loop of the signature has no gradients.
    module.synthesis = tf.function(
        lambda styles, coords: generator.synthesis(styles, coords),
        (
            tf.TensorSpec((None, generator.num_layers, generator.style_dim)),
            tf.TensorSpec((None, None, generator.coord_dim)),
        ),
        autograph=False,
    )
    tf.saved_model.save(module, str(path), signatures.build(generator, metadata))
    path = path / METADATA
    path.parent.mkdir()
    path.write_text(json.dumps(metadata, indent=2) + "\n", encoding="utf-8")


def _next_version(folder):
    versions = [int(p.name) for p in folder.iterdir() if p.name.isdecimal()]
    return max(versions, default=0) + 1
