import http.client
import json
import threading
import time
from unittest import mock

import pytest

from inr_keras.serving import servable
from tests import testing
from tests.serving import toy_models
from tests.serving.served import Served


class ServerTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.temporary_folder()
        toy_models.write(self.folder / "toy" / "1")

    def ask(self, served, steps, count):
        """Clients that ask at once; returns their threads and answers."""
        answers = []
        document = {"signature_name": "spin", "inputs": {"steps": steps}}
        clients = [
            threading.Thread(target=lambda: answers.append(served.predict(document)))
            for _ in range(count)
        ]
        for client in clients:
            client.start()
        time.sleep(0.1)
        return clients, answers

    @pytest.mark.slow
    def test_what_is_in_flight_ends(self):
        served = Served(self.folder)
        clients, answers = self.ask(served, toy_models.SPIN // 4, 3)
        served.close()
        for client in clients:
            client.join()
        self.assertEqual(answers, [(200, {"outputs": toy_models.SPIN // 4})] * 3)
        self.assertIs(served.ended, True)
        with self.assertRaises(OSError):
            served.get("/healthz")
        self.assertEqual(served.server.registry.names(), [])

    @pytest.mark.slow
    def test_what_does_not_end_in_time_is_refused(self):
        served = Served(self.folder, grace=0.2)
        clients, answers = self.ask(served, toy_models.SPIN, 3)
        served.close()
        for client in clients:
            client.join()
        self.assertEqual([status for status, _ in answers], [503] * 3)
        self.assertIn("stopping", answers[0][1]["error"])
        self.assertIs(served.ended, False)

    def test_it_answers_while_models_load(self):
        loads = threading.Event()
        load = servable.Servable

        def slow(*args):
            loads.wait(30)
            return load(*args)

        with mock.patch.object(servable, "Servable", slow):
            served = Served(self.folder, loads=False)
            self.addCleanup(served.close)
            self.addCleanup(loads.set)
            self.wait_for(served, 503)
            health = {"status": "loading", "models": []}
            self.assertEqual(served.get("/healthz"), (503, health))
            self.assertEqual(served.get("/explore/models.json")[1], {"models": []})
            status, headers, body = served.ask(
                "POST", "/v1/models/toy:predict", b'{"instances": [1.0]}'
            )
            self.assertEqual((status, headers["Retry-After"]), (503, "1"))
            self.assertIn("being loaded: Latest(toy)", json.loads(body)["error"])
            state = served.get("/v1/models/toy")[1]["model_version_status"][0]["state"]
            self.assertEqual(state, "LOADING")
            self.assertEqual(served.get("/v1/models/other")[0], 404)
            loads.set()
            self.wait_for(served, 200)
        self.assertEqual(served.predict({"instances": [1.0]})[0], 200)
        self.assertEqual(served.get("/v1/models/other")[0], 404)

    def test_it_stops_while_models_load(self):
        loads = threading.Event()
        self.addCleanup(loads.set)
        with mock.patch.object(servable, "Servable", lambda *args: loads.wait(30)):
            served = Served(self.folder, loads=False, grace=0.2)
            self.wait_for(served, 503)
            served.close()
        self.assertIs(served.ended, False)

    def wait_for(self, served, status):
        end = time.monotonic() + 30
        while True:
            try:
                if served.get("/healthz")[0] == status:
                    return
            except (OSError, http.client.HTTPException):
                pass  # It does not listen yet.
            self.assertLess(time.monotonic(), end)
            time.sleep(0.02)
