"""A server in a separate process, under friendly and other clients."""

import http.client
import json
import pathlib
import re
import shutil
import socket
import threading
import time

import grpc
import pytest
from tensorflow_serving.apis import get_model_status_pb2
from tensorflow_serving.apis import model_service_pb2_grpc

from inr_keras import client
from inr_keras.export.server_files import WARMUP
from tests import hostile
from tests import load
from tests.apps import running
from tests.serving import toy_models

_READY = re.compile(r"serving (.*) on (http://\S+:\d+), gRPC on (\S+:\d+)")


def serve(*arguments):
    return running.run_app("serve", *arguments)


@pytest.mark.slow
class ServeTest(running.TestCase):
    @pytest.fixture(autouse=True, scope="class")
    def _serve(self, request, exported, tmp_path_factory):
        cls = request.cls
        cls.folder = tmp_path_factory.mktemp("models")
        # What warming costs is spent on the signatures that are asked alone.
        shutil.copytree(
            exported.version,
            cls.folder / "small" / "1",
            ignore=shutil.ignore_patterns(pathlib.Path(WARMUP).name),
        )
        toy_models.write(cls.folder / "toy" / "1", 2.0)
        server = running.Started(
            "serve",
            (
                f"--models={cls.folder}",
                "--port=0",
                "--grpc_port=0",
                "--poll_seconds=0.1",
                "--read_timeout=1",
            ),
        )
        match = _READY.fullmatch(server.first_line())
        if match:
            assert match[1] == "small, toy"
            cls.address, cls.grpc_address = match[2], match[3]
            yield
        server.process.terminate()
        ended = server.finish(60)
        assert match and ended.returncode == 0, ended
        lines = ended.stderr.splitlines()
        # All but what TensorFlow's C++ writes.
        events = [json.loads(x)["event"] for x in lines if x.startswith("{")]
        assert {"loaded", "request", "stopping", "stopped"} <= set(events)
        assert "failure" not in events

    def test_load(self):
        for signature in load.MIXED:
            every = load.Load(self.address, "small", [signature])
            report = every.run(clients=1, seconds=0.05)
            self.assertEqual(set(report["statuses"]), {200}, report)
        report = load.Load(self.address, "small").run(clients=4, seconds=0.5)
        self.assertEqual(set(report["statuses"]), {200}, report)

    def test_a_new_version_while_clients_ask(self):
        stop, failures, answers = threading.Event(), [], []

        def ask():
            toy = client.Client("toy", self.address)
            while not stop.is_set():
                try:
                    [y] = toy.predict(x=[1.0])
                    answers.append(y)
                except (OSError, client.Refused) as error:
                    failures.append(repr(error))

        clients = [threading.Thread(target=ask) for _ in range(4)]
        for thread in clients:
            thread.start()
        toy = self.folder / "toy"
        try:
            toy_models.write(toy / "2", 3.0)
            self.wait_for(3.0, answers)
            shutil.rmtree(toy / "1")
            toy_models.write(toy / "30", 4.0)
            self.wait_for(4.0, answers)
            shutil.rmtree(toy / "30")
            self.wait_for(3.0, answers)
        finally:
            stop.set()
            for thread in clients:
                thread.join()
        self.assertEqual(failures, [])
        self.assertEqual(set(answers), {2.0, 3.0, 4.0})
        states = client.Client("toy", self.address).status()
        self.assertEqual(states, {30: "END", 2: "AVAILABLE", 1: "END"})
        channel = grpc.insecure_channel(self.grpc_address)
        self.addCleanup(channel.close)
        request = get_model_status_pb2.GetModelStatusRequest()
        request.model_spec.name = "toy"
        stub = model_service_pb2_grpc.ModelServiceStub(channel)
        versions = stub.GetModelStatus(request).model_version_status
        self.assertEqual([v.version for v in versions], [30, 2, 1])

    def wait_for(self, answer, answers):
        end = time.monotonic() + 60
        while answers[-1:] != [answer]:
            self.assertLess(time.monotonic(), end, answers[-1:])
            time.sleep(0.02)

    def test_hostile_requests(self):
        host = self.address.removeprefix("http://")
        signatures = client.Client("small", self.address).signatures()
        slow = []
        for i in range(20):  # Left to themselves meanwhile.
            name, port = host.split(":")
            slow.append(socket.create_connection((name, int(port))))
            slow[-1].sendall(
                b"POST /v1/models/small:predict HTTP/1.1\r\nHost: localhost\r\n"
                b"Content-Length: 999\r\n\r\n{"[: 20 + 5 * i]
            )
        for body in hostile.bodies(signatures, 180):
            connection = http.client.HTTPConnection(host, timeout=60)
            connection.request("POST", "/v1/models/small:predict", body)
            response = connection.getresponse()
            answer = json.loads(response.read())
            connection.close()
            self.assertIn(response.status, (400, 413), body[:200])
            self.assertEqual(list(answer), ["error"])
            self.assertNotIn("root:", answer["error"])
        for connection in slow:
            connection.settimeout(30)
            heard = connection.recv(2**16)
            self.assertTrue(heard == b"" or b"408" in heard, heard)
            connection.close()
        images = client.Client("small", self.address).predict(
            "generate", seeds=[1], truncation=[1.0]
        )
        self.assertEqual(images.shape, (1, 6, 6, 3))


class FlagsTest(running.TestCase):
    def test_flags(self):
        self.assertRefused(serve("--models=no/such"), "--models", "no/such")
        self.assertRefused(serve("--port=99999"), "--port")
        self.assertRefused(serve("--max_queue=0"), "--max_queue")
        self.assertRefused(serve("stray"), "'stray'")
        self.assertRefused(serve("--timeout=-1"), "--timeout")
        process = serve("--models=none", "--poll_seconds=inf")
        self.assertRefused(process, "--poll_seconds")
        folder = self.temporary_folder()
        (folder / "tiny" / "1").mkdir(parents=True)
        process = serve(f"--models={folder}")
        self.assertRefused(process, "--models must hold", folder)
        (folder / "tiny" / "v1").mkdir()
        (folder / "tiny" / "v1" / "saved_model.pb").write_bytes(b"broken")
        process = serve(f"--models={folder}")
        self.assertRefused(process, "VERSION a whole number", folder)
        (folder / "tiny" / "1" / "saved_model.pb").write_bytes(b"broken")
        process = serve(f"--models={folder}", "--connect=host:8501")
        self.assertRefused(process, "--connect", "host:8501")
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            process = serve(f"--models={folder}", f"--port={port}")
            self.assertRefused(process, "--port", "in use", str(port))
