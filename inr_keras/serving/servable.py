"""Version of a model: a SavedModel, loaded as TF Serving loads it."""

import itertools
import math
import re
import threading
import time

import numpy as np
import tensorflow as tf

from inr_keras import paths
from inr_keras.export import plain_tensorflow
from inr_keras.export import signatures
from inr_keras.runs import safe_loading
from inr_keras.runs.saved_generators import read_metadata
from inr_keras.serving import limits
from inr_keras.serving import paces
from inr_keras.serving import status_codes

DEFAULT_SIGNATURE = "serving_default"
_MAX_WARMUP = 1000  # Most warm-up requests, as in TF Serving.
_PREDICT = "tensorflow/serving/predict"
_LABELS = {"label", "other_label"}  # Inputs that are numbers of classes.
_NAMED_CLASSES = 20
_INTERNAL = "__saved_model_init_op"


def _facts(path):
    """Numbers and names of a model's first classes, and the number of video images."""
    try:
        metadata = read_metadata(path)
        names, length = metadata["class_names"], int(metadata.get("video_length", 0))
        listed = [f"{i} {name}" for i, name in enumerate(names[:_NAMED_CLASSES])]
    except (OSError, ValueError, LookupError, TypeError):
        return "", 0  # A model of another program.
    return f" ({', '.join(listed)}{', ...' * (len(names) > len(listed))})", length


class Spec:
    """Type and shape of an input or output of a signature.

    Args:
        info: `TensorInfo` of the signature.

    Attributes:
        hint: str. What an input may be, for the error of one that is missing or wrong.
    """

    def __init__(self, info):
        self.hint = ""
        self.dtype = tf.as_dtype(info.dtype)
        self.shape = None
        if not info.tensor_shape.unknown_rank:
            self.shape = tuple(
                dim.size if dim.size >= 0 else None for dim in info.tensor_shape.dim
            )

    @property
    def batched(self):
        """Tells whether the first dimension may be of any size."""
        return bool(self.shape) and self.shape[0] is None

    def fits(self, shape):
        """Tells whether a shape matches."""
        return self.shape is None or (
            len(self.shape) == len(shape)
            and all(w in (None, g) for w, g in zip(self.shape, shape))
        )

    def check(self, name, shape):
        """Refuses a shape that does not match."""
        if not self.fits(shape):
            wanted = ["any" if n is None else n for n in self.shape]
            raise status_codes.invalid(
                f"input {name!r} must have the shape "
                f"[{', '.join(map(str, wanted))}]. Received: {list(shape)}"
            )


class Signature:
    """Inputs and outputs of a signature.

    Attributes:
        inputs: dict of `Spec` by name.
        outputs: dict of `Spec` by name.
        batchable: bool. Whether requests may be joined along the first
            dimension of every input and output.
    """

    def __init__(self, name, definition):
        self.name = name
        self.inputs = {k: Spec(i) for k, i in sorted(definition.inputs.items())}
        self.outputs = {k: Spec(i) for k, i in sorted(definition.outputs.items())}
        specs = [*self.inputs.values(), *self.outputs.values()]
        self.batchable = bool(self.inputs) and all(s.batched for s in specs)


