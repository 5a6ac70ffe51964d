"""Files that TF Serving reads beside a model: warm-up and batching."""

import pathlib

import numpy as np
import tensorflow as tf
from tensorflow_serving.apis import prediction_log_pb2

from inr_keras.export import example_requests
from inr_keras.export import signatures
from inr_keras.export.plain_tensorflow import WARMUP

BATCHING = "batching_params.pbtxt"
BATCHES = (1, 2, 4, 8)  # Sizes of the batches that a server makes.
_WARM_POINTS = 65536  # Batches of more points are not warmed up.
_SIDES = (64, 256)  # Of the regions that are warmed up.
_BATCHING = f"""\
max_batch_size {{ value: {BATCHES[-1]} }}
batch_timeout_micros {{ value: 2000 }}
max_enqueued_batches {{ value: 64 }}
num_batch_threads {{ value: 2 }}
{"".join(f"allowed_batch_sizes: {batch}{chr(10)}" for batch in BATCHES)}\
pad_variable_length_inputs: false
"""


def write(version, generator, name):
    """Writes the warm-up requests and the batching parameters.

    Args:
        version: Path of the folder of a version.
        generator: See `signatures.build`.
        name: str. Name of the model in servers.
    """
    pathlib.Path(version, BATCHING).write_text(_BATCHING, encoding="utf-8")
    requests = (
        (signature, request)
        for signature in signatures.names(generator)
        for request in _requests(generator, signature)
    )
    write_warmup(version, name, requests)


def write_warmup(version, name, requests):
    """Writes warm-up requests, pairs of a signature and its inputs."""
    path = pathlib.Path(version, WARMUP)
    path.parent.mkdir(exist_ok=True)
    with tf.io.TFRecordWriter(str(path)) as writer:
        for signature, inputs in requests:
            record = _record(name, signature, inputs)
            writer.write(record.SerializeToString())


def _requests(generator, signature):
    if signature.startswith("render_"):
        request = example_requests.inputs(generator, signature, 1)
        sides = ("height", "width")
        for side in _SIDES:
            yield {**request, **{s: np.array([side], "int32") for s in sides}}
        return
    points = generator.resolution**generator.coord_dim
    points *= max(1, generator.video_length)
    for batch in BATCHES:
        if batch == 1 or batch * points <= _WARM_POINTS:
            yield example_requests.inputs(generator, signature, batch)


def _record(name, signature, inputs):
    record = prediction_log_pb2.PredictionLog()
    request = record.predict_log.request
    request.model_spec.name = name
    request.model_spec.signature_name = signature
    for key, value in inputs.items():
        request.inputs[key].CopyFrom(tf.make_tensor_proto(value))
    return record
