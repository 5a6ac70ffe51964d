"""TF Serving's gRPC interface, asked with its official client."""

import socket
from unittest import mock

import grpc
import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving.apis import classification_pb2
from tensorflow_serving.apis import get_model_metadata_pb2
from tensorflow_serving.apis import get_model_status_pb2
from tensorflow_serving.apis import model_service_pb2_grpc
from tensorflow_serving.apis import predict_pb2
from tensorflow_serving.apis import prediction_service_pb2_grpc

from inr_keras.serving import connections
from tests import testing
from tests.serving import toy_models
from tests.serving.served import Served
from tests.serving.served import serve_toy


def predict_request(signature="", model="toy", **inputs):
    request = predict_pb2.PredictRequest()
    request.model_spec.name = model
    request.model_spec.signature_name = signature
    for name, value in inputs.items():
        request.inputs[name].CopyFrom(tf.make_tensor_proto(value))
    return request


class GrpcTest(testing.TestCase):
    @pytest.fixture(autouse=True, scope="class")
    def _serve(self, request, tmp_path_factory):
        folder = tmp_path_factory.mktemp("models")
        toy_models.write(folder / "toy" / "4")
        served = Served(folder, max_body=100_000, max_rows=8)
        channel = grpc.insecure_channel(f"127.0.0.1:{served.grpc_port}")
        request.cls.prediction = prediction_service_pb2_grpc.PredictionServiceStub(
            channel
        )
        request.cls.model = model_service_pb2_grpc.ModelServiceStub(channel)
        yield
        channel.close()
        served.close()

    def assertRefused(self, call, request, code, text="", **kwargs):
        with self.assertRaises(grpc.RpcError) as caught:
            call(request, timeout=30, **kwargs)
        self.assertEqual(caught.exception.code(), code)
        self.assertIn(text, caught.exception.details())

    def assertInvalid(self, request, text):
        self.assertRefused(
            self.prediction.Predict,
            request,
            grpc.StatusCode.INVALID_ARGUMENT,
            text,
        )

    @pytest.mark.slow
    def test_predict(self):
        response = self.prediction.Predict(
            predict_request(x=np.array([1.5, 2.0], "float32")), timeout=30
        )
        self.assertEqual(response.model_spec.name, "toy")
        self.assertEqual(response.model_spec.version.value, 4)
        self.assertEqual(response.model_spec.signature_name, "serving_default")
        self.assertEqual(set(response.outputs), {"y"})
        y = tf.make_ndarray(response.outputs["y"])
        self.assertEqual(y.dtype, np.float32)
        self.assertAllEqual(y, [3.0, 4.0])

    def test_types_bytes_and_scalars(self):
        values = {
            "flag": np.array([True, False]),
            "seed": np.array([2**62, -1]),
            "small": np.array([[0], [255]], "uint8"),
            "wide": np.array([0.1, -1e300]),
        }
        response = self.prediction.Predict(predict_request("types", **values))
        for name, value in values.items():
            self.assertAllEqual(tf.make_ndarray(response.outputs[name]), value)
        text = np.array([b"\x00\xff", b""], object)
        response = self.prediction.Predict(predict_request("encode", text=text))
        self.assertEqual(
            list(response.outputs["image_bytes"].string_val),
            [b"\x00\xff\xff\x00", b"\xff\x00"],
        )
        request = predict_request("area", height=3, width=4)
        response = self.prediction.Predict(request)
        area = response.outputs["area_bytes"]
        self.assertEqual(list(area.string_val), [b"12\x00"])
        self.assertEqual(len(area.tensor_shape.dim), 0)

    def test_versions_and_filter(self):
        request = predict_request("paint", x=[[1.0, 2.0]], label=[3])
        request.model_spec.version.value = 4
        request.output_filter.append("total")
        response = self.prediction.Predict(request)
        self.assertEqual(set(response.outputs), {"total"})
        request.output_filter.append("nothing")
        self.assertInvalid(request, "images, total")
        request.model_spec.version.value = 9
        not_found = grpc.StatusCode.NOT_FOUND
        self.assertRefused(
            self.prediction.Predict, request, not_found, "Specific(toy, 9)"
        )
        request = predict_request(model="no", x=[1.0])
        self.assertRefused(
            self.prediction.Predict,
            request,
            not_found,
            "Servable not found for request: Latest(no)",
        )
        request = predict_request(x=[1.0])
        request.model_spec.version_label = "stable"
        self.assertInvalid(request, "version label: stable")

    def test_refused(self):
        self.assertInvalid(predict_pb2.PredictRequest(), "name")
        self.assertInvalid(predict_request("no"), '"no" not found')
        self.assertInvalid(predict_request(), "Missing named input: x")
        self.assertInvalid(predict_request(x=[1.0], z=[1.0]), "'z'")
        self.assertInvalid(predict_request(x=[1]), "float32. Received: int32")
        self.assertInvalid(predict_request(x=[[1.0]]), "Received: [1, 1]")
        self.assertInvalid(predict_request(x=[np.nan]), "finite")
        self.assertInvalid(predict_request(x=[1.0] * 9), "at most 8")
        empty = np.zeros(0, "float32")
        self.assertInvalid(predict_request(x=empty), "must not be empty")
        self.assertInvalid(
            predict_request("area", height=-1, width=4),
            "height must be positive",
        )
        self.assertRefused(
            self.prediction.Predict,
            predict_request(x=np.zeros(50_000, "float32")),
            grpc.StatusCode.RESOURCE_EXHAUSTED,
        )

    def test_shapes_that_the_message_does_not_hold(self):
        for size, values, content in (
            (2**40, [1.0], b""),
            (-1, [1.0], b""),
            (2**21, [1.0], b""),
            (2, [], b"\0" * 7),
            (2, [], b"\0" * 4),
            (2, [], b""),
            (1, [1.0, 2.0], b""),
        ):
            request = predict_request()
            proto = request.inputs["x"]
            proto.dtype = 1
            proto.tensor_shape.dim.add(size=size)
            proto.float_val.extend(values)
            proto.tensor_content = content
            self.assertInvalid(request, "'x'")
        repeated = tf.make_tensor_proto(1.5, shape=[3])
        self.assertEqual(len(repeated.float_val), 1)
        request.inputs["x"].CopyFrom(repeated)
        y = self.prediction.Predict(request).outputs["y"]
        self.assertAllEqual(tf.make_ndarray(y), [3.0] * 3)
        proto.tensor_shape.unknown_rank = True
        self.assertInvalid(request, "dimensions")
        proto.dtype = 999
        self.assertInvalid(request, "Received: 999")

    def test_values_in_another_field(self):
        request = predict_request()
        proto = request.inputs["x"]
        proto.dtype = 1
        proto.tensor_shape.dim.add(size=1)
        proto.int64_val.append(7)
        self.assertInvalid(request, "Received: 0 of")
        request = predict_request("encode")
        proto = request.inputs["text"]
        proto.dtype = 7
        proto.tensor_shape.dim.add(size=1)
        proto.tensor_content = b"\x01a"
        self.assertInvalid(request, "Received: 0 of")

    def test_deadline(self):
        request = predict_request("spin", steps=toy_models.SPIN)
        with self.assertRaises(grpc.RpcError) as caught:
            self.prediction.Predict(request, timeout=0.2)
        self.assertEqual(caught.exception.code(), grpc.StatusCode.DEADLINE_EXCEEDED)

    def test_metadata(self):
        request = get_model_metadata_pb2.GetModelMetadataRequest()
        request.model_spec.name = "toy"
        self.assertRefused(
            self.prediction.GetModelMetadata,
            request,
            grpc.StatusCode.INVALID_ARGUMENT,
            "metadata_field",
        )
        request.metadata_field.append("signature_def")
        response = self.prediction.GetModelMetadata(request)
        self.assertEqual(response.model_spec.version.value, 4)
        signatures = get_model_metadata_pb2.SignatureDefMap()
        self.assertTrue(response.metadata["signature_def"].Unpack(signatures))
        paint = signatures.signature_def["paint"]
        self.assertEqual(set(paint.inputs), {"x", "label"})
        self.assertEqual(paint.method_name, "tensorflow/serving/predict")

    def test_status(self):
        request = get_model_status_pb2.GetModelStatusRequest()
        request.model_spec.name = "toy"
        [status] = self.model.GetModelStatus(request).model_version_status
        self.assertEqual(status.version, 4)
        self.assertEqual(
            status.state, get_model_status_pb2.ModelVersionStatus.AVAILABLE
        )
        self.assertEqual(status.status.error_code, 0)
        request.model_spec.name = "no"
        self.assertRefused(
            self.model.GetModelStatus,
            request,
            grpc.StatusCode.NOT_FOUND,
            "Could not find any versions of model no",
        )

    def test_others_are_unimplemented(self):
        self.assertRefused(
            self.prediction.Classify,
            classification_pb2.ClassificationRequest(),
            grpc.StatusCode.UNIMPLEMENTED,
        )


class GrpcConnectionsTest(testing.TestCase):
    def test_they_are_as_many_as_those_of_rest(self):
        hello = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0"
        with mock.patch.object(connections, "MAX_CONNECTIONS", 2):
            served = serve_toy(self)
            answers = []
            for _ in range(4):
                connection = socket.create_connection(("127.0.0.1", served.grpc_port))
                self.addCleanup(connection.close)
                connection.settimeout(30)
                try:
                    connection.sendall(hello)
                    answers.append(connection.recv(100) != b"")
                except OSError:
                    answers.append(False)
        self.assertEqual(answers, [True, True, False, False])
