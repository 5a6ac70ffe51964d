import threading
import time

import pytest

from tests import testing
from tests.serving import toy_models
from tests.serving.served import Served


class ServerTest(testing.TestCase):
    @pytest.mark.slow
    def test_what_is_in_flight_ends(self):
        folder = self.temporary_folder()
        toy_models.write(folder / "toy" / "1")
        served = Served(folder)
        answers = []
        document = {
            "signature_name": "spin",
            "inputs": {"steps": toy_models.SPIN // 4},
        }
        clients = [
            threading.Thread(target=lambda: answers.append(served.predict(document)))
            for _ in range(3)
        ]
        for client in clients:
            client.start()
        time.sleep(0.1)
        served.close()
        for client in clients:
            client.join()
        self.assertEqual(answers, [(200, {"outputs": toy_models.SPIN // 4})] * 3)
        with self.assertRaises(OSError):
            served.get("/healthz")
        self.assertEqual(served.server.registry.names(), [])
