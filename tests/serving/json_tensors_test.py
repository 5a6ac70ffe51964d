import json
import types

import numpy as np
import tensorflow as tf

from inr_keras.serving import json_bodies
from inr_keras.serving import json_tensors
from inr_keras.serving import servable
from inr_keras.serving.status_codes import ServingError
from tests import testing


def spec(dtype, shape):
    info = types.SimpleNamespace(
        dtype=tf.as_dtype(dtype).as_datatype_enum,
        tensor_shape=tf.TensorShape(shape).as_proto(),
    )
    return servable.Spec(info)


def signature(**specs):
    inputs = {name: spec(*value) for name, value in sorted(specs.items())}
    return types.SimpleNamespace(inputs=inputs)


ONE = signature(x=("float32", (None, 2)))
TWO = signature(x=("float32", (None, 2)), label=("int32", (None,)))


def read(document, of):
    body = document
    if not isinstance(body, bytes):
        body = json.dumps(document).encode()
    content = json_bodies.read(body, {"": dict.fromkeys(of.inputs, "")})
    return json_tensors.inputs_of(content.columns, of)


class RequestTest(testing.TestCase):
    def assertInvalid(self, document, of, *texts):
        with self.assertRaises(ServingError) as caught:
            read(document, of)
        self.assertEqual(caught.exception.http_status, 400)
        self.assertNotIn("\n", caught.exception.message)
        self.assertLess(len(caught.exception.message), 500)
        for text in texts:
            self.assertIn(text, caught.exception.message)

    def test_rows_and_columns(self):
        x, label = [[1, 2.5], [3, 4]], [5, 6]
        for document, of in (
            ({"instances": x}, ONE),
            ({"instances": [{"x": row} for row in x]}, ONE),
            ({"inputs": x}, ONE),
            ({"inputs": {"x": x}}, ONE),
            ({"inputs": {"x": x, "label": label}}, TWO),
            (
                {"instances": [{"x": r, "label": n} for r, n in zip(x, label)]},
                TWO,
            ),
        ):
            arrays = read(document, of)
            self.assertEqual(set(arrays), set(of.inputs))
            self.assertAllEqual(arrays["x"], x)
            self.assertEqual(arrays["x"].dtype, np.float32)
            if of is TWO:
                self.assertAllEqual(arrays["label"], label)
                self.assertEqual(arrays["label"].dtype, np.int32)

    def test_scalars_bytes_and_any_shape(self):
        of = signature(
            side=("int64", ()), text=("string", (None,)), box=("float64", None)
        )
        arrays = read(
            {
                "inputs": {
                    "side": 2**62,
                    "text": ["é", {"b64": "AP8="}],
                    "box": [[[1.5]]],
                }
            },
            of,
        )
        self.assertEqual(arrays["side"].shape, ())
        self.assertEqual(arrays["side"], 2**62)
        self.assertEqual(list(arrays["text"]), ["é".encode(), b"\x00\xff"])
        self.assertEqual(arrays["box"].shape, (1, 1, 1))
        only = signature(text=("string", (None,)))
        [text] = read({"instances": [{"b64": "AP8="}]}, only)["text"]
        self.assertEqual(text, b"\x00\xff")
        scalar = signature(text=("string", ()))
        text = read({"inputs": {"b64": "AP8="}}, scalar)["text"]
        self.assertEqual(text.item(), b"\x00\xff")

    def test_shapes(self):
        for document, of, text in (
            ({"instances": [[1, 2], 1]}, ONE, "not of expected type"),
            ({"instances": [[[1, 2]]]}, ONE, "[any, 2]. Received: [1, 1, 2]"),
            ({"instances": [[1, 2, 3]]}, ONE, "Received: [1, 3]"),
            ({"inputs": {"x": 3}}, ONE, "Received: []"),
        ):
            self.assertInvalid(document, of, text)

    def test_types(self):
        for dtype, *values in (
            ("float32", "1", None, True, 1e39, {"b64": "AA=="}, 10**400),
            ("int32", 1.0, 1.5, "1", True, None, 2**31, -(2**31) - 1),
            ("int64", 2**63, 1e3),
            ("uint8", -1, 256),
            ("bool", 1, 0.0, "true"),
            ("string", 1, None, {"b64": 1}, {"b64": "A"}, {"b64": "é"}),
            ("string", "\ud800", {"b64": "AA==", "x": 1}),
        ):
            of = signature(x=(dtype, (None,)))
            for value in values:
                with self.subTest(dtype=dtype, value=str(value)[:20]):
                    self.assertInvalid({"inputs": {"x": [value]}}, of, "'x'")
        with self.assertRaisesRegex(ServingError, "float32 can hold"):
            read(b'{"inputs":[-1e400]}', signature(x=("float32", None)))
        # Whole numbers of any size are numbers, too.
        wide = read({"inputs": [10**30, 1]}, signature(x=("float64", (None,))))
        self.assertAllEqual(wide["x"], [1e30, 1.0])
        wide = read({"inputs": [2**64 - 1]}, signature(x=("uint64", (None,))))
        self.assertEqual(wide["x"].tolist(), [2**64 - 1])
        # A good value before it does not hide a bad one.
        of = signature(x=("int32", (None,)))
        self.assertInvalid({"inputs": {"x": [1, True]}}, of, "True")
        with self.assertRaises(ServingError) as caught:
            read({"inputs": {"x": [1]}}, signature(x=("complex64", (None,))))
        self.assertEqual(caught.exception.http_status, 501)


