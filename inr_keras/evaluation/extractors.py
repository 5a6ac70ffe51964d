"""Feature extractors by name or file, for distances between sets of images."""

import hashlib
import pathlib

import keras
import numpy as np
import tensorflow as tf
from absl import logging

from inr_keras import extras
from inr_keras.evaluation import efficientnet_lite0
from inr_keras.files import checksum
from inr_keras.naming import first_line
from inr_keras.naming import renaming
from inr_keras.quiet_imports import UnfitEnvironment
from inr_keras.runs import safe_loading

NAMES = ("pixels", "efficientnet_lite0", "inception", "keras_inception")
_PIXELS = 8  # Side of the images that `pixels` sees.
_INCEPTION = "https://tfhub.dev/tensorflow/tfgan/eval/inception/1"
_SIDE = 299  # Side of the images that Inception networks see.


class Extractor:
    """Extractor of features of images and, if the network has classes, of their logits.

    Args:
        name: str. Name in reports.
        sha256: str. Checksum of the weights and all else that decides the numbers.
        function: Function of a float tensor `(N, H, W, 3)` in [0, 255] to a
            dict of tensors: `features` `(N, D)` and perhaps `logits`.
        is_reference: bool. Whether it is the network of the published FID.

    Example:
        >>> def means(images):
        ...     return {"features": tf.reduce_mean(images, (1, 2))}
        >>> extractor = Extractor("means", "the checksum of its weights", means)
        >>> extractor(np.zeros((2, 16, 16, 3), "uint8"))["features"].shape
        (2, 3)
    """

    def __init__(self, name, sha256, function, is_reference=False):
        self.name = name
        self.sha256 = sha256
        self.is_reference = is_reference
        self._outputs = {}
        self._function = tf.function(
            function,
            input_signature=[tf.TensorSpec((None, None, None, 3))],
            autograph=False,
        )

    def __call__(self, images):
        """Computes the features of uint8 or float images `(N, H, W, 1 or 3)`.

        Returns:
            dict of float32 arrays.
        """
        return {
            name: np.asarray(values, "float32").reshape(len(images), -1)
            for name, values in self.tensors(images).items()
        }

    def tensors(self, images):
        """Computes features as a dict of tensors that gradients go through."""
        images = tf.cast(images, "float32")
        if images.shape[-1] == 1:
            images = tf.repeat(images, 3, axis=-1)
        return self._function(images)

    def outputs(self, side):
        """Names of the outputs for images of `side` pixels.

        Raises:
            ValueError: The network does not take such images.
        """
        if side not in self._outputs:
            try:
                outputs = self(np.zeros((2, side, side, 3), "uint8"))
                outputs["features"]
            except Exception as error:  # The network may raise anything.
                reason = " ".join(str(error).split()) or type(error).__name__
                raise ValueError(
                    "`extractor` must be of a network from images of "
                    f"{side}x{side} to features ({reason[:160]}). "
                    f"Received: extractor={self.name}"
                ) from error
            self._outputs[side] = tuple(outputs)
        return self._outputs[side]


def open_extractor(name, trust_model=False):
    """Opens an extractor.

    Args:
        name: str or path. `pixels`: the image at 8x8, without any weights;
            `efficientnet_lite0`: a small network, whose weights are a package of the
            package index; `inception`: TF-GAN's network of the published FID, from TF
            Hub or `TFHUB_CACHE_DIR`;
            `keras_inception`: the Inception network of Keras, whose weights are
            downloaded once; or a `.keras` file or a SavedModel, from images in [0, 255]
            to features or to a dict of `features` and `logits`. `None`: `inception`, or
            `efficientnet_lite0` if `inception` cannot be fetched.
        trust_model: bool. See `runs.load_generator`. Defaults to `False`.

    Raises:
        ValueError: There is no such extractor, or it cannot be loaded.

    Example:
        >>> pixels = open_extractor("pixels")
        >>> pixels.name
        'pixels'
    """
    if name is None:
        return _default()
    if name == "pixels":
        version = hashlib.sha256(b"area mean, 8x8, over 255").hexdigest()
        return Extractor(name, version, _pixels)
    if name == "efficientnet_lite0":
        return _efficientnet_lite0()
    if name == "inception":
        return _tfhub_inception()
    if name == "keras_inception":
        return _keras_inception()
    path = pathlib.Path(name)
    if path.is_dir():
        with renaming({"path": "name"}):
            return _saved_model(path, trust_model)
    if path.is_file():
        return Extractor(path.name, checksum(path), _keras_file(path))
    raise ValueError(
        f"`name` must be {', '.join(NAMES)}, a .keras file or a "
        f"SavedModel. Received: {str(name)!r}"
    )


