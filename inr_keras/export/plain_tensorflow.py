"""Runs an exported model as TF Serving does, with TensorFlow alone.

It is a program for a separate process, which imports neither this package nor Keras'
models:

  python plain_tensorflow.py VERSION_FOLDER CASES.npz

CASES holds arrays `NUMBER/SIGNATURE/inputs/NAME` and, for the expected outputs,
`NUMBER/SIGNATURE/outputs/NAME`. On failure the last line of standard error gives the
reason, and the exit code is 1.
"""

import pathlib
import sys

import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2
from tensorflow.python.framework import kernels
from tensorflow_serving.apis import prediction_log_pb2

WARMUP = "assets.extra/tf_serving_warmup_requests"
_PYTHON = ("PyFunc", "EagerPyFunc", "PyFuncStateless")
_DEVICES = {"CPU", "DEFAULT"}
# Largest differences: one level of 255; styles are of about 1 in size.
_TOLERANCES = {"images": 1, "image_bytes": 1, "rgb": 2 / 255, "styles": 1e-3}

v1 = tf.compat.v1


def check(version, cases):
    """Raises `ValueError` for a model that a server could not run.

    Args:
        version: str or path of a version.
        cases: dict of arrays as above.

    Returns:
        Numbers of cases and of warm-up requests.
    """
    check_operations(version)
    runs = {}
    for name, value in cases.items():
        number, signature, kind, key = name.split("/", 3)
        run = runs.setdefault(int(number), (signature, {}, {}))
        run[1 + (kind == "outputs")][key] = value
    requests = list(read_warmup(pathlib.Path(version, WARMUP)))
    options = v1.ConfigProto(device_count={"GPU": 0})
    with v1.Session(graph=tf.Graph(), config=options) as session:
        loaded = v1.saved_model.loader.load(session, ["serve"], str(version))
        signatures = loaded.signature_def
        results = [
            run_signature(session, signatures[signature], inputs)
            for signature, inputs, _ in runs.values()
        ]
        for signature, inputs in requests:
            run_signature(session, signatures[signature], inputs)
    untested = set(signatures) - {run[0] for run in runs.values()}
    untested -= {"__saved_model_init_op"}
    if untested:
        raise ValueError(f"{min(untested)}: no request tests it")
    for (signature, _, expected), outputs in zip(runs.values(), results):
        compare(signature, outputs, expected)
    return len(runs), len(requests)


def check_operations(version):
    """Refuses operations that need Python or XLA, or lack a CPU kernel."""
    content = pathlib.Path(version, "saved_model.pb").read_bytes()
    [graph] = saved_model_pb2.SavedModel.FromString(content).meta_graphs
    functions = graph.graph_def.library.function
    defined = {function.signature.name for function in functions}
    used = {node.op for node in graph.graph_def.node}
    for function in functions:
        used |= {node.op for node in function.node_def}
        if function.attr["_XlaMustCompile"].b:
            raise ValueError(f"{function.signature.name} needs XLA")
    for name in sorted(used - defined):
        devices = {
            kernel.device_type
            for kernel in kernels.get_registered_kernels_for_op(name).kernel
        }
        if name in _PYTHON or name.startswith("Xla") or not devices & _DEVICES:
            raise ValueError(f"the graph uses {name}, which a server lacks")


def run_signature(session, signature, inputs):
    """Runs a signature; returns arrays by the names of its outputs."""
    if set(inputs) != set(signature.inputs):
        raise ValueError(
            f"inputs are {sorted(signature.inputs)}, and not {sorted(inputs)}"
        )
    feeds = {signature.inputs[key].name: value for key, value in inputs.items()}
    fetches = {key: value.name for key, value in signature.outputs.items()}
    return session.run(fetches, feeds)


def read_warmup(path):
    """Yields signature and inputs of each warm-up request."""
    for content in v1.io.tf_record_iterator(str(path)):
        record = prediction_log_pb2.PredictionLog.FromString(content)
        kind = record.WhichOneof("log_type")
        if kind != "predict_log":
            raise ValueError(
                f"{pathlib.Path(path).name} must hold predict_log records. "
                f"Received: {kind}"
            )
        request = record.predict_log.request
        inputs = {key: tf.make_ndarray(value) for key, value in request.inputs.items()}
        yield request.model_spec.signature_name, inputs


def compare(signature, outputs, expected):
    """Raises `ValueError` where outputs differ from the expected ones."""
    if "image_bytes" in outputs:
        files = np.ravel(outputs["image_bytes"])
        images = [tf.io.decode_png(file).numpy() for file in files]
        if "image_bytes" in expected:
            outputs = {"image_bytes": np.stack(images)}
        else:  # The sizes differ.
            outputs = {f"image_bytes/{i}": x for i, x in enumerate(images)}
    if set(outputs) != set(expected):
        raise ValueError(
            f"{signature}: outputs are {sorted(outputs)}, and not {sorted(expected)}"
        )
    for key, value in expected.items():
        array = outputs[key]
        if array.shape != value.shape:
            raise ValueError(
                f"{signature}: {key} are of shape {array.shape}, and not {value.shape}"
            )
        tolerance = _TOLERANCES.get(key.split("/")[0])
        if tolerance is None:
            if array.tolist() != value.tolist():
                raise ValueError(f"{signature}: {key} is not the generator's")
            continue
        difference = np.abs(array.astype("float64") - value).max()
        # Refuses NaN too.
        if not difference <= tolerance:
            raise ValueError(
                f"{signature}: {key} differ from the generator's by "
                f"{difference:.3g}, more than {tolerance:.3g}"
            )


def main(version, path):
    """Checks a version with the cases of a file, and prints their numbers."""
    with np.load(path) as arrays:
        cases = dict(arrays)
    try:
        counts = check(version, cases)
    except (ValueError, tf.errors.OpError) as error:
        sys.exit(" ".join(str(error).split()))
    if "inr_keras" in sys.modules:
        sys.exit("inr_keras was imported")
    print(*counts)


if __name__ == "__main__":
    main(*sys.argv[1:])
