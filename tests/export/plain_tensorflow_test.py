import numpy as np
import tensorflow as tf

from inr_keras.export import plain_tensorflow
from inr_keras.export import server_files
from tests import testing


def save(folder, function):
    """A SavedModel `folder/1` of the signature `f`."""
    module = tf.Module()
    module.function = tf.function(
        function, [tf.TensorSpec((None,), tf.float32, "x")], autograph=False
    )
    path = folder / "1"
    tf.saved_model.save(module, str(path), {"f": module.function})
    return path


class OperationsTest(testing.TestCase):
    def save(self, function):
        return save(self.temporary_folder(), function)

    def test_python_and_xla_are_found(self):
        compiled = tf.function(lambda x: x + 1, jit_compile=True)
        for function, text in (
            (lambda x: tf.py_function(abs, [x], tf.float32), "EagerPyFunc"),
            (lambda x: tf.numpy_function(np.abs, [x], tf.float32), "PyFunc"),
            (compiled, "needs XLA"),
        ):
            with self.assertRaisesRegex(ValueError, text):
                plain_tensorflow.check_operations(self.save(function))
        plain_tensorflow.check_operations(self.save(lambda x: x + 1))


class CheckTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.version = save(self.temporary_folder(), lambda x: x + 1)
        self.cases = {
            "0/f/inputs/x": np.array([1.0, 2.0], "float32"),
            "0/f/outputs/output_0": np.array([2.0, 3.0], "float32"),
        }

    def assertFails(self, text, **changed):
        cases = {
            key: changed.get(key.split("/")[2], value)
            for key, value in self.cases.items()
        }
        with self.assertRaisesRegex(ValueError, text):
            plain_tensorflow.check(self.version, cases)

    def test_cases_and_requests_are_run(self):
        good = ("f", {"x": np.ones(1, "float32")})
        server_files.write_warmup(self.version, "small", [good, good])
        counts = plain_tensorflow.check(self.version, self.cases)
        self.assertEqual(counts, (1, 2))
        self.assertFails("output_0 is not the gen", outputs=np.zeros(2))
        with self.assertRaisesRegex(ValueError, "f: no request tests it"):
            plain_tensorflow.check(self.version, {})
        server_files.write_warmup(self.version, "small", [("f", {})])
        self.assertFails(r"inputs are \['x'\], and not \[\]")

    def test_the_program_fails_in_one_line(self):
        server_files.write_warmup(self.version, "small", [])
        path = self.temporary_folder() / "cases.npz"
        np.savez(path, **{**self.cases, "1/f/inputs/y": 0.0})
        with self.assertRaisesRegex(SystemExit, r"^inputs are \['x'\].*'y'\]$"):
            plain_tensorflow.main(self.version, path)


class CompareTest(testing.TestCase):
    def assertDiffer(self, text, outputs, expected):
        with self.assertRaisesRegex(ValueError, text):
            plain_tensorflow.compare("it", outputs, expected)

    def test_colours(self):
        images = np.full((2, 3, 3, 1), 100, "uint8")
        near = {"images": images + 1}
        plain_tensorflow.compare("it", near, {"images": images})
        far = {"images": images - 2}
        self.assertDiffer("it: images differ.*by 2", far, {"images": images})
        self.assertDiffer("shape", {"images": images[:1]}, {"images": images})
        rgb = {"rgb": np.zeros((1, 2, 3))}
        plain_tensorflow.compare("it", {"rgb": rgb["rgb"] + 0.007}, rgb)
        for wrong in (0.008, np.nan):
            self.assertDiffer("rgb", {"rgb": rgb["rgb"] + wrong}, rgb)

    def test_files(self):
        pixels = np.arange(24, dtype="uint8").reshape((2, 4, 3))
        file = tf.io.encode_png(pixels).numpy()
        one = {"image_bytes/0": pixels}
        plain_tensorflow.compare("it", {"image_bytes": file}, one)
        files = {"image_bytes": np.array([file, file], "object")}
        stack = {"image_bytes": np.stack([pixels] * 2)}
        plain_tensorflow.compare("it", files, stack)
        self.assertDiffer("outputs are", files, one)
        self.assertDiffer("differ", files, {"image_bytes": stack["image_bytes"] + 9})

    def test_texts(self):
        texts = {"json": np.array([b"{}", b"null"])}
        found = {"json": np.array([b"{}", b"null"], "object")}
        plain_tensorflow.compare("it", found, texts)
        found["json"][0] = b"{"
        self.assertDiffer("json is not", found, texts)
