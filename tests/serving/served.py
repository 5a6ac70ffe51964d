"""A server on a thread of the test's process."""

import asyncio
import http.client
import json
import socket
import threading

from inr_keras.serving import limits
from inr_keras.serving import server as servers
from tests.serving import toy_models


class Served:
    """A server of a folder of models, until `close`.

    Args:
        folder: str or path.
        loads: bool. Wait until all models are loaded.
        **settings: Fields of `Limits` and arguments of `Server`.

    Attributes:
        port: int. Of REST.
        grpc_port: int.
        server: The `Server`.
        ended: What its `run` has returned.
    """

    def __init__(self, folder, loads=True, **settings):
        names = limits.Limits.__dataclass_fields__
        bounds = {k: v for k, v in settings.items() if k in names}
        others = {k: v for k, v in settings.items() if k not in names}
        self.server = servers.Server(folder, limits.Limits(**bounds), **others)
        listener = socket.create_server(("127.0.0.1", 0))
        self.port = listener.getsockname()[1]
        ready = threading.Event()

        def on_ready(grpc_port):
            self.grpc_port = grpc_port
            ready.set()

        run = self.server.run(listener, "127.0.0.1:0", on_ready)
        self.ended = None
        self._thread = threading.Thread(target=self._run, args=(run,))
        self._thread.start()
        if not ready.wait(30 if loads else 0) and loads:
            raise AssertionError("The server did not start.")

    def _run(self, run):
        self.ended = asyncio.run(run)

    def close(self):
        """Stops it, once."""
        if self._thread.is_alive():
            self.server.stop()
        self._thread.join(30)
        if self._thread.is_alive():
            raise AssertionError("The server did not stop.")

    def ask(self, method, path, body=None, headers=()):
        """One request's status, headers and bytes of the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, dict(headers))
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()

    def post(self, length, body, *headers):
        """A connection that has sent (a part of) a predict request."""
        connection = socket.create_connection(("127.0.0.1", self.port), 30)
        lines = (
            "POST /v1/models/toy:predict HTTP/1.1",
            "Host: localhost",
            f"Content-Length: {length}",
            *headers,
            "\r\n",
        )
        connection.sendall("\r\n".join(lines).encode() + body)
        return connection

    def get(self, path):
        """Status and JSON of a GET."""
        status, _, content = self.ask("GET", path)
        return status, json.loads(content)

    def predict(self, document, model="toy"):
        """Status and JSON of a predict request, given as object or bytes."""
        body = document
        if not isinstance(body, bytes):
            body = json.dumps(document).encode()
        path = f"/v1/models/{model}:predict"
        status, _, content = self.ask("POST", path, body)
        return status, json.loads(content)


def serve_toy(test, **settings):
    """Serves version 1 of the toy model until the end of a test.

    Args:
        test: `testing.TestCase`.
        **settings: See `Served`.
    """
    folder = test.temporary_folder()
    toy_models.write(folder / "toy" / "1")
    served = Served(folder, **settings)
    test.addCleanup(served.close)
    return served
