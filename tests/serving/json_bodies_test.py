import json

import numpy as np
import pytest

from inr_keras.serving import json_bodies
from inr_keras.serving.status_codes import ServingError
from tests import testing

NAMES = {
    "": {"x": ""},
    "one": {"x": ""},
    "two": {"label": " (0 a, 1 b)", "x": ""},
    "none": {},
}


def read(document, signature="one"):
    if not isinstance(document, bytes):
        document = json.dumps({"signature_name": signature, **document}).encode()
    return json_bodies.read(document, NAMES)


class ReadTest(testing.TestCase):
    def assertInvalid(self, document, signature, *texts):
        with self.assertRaises(ServingError) as caught:
            read(document, signature)
        self.assertEqual(caught.exception.http_status, 400)
        self.assertNotIn("\n", caught.exception.message)
        self.assertLess(len(caught.exception.message), 500)
        for text in texts:
            self.assertIn(text, caught.exception.message)

    def test_types(self):
        for value, dtype in (
            ([1, 2], np.int64),
            ([1, 2.5], np.float64),
            ([True], bool),
            (["a", {"b64": ""}], object),
            ([2**70], object),
            ([1, True], object),
        ):
            body = read({"inputs": {"x": value}})
            self.assertEqual(body.columns["x"].dtype, dtype)
            self.assertEqual(body.columns["x"].tolist(), value)
            self.assertFalse(body.rows)
        self.assertEqual(read({"inputs": [[[1.5]]]}).columns["x"].shape, (1, 1, 1))

    def test_no_rows_and_unknown_signatures(self):
        body = read({"instances": []}, "two")
        self.assertEqual((body.columns, body.rows), ({}, True))
        body = read({"instances": [1]}, "three")
        self.assertEqual((body.columns, body.signature_name), (None, "three"))
        self.assertEqual(read({"inputs": {}}, "none").columns, {})
        self.assertEqual(read(b'{"inputs": [1]}').signature_name, "")

    def test_bodies(self):
        self.assertInvalid(b"", None, "JSON Parse error")
        self.assertInvalid(b"{", None, "JSON Parse error", "offset: 1")
        self.assertInvalid(b"\xff\xfe\x00", None, "JSON Parse error")
        self.assertInvalid(b"[1]", None, "Is not object")
        self.assertInvalid(b'{"inputs":' + b"[" * 10**6, None, "deeply")
        for constant in (b"NaN", b"Infinity", b"-Infinity"):
            self.assertInvalid(b'{"inputs":%s}' % constant, None, "no JSON")
        self.assertInvalid(b'{"inputs":%s}' % (b"1" * 9999), None, "Parse")
        self.assertInvalid({}, "one", "Missing 'inputs' or 'instances'")
        self.assertInvalid({"inputs": 1, "instances": 1}, "one", "only one of")
        self.assertInvalid({"inputs": 1, "examples": 1}, "one", "'examples'")
        self.assertInvalid({"signature_name": 1, "inputs": 1}, "one", "string")

    def test_structure(self):
        x = [1, 2]
        for document, signature, text in (
            ({"instances": {"x": x}}, "one", "must be a list"),
            ({"instances": [x]}, "two", "label, x"),
            ({"inputs": [x]}, "two", "label, x"),
            ({"instances": [{"x": x}, x]}, "one", "object at item 1"),
            ({"instances": [{"x": x, "y": 1}]}, "one", "'y'"),
            (
                {"instances": [{"x": x}]},
                "two",
                "Missing named input: label in item 0 of 'instances' (0 a, 1 b)",
            ),
            ({"inputs": {"label": [1]}}, "two", "Missing named input: x"),
            ({"inputs": {"x": [x], "\n": 1}}, "one", r"'\n'"),
            ({"instances": [x, [1, 2, 3]]}, "one", "equal lists"),
            ({"instances": [[]]}, "one", "must not be empty"),
            ({"instances": ["a"] * 65537}, "one", "at most 65536 texts"),
        ):
            self.assertInvalid(document, signature, text)
        deep = x
        for _ in range(50):
            deep = [deep]
        self.assertInvalid({"instances": deep}, "one", "at most 8 deep")


@pytest.mark.parametrize("value", [[1], {"a": 1}, "x" * 999, 10**30])
def test_shown_is_short(value):
    assert len(json_bodies.abbreviated(value)) < 70
