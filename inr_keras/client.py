"""A client of TF Serving's REST interface, without TensorFlow."""

import base64
import json
import urllib.error
import urllib.parse
import urllib.request

import numpy as np


class Refused(Exception):
    """An error that a server answered with.

    Args:
        status: int. HTTP status code.
        message: str. The `error` text of the answer.
    """

    def __init__(self, status, message):
        super().__init__(f"{status}: {message}")
        self.status = status
        self.message = message


class Client:
    """Client of one model of `apps.serve` or of TF Serving.

    Args:
        model: str. Name of the model.
        address: str. `http://HOST:PORT`, followed by the path that a proxy puts before
            `/v1`. Defaults to this machine's port 8501.
        version: int or `None`. Defaults to `None`: the highest version.
        timeout: float. Seconds to wait for an answer. Defaults to 30.

    Example:

    ```python
    demo = Client("openmoji_demo")
    images = demo.predict("generate", seeds=[1, 2], truncation=[0.7, 0.7])
    png = demo.predict("render_region", seed=1, truncation=1.0,
                       box=[-1, -1, 1, 1], height=256, width=256)
    ```
    """

    def __init__(
        self, model, address="http://127.0.0.1:8501", version=None, timeout=30.0
    ):
        self._url = f"{address}/v1/models/{urllib.parse.quote(model, safe='')}"
        if version is not None:
            self._url += f"/versions/{version}"
        self._timeout = timeout

    def predict(self, signature="serving_default", **inputs):
        """Runs a signature of the model.

        Args:
            signature: str. Name of the signature.
            **inputs: Numbers, strings, bytes, lists or arrays by the name of the input.

        Returns:
            The output, or a dict of outputs by name where there are several. An output
            is an array, a string, bytes, or nested lists of strings or bytes.

        Raises:
            Refused: The server answered with an error.
            OSError: There is no server, or it did not answer in time.
        """
        answer = self._ask(
            ":predict",
            {
                "signature_name": signature,
                "inputs": {k: _to_json(v) for k, v in inputs.items()},
            },
        )["outputs"]
        if isinstance(answer, dict) and list(answer) != ["b64"]:
            return {name: _from_json(v) for name, v in answer.items()}
        return _from_json(answer)

    def status(self):
        """States of the model's versions, such as `{2: "AVAILABLE", 1: "END"}`."""
        versions = self._ask("")["model_version_status"]
        return {int(v["version"]): v["state"] for v in versions}

    def signatures(self):
        """Inputs and outputs by signature, as TF Serving describes them."""
        metadata = self._ask("/metadata")["metadata"]
        return metadata["signature_def"]["signature_def"]

    def _ask(self, path, document=None):
        data = None
        if document is not None:
            data = json.dumps(document, allow_nan=False).encode()
        request = urllib.request.Request(
            self._url + path, data, {"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=self._timeout) as file:
                return json.load(file)
        except urllib.error.HTTPError as error:
            with error:
                raise Refused(error.code, _message(error)) from None


def _message(error):
    try:
        return json.load(error)["error"]
    except (ValueError, LookupError, TypeError):
        return error.reason  # A proxy's own page.


def _to_json(value):
    if isinstance(value, bytes):
        return {"b64": base64.b64encode(value).decode("ascii")}
    if isinstance(value, (list, tuple)):
        return [_to_json(v) for v in value]
    if isinstance(value, (np.ndarray, np.generic)):
        return _to_json(value.tolist())
    return value


def _from_json(value):
    decoded = _decode(value)
    leaf = decoded
    while isinstance(leaf, list) and leaf:
        leaf = leaf[0]
    return decoded if isinstance(leaf, (str, bytes)) else np.array(decoded)


def _decode(value):
    if isinstance(value, dict):
        return base64.b64decode(value["b64"])
    if isinstance(value, list) and value and isinstance(value[0], (list, dict)):
        return [_decode(v) for v in value]
    return value
