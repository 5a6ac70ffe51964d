import types

import pytest
from tensorflow.core.protobuf import meta_graph_pb2

from inr_keras.serving import proto_messages
from tests import testing


class MessagesTest(testing.TestCase):
    def test_status(self):
        told = [(2, "AVAILABLE", "OK", ""), (1, "END", "INTERNAL", "broken")]
        registry = types.SimpleNamespace(status=lambda name, version: told)
        response = proto_messages.model_status(registry, "toy")
        # As TF Serving's documentation shows it.
        self.assertEqual(
            proto_messages.document(response),
            {
                "model_version_status": [
                    {
                        "version": "2",
                        "state": "AVAILABLE",
                        "status": {"error_code": "OK", "error_message": ""},
                    },
                    {
                        "version": "1",
                        "state": "END",
                        "status": {
                            "error_code": "INTERNAL",
                            "error_message": "broken",
                        },
                    },
                ]
            },
        )

    def test_metadata(self):
        definition = meta_graph_pb2.MetaGraphDef().signature_def["map"]
        definition.method_name = "tensorflow/serving/predict"
        info = definition.inputs["x"]
        info.name, info.dtype = "x:0", 1
        info.tensor_shape.dim.add(size=-1)
        servable = types.SimpleNamespace(
            name="toy", version=2**40, definitions={"map": definition}
        )
        document = proto_messages.metadata_document(servable)
        self.assertEqual(
            document["model_spec"],
            {"name": "toy", "signature_name": "", "version": str(2**40)},
        )
        [signature] = document["metadata"]["signature_def"]["signature_def"].values()
        self.assertEqual(signature["method_name"], definition.method_name)
        self.assertEqual(
            signature["inputs"]["x"],
            {
                "dtype": "DT_FLOAT",
                "name": "x:0",
                "tensor_shape": {
                    "dim": [{"size": "-1", "name": ""}],
                    "unknown_rank": False,
                },
            },
        )


@pytest.mark.parametrize("state", ["LOADING", "UNLOADING"])
def test_states(state):
    registry = types.SimpleNamespace(status=lambda *_: [(1, state, "OK", "")])
    document = proto_messages.document(proto_messages.model_status(registry, "x"))
    assert document["model_version_status"][0]["state"] == state
