"""Server of TF Serving's gRPC interface, with the official messages."""

import asyncio
import contextlib
import math
import time

import grpc
import tensorflow as tf
from tensorflow_serving.apis import model_service_pb2_grpc
from tensorflow_serving.apis import predict_pb2
from tensorflow_serving.apis import prediction_service_pb2_grpc

from inr_keras.serving import connections
from inr_keras.serving import json_bodies
from inr_keras.serving import proto_messages
from inr_keras.serving import status_codes

_SIGNATURE_DEF = "signature_def"
_MAX_REPEATED = 2**20  # Largest size of an input with left-out values.
# Fields where `tf.make_ndarray` looks for values; strings are in no other.
_FIELDS = {
    tf.bool: "bool_val",
    tf.string: "string_val",
    tf.float16: "half_val",
    tf.bfloat16: "half_val",
    tf.float32: "float_val",
    tf.float64: "double_val",
    tf.int64: "int64_val",
    tf.uint32: "uint32_val",
    tf.uint64: "uint64_val",
}


class PredictionService(prediction_service_pb2_grpc.PredictionServiceServicer):
    """gRPC service with `Predict` and `GetModelMetadata`.

    Its other methods are UNIMPLEMENTED.

    Args:
        registry: `Registry`.
        batcher: `Batcher`.
        calls: `Calls`.
    """

    def __init__(self, registry, batcher, calls):
        self._registry = registry
        self._batcher = batcher
        self._calls = calls

    async def Predict(self, request, context):
        async with self._calls.answer("Predict", context) as log_entry:
            name, version = _model(request.model_spec)
            with self._registry.use(name, version) as servable:
                log_entry.update(model=name, version=servable.version)
                spec = request.model_spec
                signature = servable.signature(spec.signature_name)
                log_entry["signature"] = signature.name
                outputs = await self._batcher.run(
                    servable,
                    signature,
                    inputs_of(request, signature),
                    context.time_remaining(),
                )
                return _response(request, servable, signature, outputs)

    async def GetModelMetadata(self, request, context):
        async with self._calls.answer("GetModelMetadata", context) as log_entry:
            if list(request.metadata_field) != [_SIGNATURE_DEF]:
                received = ", ".join(request.metadata_field[:5])
                raise status_codes.invalid(
                    f"metadata_field must be [{_SIGNATURE_DEF}]. Received: "
                    f"[{status_codes.quoted(received)}]"
                )
            name, version = _model(request.model_spec)
            with self._registry.use(name, version) as servable:
                log_entry.update(model=name, version=servable.version)
                return proto_messages.model_metadata(servable)

    async def Classify(self, request, context):
        await self._unimplemented(context)

    async def Regress(self, request, context):
        await self._unimplemented(context)

    async def MultiInference(self, request, context):
        await self._unimplemented(context)

    async def _unimplemented(self, context):
        await context.abort(grpc.StatusCode.UNIMPLEMENTED, "only signatures of predict")


class ModelService(model_service_pb2_grpc.ModelServiceServicer):
    """gRPC service with `GetModelStatus`; its other method is UNIMPLEMENTED.

    Args:
        registry: `Registry`.
        calls: `Calls`.
    """

    def __init__(self, registry, calls):
        self._registry = registry
        self._calls = calls

    async def GetModelStatus(self, request, context):
        async with self._calls.answer("GetModelStatus", context) as log_entry:
            name, version = _model(request.model_spec)
            response = proto_messages.model_status(self._registry, name, version)
            log_entry.update(model=name)
            return response

    async def HandleReloadConfigRequest(self, request, context):
        await context.abort(
            grpc.StatusCode.UNIMPLEMENTED, "the models are those of a folder"
        )


class Calls:
    """Counts and logs calls and turns errors into status codes.

    Args:
        metrics: `Metrics`.
    """

    def __init__(self, metrics):
        self._metrics = metrics

    @contextlib.asynccontextmanager
    async def answer(self, api, context):
        """Context in which every call runs; yields a dict for the log."""
        started = time.monotonic()
        log_entry = {"model": "", "api": api}
        code, message = "OK", ""
        try:
            yield log_entry
        except status_codes.ServingError as error:
            code, message = error.code, error.message
        except asyncio.CancelledError:  # The client hung up, or its deadline passed.
            self._metrics.answered("gRPC", started, "CANCELLED", log_entry)
            raise
        except Exception as error:
            self._metrics.failed(error)
            code, message = "INTERNAL", "internal error"
        if message:
            log_entry["error"] = message
        self._metrics.answered("gRPC", started, code, log_entry)
        if code != "OK":
            await context.abort(getattr(grpc.StatusCode, code), message)


