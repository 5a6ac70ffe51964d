"""Status and metadata of models as TF Serving's protobuf messages."""

from google.protobuf import json_format
from tensorflow_serving.apis import get_model_metadata_pb2
from tensorflow_serving.apis import get_model_status_pb2

from inr_keras.serving import status_codes


def model_status(registry, name, version=None):
    """Builds the `GetModelStatusResponse` of a model."""
    response = get_model_status_pb2.GetModelStatusResponse()
    for number, state, code, text in registry.status(name, version):
        status = response.model_version_status.add()
        status.version = number
        status.state = get_model_status_pb2.ModelVersionStatus.State.Value(state)
        status.status.error_code = status_codes.CODES[code][0]
        status.status.error_message = text
    return response


def model_metadata(servable):
    """Builds the `GetModelMetadataResponse` of a version: its signatures."""
    response = get_model_metadata_pb2.GetModelMetadataResponse()
    response.model_spec.name = servable.name
    response.model_spec.version.value = servable.version
    response.metadata["signature_def"].Pack(_signatures(servable))
    return response


def metadata_document(servable):
    """Converts `model_metadata` to JSON as TF Serving writes it."""
    return {
        "model_spec": document(model_metadata(servable).model_spec),
        "metadata": {"signature_def": document(_signatures(servable))},
    }


def _signatures(servable):
    signatures = get_model_metadata_pb2.SignatureDefMap()
    for name, definition in servable.definitions.items():
        signatures.signature_def[name].CopyFrom(definition)
    return signatures


def document(message):
    """Converts a message to JSON as TF Serving writes it."""
    return json_format.MessageToDict(
        message,
        preserving_proto_field_name=True,
        always_print_fields_with_no_presence=True,
    )