class Servable:
    """Loaded version of a model, which counts its users.

    Args:
        name: str. Name of the model.
        version: int.
        path: path. Folder with `saved_model.pb`.
        trust_model: bool. Load it whatever its operations touch. Defaults to `False`.

    Attributes:
        paces: `Paces`, which the warm-up requests have begun.

    Raises:
        ValueError: It is not trusted, see `safe_loading.check`.
    """

    def __init__(self, name, version, path, trust_model=False):
        if not trust_model:
            safe_loading.check(path)
        self.name = name
        self.version = version
        self.paces = paces.Paces()
        self._session = tf.compat.v1.Session(graph=tf.Graph())
        try:
            with self._session.graph.as_default(), paths.without_patterns(path) as p:
                graph = tf.compat.v1.saved_model.loader.load(
                    self._session, ["serve"], str(p)
                )
            classes, self._video_length = _facts(path)
            self._read(graph, classes)
            self._warm_up(path / plain_tensorflow.WARMUP)
        except BaseException:
            self._session.close()
            raise
        self._users = 0
        self._retired = False
        self._lock = threading.Lock()

    def _read(self, graph, classes):
        self.definitions = {
            name: definition
            for name, definition in graph.signature_def.items()
            if name != _INTERNAL
        }
        self.signatures, self._calls = {}, {}
        # And hints, by the name of the signature; `""` is the default one.
        self.input_names = {}
        for name, definition in self.definitions.items():
            if definition.method_name != _PREDICT:
                continue
            signature = Signature(name, definition)
            self.signatures[name] = signature
            for key in _LABELS & signature.inputs.keys():
                signature.inputs[key].hint = classes
            self.input_names[name] = {k: s.hint for k, s in signature.inputs.items()}
            if name == DEFAULT_SIGNATURE:
                self.input_names[""] = self.input_names[name]
            self._calls[name] = self._session.make_callable(
                [definition.outputs[key].name for key in signature.outputs],
                [definition.inputs[key].name for key in signature.inputs],
            )

    def signature(self, name):
        """Returns a signature by its name; `""` is the default one.

        Raises:
            ServingError: There is no such signature.
        """
        name = name or DEFAULT_SIGNATURE
        if name not in self.signatures:
            raise status_codes.invalid(
                f'Serving signature name: "{status_codes.quoted(name, 100)}" not '
                "found in signature def"
            )
        return self.signatures[name]

    def joinable(self, signature, inputs):
        """Finds a signature of many requests that takes a request of another signature.

        A request of `render_region` for one region, whose inputs and outputs have any
        shape, is a row of `render_region_batch`.

        Returns:
            `Signature`, or `None` where there is none that takes the inputs.
        """
        many = self.signatures.get(signature.name + signatures.BATCH)
        if signature.batchable or many is None or not many.batchable:
            return None
        shapes = {name: (None, *array.shape) for name, array in inputs.items()}
        fits = shapes.keys() == many.inputs.keys() and all(
            many.inputs[name].fits(shape) for name, shape in shapes.items()
        )
        return many if fits else None

    def run(self, name, inputs):
        """Runs a signature.

        Args:
            name: str. Name of the signature.
            inputs: dict of arrays by name, one for each input.

        Returns:
            dict of arrays by name.

        Raises:
            ServingError: TensorFlow refused the inputs or failed.
        """
        signature = self.signatures[name]
        try:
            values = self._calls[name](*[inputs[k] for k in signature.inputs])
        except tf.errors.OpError as error:
            raise status_codes.ServingError(
                status_codes.code_name(error.error_code), _one_line(error.message)
            ) from error
        except MemoryError as error:
            raise status_codes.ServingError(
                "RESOURCE_EXHAUSTED", "out of memory"
            ) from error
        # A session returns a single string as bytes, which an array of bytes
        # would cut at trailing zeros.
        return {
            key: np.array(v, object if isinstance(v, bytes) else None)
            for key, v in zip(signature.outputs, values)
        }

    def points(self, signature, inputs):
        """Number of points of the generator that a request asks for; 0 if unknown.

        Each coordinate is a point, in each image of a video, and an image has as many
        points as pixels. The size of a PNG is taken from another signature of the same
        model.
        """
        images = max(1, self._video_length)
        if "coords" in inputs:
            return math.prod(inputs["coords"].shape[:-1]) * images
        if not signature.batchable:
            return 0
        rows = next(iter(inputs.values())).shape[0]
        outputs = signature.outputs
        sizes = [_image_points(spec) for spec in outputs.values()]
        if any(name.endswith("_bytes") for name in outputs):
            sizes += [
                _image_points(spec)
                for other in self.signatures.values()
                for spec in other.outputs.values()
            ]
        return rows * max(sizes) * images

    def _warm_up(self, path):
        if not path.exists():
            return
        requests = plain_tensorflow.read_warmup(path)
        for name, inputs in itertools.islice(requests, _MAX_WARMUP):
            signature = self.signature(name)
            started = time.monotonic()
            self.run(signature.name, inputs)
            seconds = time.monotonic() - started
            work = max(limits.work_of(self, signature, inputs))
            self.paces.observe(signature, work, seconds)

    def acquire(self):
        """Keeps the version loaded until `release`; `False` if it is unloaded."""
        with self._lock:
            if self._retired and not self._users:
                return False
            self._users += 1
            return True

    def release(self):
        """Ends one `acquire`."""
        with self._lock:
            self._users -= 1
            last = self._retired and not self._users
        if last:
            self._close()

    def retire(self):
        """Unloads the version as soon as nobody uses it."""
        with self._lock:
            self._retired = True
            unused = not self._users
        if unused:
            self._close()

    def _close(self):
        # The registry may keep this object, but not its memory.
        self._session.close()
        self._session, self._calls = None, {}

    @property
    def unloaded(self):
        with self._lock:
            return self._retired and not self._users


def _image_points(spec):
    """Points of an image or sound of a uint8 output `(None, ..., channels)`."""
    shape = spec.shape or ()
    known = len(shape) >= 3 and None not in shape[1:]
    return math.prod(shape[1:-1]) if known and spec.dtype == tf.uint8 else 0


def _one_line(message):
    """Shortens a message of TensorFlow to one line without names of nodes."""
    lines = [line.strip() for line in (message or "").splitlines()]
    # Lines without information: a title, a count of several errors.
    titles = ("Graph execution error:", "root error(s) found.")
    lines = [line for line in lines if line and not line.endswith(titles)]
    line = re.sub(r"^\(\d+\) *[A-Za-z ]+: *", "", (lines or ["failed"])[0])
    line = re.sub(r"\{\{.*?\}\}", "", line)
    parts, matches = re.subn(r"^assertion failed: \[(.*)\]$", r"\1", line)
    if matches:  # The parts of the assertion, each in brackets.
        line = parts.replace("] [", " ")
    return " ".join(line.split())[:500]
