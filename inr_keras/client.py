"""A client of TF Serving's REST interface, without TensorFlow."""

import base64
import collections.abc
import http.client
import ipaddress
import json
import time
import urllib.error
import urllib.parse
import urllib.request

import numpy as np

# Types of outputs by TensorFlow's names; text, and others, are as JSON has them.
_TYPES = {
    "DT_BOOL": "bool",
    "DT_DOUBLE": "float64",
    "DT_FLOAT": "float32",
    "DT_INT8": "int8",
    "DT_INT16": "int16",
    "DT_INT32": "int32",
    "DT_INT64": "int64",
    "DT_UINT8": "uint8",
    "DT_UINT16": "uint16",
    "DT_UINT32": "uint32",
    "DT_UINT64": "uint64",
}


_POLL = 0.1  # Seconds between two questions whether a model is loaded.


class Refused(Exception):
    """Error answer of a server.

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
        address: str. `HOST:PORT` or `http://HOST:PORT`, followed by the path that a
            proxy puts before `/v1`. This machine is asked directly, whatever proxies
            the environment names. Defaults to its port 8501.
        version: int or `None`. Defaults to `None`: the highest version.
        timeout: float. Seconds to wait for an answer. Defaults to 30.

    Example:
        >>> mine = Client("mine", "http://127.0.0.1:8501")
        >>> mine.predict("generate", seeds=[1, 2], truncation=[0.7, 0.7]).shape
        (2, 16, 16, 3)
        >>> png = mine.predict(
        ...     "render_region", seed=1, truncation=1.0,
        ...     box=[-1, -1, 1, 1], height=32, width=32,
        ... )
        >>> png[:4]
        b'\\x89PNG'
    """

    def __init__(
        self, model, address="http://127.0.0.1:8501", version=None, timeout=30.0
    ):
        address, host = _parse(address)
        self._url = f"{address}/v1/models/{urllib.parse.quote(model, safe='')}"
        if version is not None:
            self._url += f"/versions/{version}"
        self._timeout = timeout
        proxies = [urllib.request.ProxyHandler({})] if is_loopback(host) else []
        self._opener = urllib.request.build_opener(*proxies)
        self._types = {}

    def predict(self, signature="serving_default", **inputs):
        """Runs a signature of the model.

        Args:
            signature: str. Name of the signature.
            **inputs: Numbers, strings, bytes, arrays, tensors, or lists or ranges of
                them, by the name of the input.

        Returns:
            The output, or a dict of outputs by name where there are several. An output
            is an array of the type that the model's metadata names, such as uint8, a
            string, bytes, or nested lists of strings or bytes.

        Raises:
            ValueError: An input cannot be sent, such as NaN.
            Refused: The server answered with an error.
            ConnectionError: There is no such server, or it closed the connection.
            TimeoutError: The server did not answer in time.
        """
        texts = ",".join(f"{json.dumps(k)}:{_dump(k, v)}" for k, v in inputs.items())
        name = json.dumps(signature)
        document = f'{{"signature_name":{name},"inputs":{{{texts}}}}}'
        answer = self._ask("outputs", ":predict", document)
        several = isinstance(answer, dict) and list(answer) != ["b64"]
        types = self._types_of(signature, answer if several else None)
        if several:
            return {k: _from_json(v, types.get(k)) for k, v in answer.items()}
        return _from_json(answer, next(iter(types.values()), None))

    def wait(self, seconds=120.0):
        """Waits until the server answers and a version of the model is loaded.

        Args:
            seconds: float. Time to wait at most. Defaults to 120.

        Raises:
            Refused: The server has no model of this name.
            TimeoutError: No version was loaded in time.
        """
        end = time.monotonic() + seconds
        while True:
            try:
                state = self.status()
                if "AVAILABLE" in state.values():
                    return
            except (ConnectionError, TimeoutError) as error:
                state = error
            if time.monotonic() >= end:
                raise TimeoutError(
                    f"{self._url} must be available within {seconds} seconds. "
                    f"Received: {state}"
                )
            time.sleep(_POLL)

    def status(self):
        """Returns the states of the model's versions: `{2: "AVAILABLE", 1: "END"}`."""
        versions = self._ask("model_version_status")
        return {int(v["version"]): v["state"] for v in versions}

    def signatures(self):
        """Returns inputs and outputs by signature, as TF Serving describes them."""
        metadata = self._ask("metadata", "/metadata")
        return metadata["signature_def"]["signature_def"]

    def _types_of(self, signature, names):
        """Returns the types of a signature's outputs; asks the server only once."""
        types = self._types.get(signature, {})
        if types.keys() != names.keys() if names else len(types) != 1:
            # The first time, or of a new version.
            outputs = self.signatures()[signature or "serving_default"]["outputs"]
            types = {name: _TYPES.get(v["dtype"]) for name, v in outputs.items()}
            self._types[signature] = types
        return types

    def _ask(self, key, path="", text=None):
        """Sends a request and returns the value of a key of the answer."""
        data = None if text is None else text.encode()
        request = urllib.request.Request(
            self._url + path, data, {"Content-Type": "application/json"}
        )
        try:
            try:
                with self._opener.open(request, timeout=self._timeout) as file:
                    content = file.read()
            except urllib.error.HTTPError as error:
                with error:
                    raise Refused(error.code, _message(error)) from None
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", error)
            late = isinstance(reason, TimeoutError)
            raise (TimeoutError if late else ConnectionError)(
                f"No answer from {self._url}: {reason}"
            ) from error
        try:
            return json.loads(content)[key]
        except (ValueError, LookupError, TypeError) as error:
            raise ConnectionError(
                f"No answer of TF Serving from {self._url}: {content[:80]!r}"
            ) from error


def is_loopback(host):
    """Tells whether a name or address is one of this machine alone."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _parse(address):
    """The address without a slash at its end, and its host."""
    whole = address if "://" in address else f"http://{address}"
    try:
        parts = urllib.parse.urlsplit(whole)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https") or parts.query:
        raise ValueError(f"`address` must be http://HOST:PORT. Received: {address!r}")
    return whole.rstrip("/"), host


def _message(error):
    try:
        return json.load(error)["error"]
    except (ValueError, LookupError, TypeError):
        return error.reason  # A proxy's own page.


def _dump(name, value):
    """JSON of an input."""
    try:
        return json.dumps(_to_json(value), allow_nan=False)
    except (TypeError, ValueError):
        raise ValueError(
            f"`{name}` must be finite numbers, strings or bytes, or lists, arrays or "
            f"tensors of them. Received: {value!r:.100}"
        ) from None


def _to_json(value):
    if isinstance(value, (bytes, bytearray)):
        return {"b64": base64.b64encode(value).decode("ascii")}
    if isinstance(value, (bool, int, float, str, dict)):
        return value
    if hasattr(value, "__array__"):  # A tensor of any library, too.
        array = np.asarray(value)
        values = array.tolist()
        return _to_json(values) if array.dtype.kind in "OS" else values
    if isinstance(value, collections.abc.Iterable):
        return [_to_json(v) for v in value]
    return value


def _from_json(value, dtype):
    return _decode(value) if dtype is None else np.array(value, dtype)


def _decode(value):
    if isinstance(value, dict):
        return base64.b64decode(value["b64"])
    if isinstance(value, list) and value and isinstance(value[0], (list, dict)):
        return [_decode(v) for v in value]
    return value