def make_server(registry, limits, metrics, batcher, address):
    """Creates a server of `grpc.aio`, not started yet.

    Args:
        registry: `Registry`.
        limits: `Limits`.
        metrics: `Metrics`.
        batcher: `Batcher`.
        address: str. `HOST:PORT`; port 0 is any free one.

    Returns:
        The server and its port.
    """
    server = grpc.aio.server(
        options=[
            ("grpc.max_receive_message_length", limits.max_body),
            ("grpc.max_send_message_length", -1),
            # Two servers of one port would each get some of the calls.
            ("grpc.so_reuseport", 0),
            ("grpc.max_allowed_incoming_connections", connections.MAX_CONNECTIONS),
            ("grpc.max_connection_idle_ms", 1000 * connections.KEEP_ALIVE),
            ("grpc.server_handshake_timeout_ms", int(1000 * limits.read_timeout)),
        ],
        maximum_concurrent_rpcs=limits.max_requests,
    )
    calls = Calls(metrics)
    prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(
        PredictionService(registry, batcher, calls), server
    )
    model_service_pb2_grpc.add_ModelServiceServicer_to_server(
        ModelService(registry, calls), server
    )
    try:
        port = server.add_insecure_port(address)
    except RuntimeError:
        port = 0
    if not port:
        raise ValueError(f"`address` must be free to listen on. Received: {address}")
    return server, port


def inputs_of(request, signature):
    """Converts the inputs of a `PredictRequest` to arrays by name.

    Shapes are compared with the values in the message before memory is allocated,
    because a message of a few bytes may claim any shape. As in TensorFlow, the last
    value is repeated for missing values (`tf.make_tensor_proto(0.7, shape=[4])`).
    """
    for name in request.inputs:
        if name not in signature.inputs:
            raise status_codes.invalid(
                f"inputs must be {', '.join(signature.inputs)}. Received: "
                f"{ascii(name)[:60]}"
            )
    return {
        name: _to_array(name, request.inputs, spec)
        for name, spec in signature.inputs.items()
    }


def _to_array(name, inputs, spec):
    if name not in inputs:
        raise status_codes.invalid(f"Missing named input: {name}{spec.hint}")
    proto = inputs[name]
    if proto.dtype != spec.dtype.as_datatype_enum:
        raise status_codes.invalid(
            f"input {name!r} must be of the type {spec.dtype.name}. Received: "
            f"{_type_name(proto.dtype)}"
        )
    shape = [dim.size for dim in proto.tensor_shape.dim]
    if proto.tensor_shape.unknown_rank or len(shape) > json_bodies.MAX_RANK:
        raise status_codes.invalid(
            f"input {name!r} must have at most {json_bodies.MAX_RANK} dimensions"
        )
    if not all(size > 0 for size in shape):
        raise status_codes.invalid(
            f"input {name!r} must not be empty. Received: {shape}"
        )
    spec.check(name, shape)
    length, size = _count(proto, spec.dtype), math.prod(shape)
    repeats = not proto.tensor_content and 0 < length < size <= _MAX_REPEATED
    if length != size and not repeats:
        raise status_codes.invalid(
            f"input {name!r} must hold as many values as its shape. Received: "
            f"{length} of the shape {shape}"
        )
    try:
        return tf.make_ndarray(proto)
    except (TypeError, ValueError, OverflowError) as error:
        raise status_codes.invalid(f"input {name!r} cannot be read") from error


def _count(proto, dtype):
    if proto.tensor_content and dtype != tf.string:
        return len(proto.tensor_content) / dtype.size
    return len(getattr(proto, _FIELDS.get(dtype, "int_val")))


def _type_name(number):
    try:
        return tf.as_dtype(number).name
    except TypeError:
        return str(number)


def _response(request, servable, signature, outputs):
    wanted = list(request.output_filter) or list(outputs)
    response = predict_pb2.PredictResponse()
    response.model_spec.name = servable.name
    response.model_spec.version.value = servable.version
    response.model_spec.signature_name = signature.name
    for name in wanted:
        if name not in outputs:
            raise status_codes.invalid(
                f"output_filter must be one of {', '.join(outputs)}. Received: "
                f"{ascii(name)[:60]}"
            )
        proto = tf.make_tensor_proto(outputs[name])
        response.outputs[name].CopyFrom(proto)
    return response


def _model(spec):
    if not spec.name:
        raise status_codes.invalid("Missing ModelSpec's name")
    if spec.version_label:
        raise status_codes.unknown_label(spec.version_label)
    version = spec.version.value if spec.HasField("version") else None
    return spec.name, version