class AnswerTest(testing.TestCase):
    def answer(self, rows, **outputs):
        return json.loads(json_tensors.answer(outputs, rows))

    def test_one_output_has_no_name(self):
        y = np.array([[0.5], [2.0]], "float32")
        self.assertEqual(self.answer(True, y=y), {"predictions": [[0.5], [2]]})
        self.assertEqual(self.answer(False, y=y), {"outputs": [[0.5], [2]]})
        self.assertEqual(self.answer(False, y=np.int32(3)), {"outputs": 3})

    def test_several_have(self):
        y, n = np.array([0.5, 2.0]), np.array([True, False])
        self.assertEqual(
            self.answer(True, y=y, n=n),
            {"predictions": [{"y": 0.5, "n": True}, {"y": 2, "n": False}]},
        )
        self.assertEqual(
            self.answer(False, y=y, n=n),
            {"outputs": {"y": [0.5, 2], "n": [True, False]}},
        )

    def test_bytes(self):
        data = np.array([[b"\xff\x00"], [b"a"]], object)
        expected = [[{"b64": "/wA="}], [{"b64": "YQ=="}]]
        self.assertEqual(self.answer(True, image_bytes=data), {"predictions": expected})
        self.assertEqual(
            self.answer(False, text=np.array([b"\xc3\xa9", b"\xff"], object)),
            {"outputs": ["é", "\ufffd"]},
        )
        only = np.array(b"\x00", object)
        self.assertEqual(
            self.answer(False, image_bytes=only), {"outputs": {"b64": "AA=="}}
        )

    def test_images(self):
        rng = np.random.default_rng(0)
        for shape in ((3,), (1, 1), (2, 3, 1), (2, 4, 5, 3), (0, 2)):
            images = rng.integers(0, 256, shape).astype("uint8")
            self.assertEqual(
                self.answer(True, images=images),
                {"predictions": images.tolist()},
            )
        self.assertEqual(self.answer(False, n=np.array(7, "uint8")), {"outputs": 7})

    def test_large_answers_are_the_same(self):
        rng = np.random.default_rng(0)
        for shape in ((9001,), (2, 5000), (3, 1, 4001), (1, 4000, 3), (5000, 1, 1)):
            y = rng.normal(size=shape).astype("float32")
            self.assertEqual(self.answer(False, y=y), {"outputs": y.tolist()})
        n = np.arange(5000)
        rows = [{"y": [float(i), 0.5], "n": i} for i in range(5000)]
        y = np.stack([n.astype(float), np.full(5000, 0.5)], 1)
        self.assertEqual(self.answer(True, y=y, n=n), {"predictions": rows})

    def test_refused(self):
        for outputs in (
            {"a": np.zeros(2), "b": np.zeros(3)},
            {"a": np.float32(1)},
        ):
            with self.assertRaisesRegex(ServingError, "first dimension"):
                json_tensors.answer(outputs, True)
        with self.assertRaisesRegex(ServingError, "without JSON"):
            json_tensors.answer({"a": np.zeros(2, "float16")}, False)
