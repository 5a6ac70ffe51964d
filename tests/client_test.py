import subprocess
import sys

import numpy as np
import pytest

from inr_keras.client import Client
from inr_keras.client import Refused
from tests import testing
from tests.serving import toy_models
from tests.serving.served import Served


class ClientTest(testing.TestCase):
    @pytest.fixture(autouse=True, scope="class")
    def _serve(self, request, tmp_path_factory):
        folder = tmp_path_factory.mktemp("models")
        toy_models.write(folder / "toy" / "3")
        served = Served(folder)
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
        with self.assertRaises(OSError):
            Client("toy", "http://127.0.0.1:9").status()


def test_it_needs_no_tensorflow():
    code = (
        "import sys, inr_keras.client; "
        "sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
