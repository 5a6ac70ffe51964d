"""What bodies of requests may be, and what they may cost."""

import concurrent.futures
import contextlib
import json
import threading
from unittest import mock

import pytest

from inr_keras.serving import json_bodies
from tests import testing
from tests.serving.served import serve_toy

PREDICT = "/v1/models/toy:predict"


class BodyReaderTest(testing.TestCase):
    @pytest.mark.slow
    def test_large_bodies_are_read_beside_the_server(self):
        served = serve_toy(self, max_rows=3000)
        read, sizes = json_bodies.read, []

        def counted(body, names):
            sizes.append(len(body))
            return read(body, names)

        rows = b'{"instances": [%s]}'
        with mock.patch.object(json_bodies, "read", counted):
            for count, status in ((3000, 200), (2_000_000, 400)):
                body = rows % b",".join([b" " * 20 + b"0.5"] * 3000)
                if status == 400:
                    body = rows % b",".join([b"1"] * count)
                with concurrent.futures.ThreadPoolExecutor(4) as pool:
                    answers = list(pool.map(served.predict, [body] * 4))
                    self.assertEqual(served.get("/healthz")[0], 200)
                    self.assertEqual(served.predict({"instances": [1]})[0], 200)
                self.assertEqual([s for s, _ in answers], [status] * 4)
                if status == 200:
                    self.assertEqual(answers[0][1], {"predictions": [1.0] * 3000})
                else:
                    text = f"at most 3000. Received: {count}"
                    self.assertIn(text, answers[0][1]["error"])
        self.assertLess(max(sizes), 100)  # Of those that this process has parsed.

    def test_large_answers_are_written_on_another_thread(self):
        served = serve_toy(self, max_rows=20_000)
        threads = set()
        dumps = json.dumps

        def noted(*args, **kwargs):
            threads.add(threading.current_thread().name)
            return dumps(*args, **kwargs)

        body = b'{"instances": [%s]}' % b",".join([b"1"] * 20_000)
        with mock.patch.object(json, "dumps", noted):
            status, answer = served.predict(body)
        self.assertEqual((status, len(answer["predictions"])), (200, 20_000))
        self.assertTrue(all(name.startswith("asyncio_") for name in threads), threads)

    def test_large_and_encoded_bodies(self):
        served = serve_toy(self, max_body=100_000)
        for size in (100_001, 390_000):
            status, answer = served.predict(b" " * size)
            self.assertEqual(status, 413)
            self.assertIn("at most 100000 bytes", answer["error"])
        # Far too large, which is said before any of it has come.
        status, _, content = served.ask(
            "POST", PREDICT, b"", {"Content-Length": "2000000"}
        )
        self.assertEqual(status, 413)
        self.assertIn("at most 100000 bytes", json.loads(content)["error"])
        status, _, content = served.ask(
            "POST", PREDICT, b"x", {"Content-Encoding": "gzip"}
        )
        self.assertEqual(status, 415)
        self.assertIn("Content-Encoding", json.loads(content)["error"])

    def test_a_length_that_is_too_large_is_refused_unread(self):
        served = serve_toy(self, max_body=1000)
        for length, header in (
            (10**12, "Accept: */*"),
            (1001, "Expect: 100-continue"),
        ):
            connection = self.post(served, length, b"", header)
            self.assertIn(b" 413 ", connection.recv(100))

    def test_bodies_held_at_once(self):
        served = serve_toy(self, max_body=1000)
        held = [self.post(served, 1000, b" " * 999) for _ in range(16)]
        while True:  # Until all of them have been read.
            refused = self.post(served, 1000, b" " * 999)
            refused.settimeout(0.2)
            with contextlib.suppress(TimeoutError):
                self.assertIn(b" 429 ", refused.recv(100))
                break
            held.append(refused)
            self.assertLess(len(held), 100)
        for connection in held:
            connection.close()
        self.assertEqual(served.get("/healthz")[0], 200)

    def post(self, served, *args):
        connection = served.post(*args)
        self.addCleanup(connection.close)
        return connection
