"""From a generator to a SavedModel that TF Serving loads."""

import json
import pathlib
import shutil

import keras
import tensorflow as tf

from inr_keras import coordinates
from inr_keras.models import lattices

METADATA = "assets.extra/inr_keras.json"
_FIELDS = ("latent_dim", "style_dim", "channels", "resolution", "alignment")
_OPTIONAL = {"coord_dim": 2, "frames": 0}


def export(generator, folder, attribution=""):
    """Writes `folder/VERSION/`, one above the highest version there.

    Three signatures share one copy of the weights, with named inputs and
    outputs: `serving_default` (`latents` -> uint8 `images` at the training
    resolution), `map` (`latents` -> `styles`) and `synthesize` (`styles`,
    `coords` -> float32 `rgb`). TensorFlow operations alone, without XLA. Of a
    generator with classes the first two take int32 `label` too, and the
    metadata name the classes.

    Args:
        generator: Model with `mapping` and `synthesis`, such as
            `CIPSGenerator`.
        folder: str or path, `saved_models/NAME`.
        attribution: str. What the licence of the pictures that it was trained
            on asks to be said, for the metadata. Defaults to `""`: nothing.

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
    try:
        _archive(generator).write_out(str(temporary), verbose=False)
        path = temporary / METADATA
        path.parent.mkdir()
        metadata = {name: getattr(generator, name) for name in _FIELDS}
        if getattr(generator, "class_names", ()):
            metadata["class_names"] = list(generator.class_names)
        for name, usual in _OPTIONAL.items():
            if getattr(generator, name, usual) != usual:
                metadata[name] = getattr(generator, name)
        if attribution:
            metadata["attribution"] = attribution
        path.write_text(json.dumps(metadata, indent=2) + "\n")
        version = folder / str(_next_version(folder))
        temporary.rename(version)
    except tf.errors.OpError as error:  # A full disk, for example.
        reason = error.message.strip().splitlines()[0]
        raise OSError(
            f"--out cannot be written: {reason}. Received: {str(folder)!r}"
        ) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return version


def _archive(generator):
    size, channels = generator.resolution, generator.channels
    dim = getattr(generator, "coord_dim", 2)
    sizes = (size,) * dim
    grid = coordinates.lattice(sizes, generator.alignment)
    grid = tf.reshape(grid, (1, size**dim, dim))
    spacing = 2.0 / max(size - (generator.alignment == "corner"), 1)
    hint = lattices.hint(generator, size, size, spacing)
    latents = tf.TensorSpec((None, generator.latent_dim), name="latents")
    inputs = [latents]
    if getattr(generator, "class_names", ()):
        inputs.append(tf.TensorSpec((None,), tf.int32, name="label"))
    styles = tf.TensorSpec((None, generator.style_dim), name="styles")
    coords = tf.TensorSpec((None, None, dim), name="coords")

    def styles_of(latents, *label):
        told = dict(zip(("labels",), label))
        return generator.mapping(latents, **told)

    def generate(*inputs):
        rgb = generator.synthesis(styles_of(*inputs), grid, **hint)
        images = tf.reshape(rgb, (-1, *sizes, channels))
        images = tf.round((images + 1.0) * 127.5)
        return {"images": tf.cast(tf.clip_by_value(images, 0, 255), tf.uint8)}

    def map_latents(*inputs):
        return {"styles": styles_of(*inputs)}

    def synthesize(styles, coords):
        return {"rgb": generator.synthesis(styles, coords)}

    # No `track`: it would save a second copy of what the endpoints use.
    archive = keras.export.ExportArchive()
    archive.add_endpoint("serving_default", generate, inputs)
    archive.add_endpoint("map", map_latents, inputs)
    archive.add_endpoint("synthesize", synthesize, [styles, coords])
    # No endpoint needs it; whoever truncates does.
    mean_style = generator.mapping.mean_style.value
    archive.add_variable_collection("mean_style", [mean_style])
    return archive


def _next_version(folder):
    versions = [int(p.name) for p in folder.iterdir() if p.name.isdecimal()]
    return max(versions, default=0) + 1
