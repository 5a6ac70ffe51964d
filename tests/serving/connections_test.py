import socket
import time

import pytest

from tests import testing
from tests.serving import toy_models
from tests.serving.served import Served


class ConnectionsTest(testing.TestCase):
    @pytest.fixture(autouse=True, scope="class")
    def _serve(self, request, tmp_path_factory):
        folder = tmp_path_factory.mktemp("models")
        toy_models.write(folder / "toy" / "1")
        request.cls.served = Served(folder, read_timeout=0.3)
        yield
        request.cls.served.close()

    def connect(self, text):
        connection = socket.create_connection(
            ("127.0.0.1", self.served.port), timeout=10
        )
        self.addCleanup(connection.close)
        connection.sendall(text)
        return connection

    def rest(self, connection):
        """What comes until the server closes the connection."""
        parts = []
        try:
            while part := connection.recv(2**16):
                parts.append(part)
        except ConnectionResetError:
            pass
        return b"".join(parts)

    def test_slow_headers(self):
        for text in (b"", b"POST /v1/models/toy:predict HTTP/1.1\r\nHo"):
            self.assertEqual(self.rest(self.connect(text)), b"")

    def test_dripping_headers(self):
        connection = self.connect(b"GET / HTTP/1.1\r\n")
        with self.assertRaises(OSError):
            for _ in range(100):
                connection.sendall(b"A: b\r\n")
                time.sleep(0.05)

    def test_slow_body(self):
        connection = self.connect(
            b"POST /v1/models/toy:predict HTTP/1.1\r\nHost: localhost\r\n"
            b"Content-Length: 100\r\n\r\n{"
        )
        answer = self.rest(connection)
        self.assertIn(b"408", answer.splitlines()[0])
        self.assertIn(b'"error":"the request\'s body did not arrive', answer)

    def test_idle_connections_stay(self):
        request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
        connection = self.connect(request)
        for _ in range(2):
            answer = b""
            while not answer.endswith(b"}"):
                answer += connection.recv(2**16)
            self.assertIn(b"200 OK", answer)
            time.sleep(1.0)
            connection.sendall(request)

    def test_no_http(self):
        answer = self.rest(self.connect(b"\x16\x03\x01 hello\r\n\r\n"))
        self.assertIn(b"400", answer.splitlines()[0])
