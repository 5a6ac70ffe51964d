import os
import shutil
import socket
import subprocess
import sys
import threading
from unittest import mock

import numpy as np
import pytest
import tensorflow as tf

from inr_keras.client import Client
from inr_keras.client import Refused
from inr_keras.client import is_loopback
from tests import testing
from tests.serving import toy_models
from tests.serving.served import Served


class ClientTest(testing.TestCase):
    @pytest.fixture(autouse=True, scope="class")
    def _serve(self, request, tmp_path_factory):
        folder = tmp_path_factory.mktemp("models")
        toy_models.write(folder / "toy" / "3")
        request.cls.folder = folder
        served = Served(folder, poll_seconds=1000.0)
        request.cls.address = f"http://127.0.0.1:{served.port}"
        yield
        served.close()

    def setUp(self):
        super().setUp()
        self.client = Client("toy", self.address)

    @pytest.mark.slow
    def test_arrays(self):
        doubled = self.client.predict(x=np.array([1.5, -2.0], "float32"))
        self.assertAllEqual(doubled, [3.0, -4.0])
        painted = self.client.predict("paint", x=[[1, 2]], label=[7])
        self.assertEqual(set(painted), {"images", "total"})
        self.assertAllEqual(painted["images"], np.full((1, 2, 2, 3), 7))
        self.assertAllEqual(painted["total"], [3.0])

    def test_waiting_for_a_model(self):
        self.client.wait(0.0)
        with self.assertRaisesRegex(Refused, "404"):
            Client("none", self.address).wait()
        states = iter([ConnectionError("closed"), {3: "LOADING"}, {3: "AVAILABLE"}])

        def status():
            state = next(states)
            if isinstance(state, Exception):
                raise state
            return state

        with mock.patch.object(self.client, "status", status):
            self.client.wait()
        self.assertEqual(list(states), [])
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        with self.assertRaisesRegex(TimeoutError, "within 0.2 seconds.*No answer"):
            Client("toy", f"127.0.0.1:{port}").wait(0.2)

    def test_types_are_those_of_the_metadata(self):
        painted = self.client.predict("paint", x=[[1, 2]], label=[7])
        self.assertEqual(painted["images"].dtype, np.uint8)
        self.assertEqual(painted["total"].dtype, np.float32)
        images = self.client.predict("image", label=[7])
        self.assertEqual(images.dtype, np.uint8)
        self.assertEqual(self.client.predict(x=[1]).dtype, np.float32)
        values = self.client.predict(
            "types", flag=[True], seed=[2**62], small=[[1]], wide=[0.1]
        )
        types = {name: str(array.dtype) for name, array in values.items()}
        expected = {
            "flag": "bool",
            "seed": "int64",
            "small": "uint8",
            "wide": "float64",
        }
        self.assertEqual(types, expected)

    def test_inputs_of_many_kinds(self):
        for values in (
            range(3),
            (0, 1, 2),
            tf.range(3.0),
            tf.Variable([0.0, 1.0, 2.0]),
            [tf.constant(0.0), np.float32(1), 2],
            np.arange(3, dtype=object),
            {0: 0, 1: 0, 2: 0}.keys(),
        ):
            self.assertAllEqual(self.client.predict(x=values), [0, 2, 4])
        text = self.client.predict("encode", text=tf.constant(["a", b"b"]))["text"]
        self.assertEqual(text, ["a", "b"])
        for wrong in (
            [float("nan")],
            np.array([np.inf]),
            tf.constant([np.nan]),
            [1j],
            object(),
            [{1, print}],
        ):
            with self.assertRaisesRegex(ValueError, "`x` must be finite.*Received: "):
                self.client.predict(x=wrong)

    def test_addresses(self):
        place = self.address.removeprefix("http://")
        for address in (self.address + "/", place, place + "//", f"HTTP://{place}/"):
            with mock.patch.dict(os.environ, {"http_proxy": "http://127.0.0.1:9"}):
                client = Client("toy", address)
            self.assertAllEqual(client.predict(x=[1.0]), [2.0])
        for wrong in (
            "",
            "http://",
            "ftp://host",
            "http://host:port",
            "host?x",
            "[::1",
        ):
            with self.assertRaisesRegex(ValueError, "`address` must be.*Received"):
                Client("toy", wrong)

    def test_hosts_that_are_this_machine(self):
        for host in ("localhost", "a.localhost", "127.0.0.1", "127.1.2.3", "::1"):
            self.assertTrue(is_loopback(host), host)
        for host in ("host", "10.0.0.1", "localhost.host", "0.0.0.0", ""):
            self.assertFalse(is_loopback(host), host)

    def test_names_with_special_characters(self):
        names = ("a#b", "a?b", "a%b", "a%20b", "a b", "a:b", "a,b", "ü", "faces[64]")
        for name in names:
            shutil.copytree(self.folder / "toy", self.folder / name)
        served = Served(self.folder)
        self.addCleanup(served.close)
        self.assertEqual(served.get("/healthz")[1]["models"], sorted(["toy", *names]))
        for name in names:
            client = Client(name, f"http://127.0.0.1:{served.port}")
            self.assertAllEqual(client.predict(x=[1.0]), [2.0])
            self.assertEqual(client.status(), {3: "AVAILABLE"})

    def test_bytes_and_strings(self):
        outputs = self.client.predict("encode", text=["é", b"\x00\xfe"[:1]])
        self.assertEqual(
            outputs["image_bytes"], ["é".encode() + b"\xff\x00", b"\0\xff\0"]
        )
        self.assertEqual(outputs["text"], ["é", "\0"])
        area = self.client.predict("area", height=3, width=np.int32(5))
        self.assertEqual(area, b"15\0")

    def test_status_and_signatures(self):
        self.assertEqual(self.client.status(), {3: "AVAILABLE"})
        inputs = self.client.signatures()["paint"]["inputs"]
        self.assertEqual(set(inputs), {"x", "label"})
        self.assertEqual(inputs["label"]["dtype"], "DT_INT32")
        pinned = Client("toy", self.address, version=3)
        self.assertAllEqual(pinned.predict(x=[1.0]), [2.0])

    def test_errors(self):
        with self.assertRaises(Refused) as caught:
            self.client.predict("area", height=-1, width=5)
        self.assertEqual(caught.exception.status, 400)
        self.assertIn("height must be positive", str(caught.exception))
        with self.assertRaises(Refused) as caught:
            Client("a/b", self.address).predict(x=[1.0])
        self.assertEqual(caught.exception.status, 400)
        with self.assertRaises(Refused) as caught:
            Client("toy", self.address, version=9).predict(x=[1.0])
        self.assertEqual(caught.exception.status, 404)
        rule = "No answer from http://127.0.0.1:9/v1/models/toy: .*refused"
        with self.assertRaisesRegex(ConnectionError, rule):
            Client("toy", "http://127.0.0.1:9").status()

    def test_a_web_server_of_another_kind(self):
        for content in (b"<p>Welcome", b"[]", b'{"a": 1}'):
            with socket.create_server(("127.0.0.1", 0)) as server:

                def answer(server=server, content=content):
                    with server.accept()[0] as connection:
                        connection.recv(10_000)
                        head = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
                        connection.sendall(head + content)

                thread = threading.Thread(target=answer)
                thread.start()
                address = f"http://127.0.0.1:{server.getsockname()[1]}"
                with self.assertRaisesRegex(ConnectionError, "No answer of TF Serv"):
                    Client("toy", address).status()
                thread.join()

    def test_a_server_that_speaks_no_http(self):
        with socket.create_server(("127.0.0.1", 0)) as server:

            def answer():
                with server.accept()[0] as connection:
                    connection.sendall(b"hello\r\n\r\n")

            thread = threading.Thread(target=answer)
            thread.start()
            address = f"http://127.0.0.1:{server.getsockname()[1]}"
            with self.assertRaisesRegex(ConnectionError, f"{address}.*hello"):
                Client("toy", address).status()
            thread.join()

    def test_a_server_that_does_not_answer_in_time(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            address = f"http://127.0.0.1:{silent.getsockname()[1]}"
            with self.assertRaisesRegex(TimeoutError, f"{address}.*timed out"):
                Client("toy", address, timeout=0.1).status()


def test_it_needs_no_tensorflow():
    code = (
        "import sys, inr_keras.client; "
        "sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