def check(name):
    """Refuses, without loading anything, what `open_extractor` cannot open.

    Raises:
        ValueError: `name` is neither a known name nor a file, or weights are missing.
    """
    if name == "efficientnet_lite0":
        efficientnet_lite0.check_weights()
    elif name not in NAMES and not pathlib.Path(name).is_file():
        raise ValueError(
            f"`name` must be a file or one of {', '.join(NAMES)}. "
            f"Received: {str(name)!r}"
        )


def _default():
    try:
        return _tfhub_inception()
    except (ValueError, UnfitEnvironment) as error:
        logging.info("Features of efficientnet_lite0 instead: %s", first_line(error))
    return _efficientnet_lite0()


def _efficientnet_lite0():
    model = efficientnet_lite0.load()

    def function(images):
        return {"features": model(images, training=False)}

    return Extractor("efficientnet_lite0", efficientnet_lite0.SHA256, function)


def _keras_file(path):
    try:
        model = keras.models.load_model(path, safe_mode=True, compile=False)
    except (OSError, ValueError, TypeError) as error:
        raise ValueError(
            f"`name` must be a .keras model ({first_line(error)}). "
            f"Received: {str(path)!r}"
        ) from error

    def function(images):
        outputs = model(images, training=False)
        if not isinstance(outputs, dict):
            return {"features": outputs}
        return {k: v for k, v in outputs.items() if k in ("features", "logits")}

    return function


def _pixels(images):
    small = tf.image.resize(images, (_PIXELS, _PIXELS), "area") / 255.0
    return {"features": tf.reshape(small, (-1, _PIXELS**2 * 3))}


def _tfhub_inception():
    tensorflow_hub = extras.load("tensorflow_hub", "tfgan")
    try:
        folder = tensorflow_hub.resolve(_INCEPTION)
        network = tensorflow_hub.load(folder)
    except (OSError, ValueError, RuntimeError, tf.errors.OpError) as error:
        raise _missing("inception", _INCEPTION, "TFHUB_CACHE_DIR", error) from error

    def function(images):
        # Not antialiased, as for the published numbers.
        images = tf.image.resize(images, (_SIDE, _SIDE)) / 127.5 - 1.0
        outputs = network(images)
        return {"features": outputs["pool_3"], "logits": outputs["logits"]}

    return Extractor("inception", checksum(folder), function, True)


def _keras_inception():
    try:
        model = keras.applications.InceptionV3()
    except Exception as error:  # Keras raises a bare Exception.
        raise _missing(
            "keras_inception", "Keras's weights", "KERAS_HOME", error
        ) from error
    model = keras.Model(
        model.input,
        {
            "features": model.get_layer("avg_pool").output,
            "shares": model.output,
        },
    )

    def function(images):
        images = tf.image.resize(images, (_SIDE, _SIDE)) / 127.5 - 1.0
        outputs = model(images, training=False)
        logits = tf.math.log(tf.maximum(outputs["shares"], 1e-30))
        return {"features": outputs["features"], "logits": logits}

    digest = hashlib.sha256()
    for weight in model.get_weights():
        digest.update(np.ascontiguousarray(weight).tobytes())
    return Extractor("keras_inception", digest.hexdigest(), function)


def _saved_model(path, trust_model):
    try:
        model = safe_loading.load(path, trust_model)
        signature = model.signatures["serving_default"]
        [(argument, spec)] = signature.structured_input_signature[1].items()
    except safe_loading.UntrustedError:
        raise
    except (OSError, ValueError, LookupError, tf.errors.OpError) as error:
        raise ValueError(
            "`name` must be a SavedModel with a signature serving_default "
            f"of one input ({first_line(error)}). Received: {str(path)!r}"
        ) from error
    outputs = set(signature.structured_outputs)
    if "features" not in outputs and len(outputs) > 1:
        raise ValueError(
            "`name` must be a SavedModel with an output named features. "
            f"Received: {sorted(outputs)}"
        )

    def function(images):
        outputs = signature(**{argument: tf.cast(images, spec.dtype)})
        if "features" not in outputs:
            [outputs] = outputs.values()
            return {"features": outputs}
        return {k: v for k, v in outputs.items() if k in ("features", "logits")}

    extractor = Extractor(path.name, checksum(path), function)
    extractor.model = model  # Its variables live as long as the model does.
    return extractor


def _missing(name, what, variable, error):
    others = ", ".join(n for n in NAMES if n != name)
    return ValueError(
        f"`name`={name} needs {what}, which can neither be fetched nor "
        f"found in ${variable} ({first_line(error)}). Others: {others}, or a "
        ".keras file"
    )
