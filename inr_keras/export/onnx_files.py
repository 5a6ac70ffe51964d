"""Export of a generator as ONNX files, for programs without TensorFlow."""

import contextlib
import json
import pathlib

import numpy as np
import tensorflow as tf

from inr_keras import coordinates
from inr_keras import extras
from inr_keras import files
from inr_keras import rendering
from inr_keras.export import example_requests
from inr_keras.export import model_metadata
from inr_keras.export import plain_tensorflow
from inr_keras.export.self_test import SelfTestError

OPSET = 18
_ANSWERS = {  # Signatures of SavedModels that give the same.
    "generate": "generate_latents",
    "map": "map",
    "synthesize": "synthesize",
}


def export_onnx(generator, folder, attribution="", run=None):
    """Writes `generate.onnx`, `map.onnx` and `synthesize.onnx` to a new folder.

    The files take any number of images and points. Metadata lies in the files and
    beside them. The folder appears after a test: onnxruntime must draw the generator's
    images.

    Args:
        generator: Model with `mapping` and `synthesis`, such as `CIPSGenerator`; or the
            generator of a SavedModel.
        folder: str or path of a folder that is new or empty.
        attribution, run: See `saved_model.export`.

    Returns:
        Path of the folder.

    Raises:
        ValueError: The folder cannot be written, see `files.new_folder`, or the
            generator draws only its training grid.
        UnfitEnvironment: The extra packages are missing.
        SelfTestError: A file does not draw the generator's images, or the generator
            uses an operation that ONNX lacks.

    Example:
        >>> export_onnx(generator, folder / "mine_onnx")  # doctest: +SKIP
    """
    _packages()
    place = files.new_folder(folder)
    if not generator.draws_any_point:
        raise ValueError(
            "`generator` must draw any point, as synthesize.onnx promises. Received: a "
            f"{type(generator).__name__}"
        )
    metadata = model_metadata.describe(generator, place.name, attribution, run)
    metadata["signatures"] = list(_ANSWERS)

    def write(temporary):
        temporary.mkdir()
        text = json.dumps(metadata, indent=2) + "\n"
        (temporary / "inr_keras.json").write_text(text, encoding="utf-8")
        for name, (function, specs) in _functions(generator).items():
            path = temporary / f"{name}.onnx"
            _convert(path, function, specs, metadata)
            check(path, generator)

    files.write_beside(place, write)
    return pathlib.Path(folder)


def check(path, generator):
    """Raises `SelfTestError` where a file's answers are not the generator's.

    Args:
        path: path of a file that `export_onnx` has written.
        generator: See `export_onnx`.
    """
    _, runtime = _packages()
    renderer = rendering.Renderer(generator)
    signature = _ANSWERS[path.stem]
    try:
        session = runtime.InferenceSession(path, providers=["CPUExecutionProvider"])
        for batch in (1, 3):  # Neither may be fixed in the graph.
            request = example_requests.inputs(generator, signature, batch)
            if signature == "map":
                request["truncation"] = np.linspace(0.5, 1.0, batch, dtype="float32")
            if batch == 1 and "coords" in request:
                request["coords"] = request["coords"][:, :100]
            with tf.device("CPU:0"):
                expected = example_requests.outputs(renderer, signature, request, {})
            names = [output.name for output in session.get_outputs()]
            outputs = dict(zip(names, session.run(names, request)))
            plain_tensorflow.compare(path.name, outputs, expected)
    except Exception as error:  # Errors of onnxruntime have no other base.
        reason = " ".join(str(error).split())
        raise SelfTestError(f"the exported model fails its test: {reason}") from error


def _functions(generator):
    """Functions and the specifications of their inputs, by the names of the files."""
    layers, dim = generator.num_layers, generator.style_dim
    shape = (generator.resolution,) * generator.coord_dim

    def spec(name, *shape, dtype=tf.float32):
        return tf.TensorSpec(shape, dtype, name)

    def styles_of(latents, truncation, label=None):
        labels = {} if label is None else {"labels": label}
        styles = generator.mapping(latents, truncation[:, None], **labels)
        return tf.repeat(styles[:, None], layers, axis=1)

    def generate(latents, truncation, *label):
        coords = coordinates.lattice(shape, generator.alignment)
        coords = tf.reshape(coords, (1, -1, len(shape)))
        # Features of coords that all images share would be folded into the file.
        coords = tf.repeat(coords, tf.shape(latents)[0], axis=0)
        rgb = generator.synthesis(styles_of(latents, truncation, *label), coords)
        levels = tf.round((tf.clip_by_value(rgb, -1.0, 1.0) + 1.0) * 127.5)
        images = tf.reshape(levels, (-1, *shape, generator.channels))
        return {"images": tf.cast(images, tf.uint8)}

    def map_latents(latents, truncation, *label):
        return {"styles": styles_of(latents, truncation, *label)}

    def synthesize(styles, coords):
        return {"rgb": generator.synthesis(styles, coords)}

    latents = [spec("latents", None, generator.latent_dim), spec("truncation", None)]
    if generator.class_names:
        latents.append(spec("label", None, dtype=tf.int32))
    points = [
        spec("styles", None, layers, dim),
        spec("coords", None, None, len(shape)),
    ]
    return {
        "generate": (generate, latents),
        "map": (map_latents, latents),
        "synthesize": (synthesize, points),
    }


def _convert(path, function, specs, metadata):
    """Writes a function of TensorFlow as an ONNX file."""
    tf2onnx, _ = _packages()
    function = tf.function(function, specs, autograph=False)
    try:
        with contextlib.redirect_stdout(None):
            model, _ = tf2onnx.convert.from_function(function, specs, opset=OPSET)
    except (ValueError, RuntimeError, KeyError) as error:
        reason = " ".join(str(error).split())
        reason = f"{path.stem} cannot be written as ONNX: {reason}"
        raise SelfTestError(reason) from error
    for name, value in metadata.items():
        text = value if isinstance(value, str) else json.dumps(value)
        model.metadata_props.add(key=name, value=text)
    pathlib.Path(path).write_bytes(model.SerializeToString())


def _packages():
    """Imports the packages of the extra."""
    return [extras.load(name, "onnx") for name in ("tf2onnx", "onnxruntime")]
