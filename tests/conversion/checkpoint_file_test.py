import argparse
import json
import pickle
import sys
import zipfile
from unittest import mock

import numpy as np
import pytest

from inr_keras import conversion
from inr_keras.quiet_imports import UnfitEnvironment
from tests import testing

RAN = []


class Code:
    """What runs a function where its pickle is read."""

    def __reduce__(self):
        return (RAN.append, ("ran",))


def safetensors(arrays, kind="F32", dtype="<f4"):
    """The bytes of a `.safetensors` file of arrays of one type."""
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for name, array in arrays.items():
        part = array.astype(dtype).tobytes()
        header[name] = {
            "dtype": kind,
            "shape": list(array.shape),
            "data_offsets": [len(data), len(data) + len(part)],
        }
        data += part
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


class TestCase(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.temporary_folder()
        rng = np.random.default_rng(0)
        self.arrays = {
            "a.weight": rng.normal(size=(2, 3)).astype("float32"),
            "b": rng.normal(size=(4,)).astype("float32"),
        }

    def assertReads(self, path):
        found = conversion.read_checkpoint(path)
        self.assertEqual(set(found), set(self.arrays))
        for name, array in self.arrays.items():
            self.assertEqual(found[name].dtype, np.float32)
            self.assertAllEqual(found[name], array)

    def assertRefuses(self, path, rule):
        with self.assertRaisesRegex(ValueError, f"`path` {rule}") as e:
            conversion.read_checkpoint(path)
        self.assertIn(repr(str(path)), str(e.exception))


class ArraysTest(TestCase):
    def test_npz(self):
        path = self.folder / "x.npz"
        np.savez(path, **self.arrays)
        self.assertReads(path)

    def test_safetensors(self):
        path = self.folder / "x.safetensors"
        path.write_bytes(safetensors(self.arrays))
        self.assertReads(path)
        whole = {"n": np.array([3, -4])}
        for kind, dtype in (("I64", "<i8"), ("I8", "i1"), ("F16", "<f2")):
            path.write_bytes(safetensors(whole, kind, dtype))
            self.assertAllEqual(conversion.read_checkpoint(path)["n"], [3.0, -4.0])
        halves = {"h": np.array([0x3F80, 0xC040])}  # Of 1 and -3.
        path.write_bytes(safetensors(halves, "BF16", "<u2"))
        self.assertAllEqual(conversion.read_checkpoint(path)["h"], [1.0, -3.0])
        path.write_bytes(safetensors(whole, "F4", "<i8"))
        self.assertRefuses(path, "must .*n is F4, and not of F64.*")

    def test_damaged_files(self):
        path = self.folder / "x.safetensors"
        whole = safetensors(self.arrays)
        for part in (whole[:-4], whole[:20], b"", b"\xff" * 40, b"\x02" * 7):
            path.write_bytes(part)
            self.assertRefuses(path, "must be a .safetensors file, and whole")
        path = self.folder / "x.npz"
        np.savez(path, **self.arrays)
        whole = path.read_bytes()
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("a.npy", b"\x93NUMPY\x01\x00\x08\x00{'a': (\n")
        torn = path.read_bytes()
        np.savez_compressed(path, a=np.zeros(99))
        squeezed = bytearray(path.read_bytes())
        # Behind the header of the member, a block of a kind that there is not.
        squeezed[30 + squeezed[26] + squeezed[28]] = 7
        for part in (whole[:-40], whole[:20], b"", b"none" * 9, torn, squeezed):
            path.write_bytes(part)
            self.assertRefuses(path, "must be a .npz file of arrays, and whole")

    def test_no_tensors_and_no_file(self):
        path = self.folder / "x.npz"
        np.savez(path, a=np.array(["text"]))
        self.assertRefuses(path, "must hold tensors by name")
        np.savez(path)
        self.assertRefuses(path, "must hold tensors by name")
        self.assertRefuses(self.folder, "must be a file")
        self.assertRefuses(self.folder / "none.pt", "must be a file")

    def test_objects_are_not_unpickled(self):
        path = self.folder / "x.npz"
        np.savez(path, a=np.array([Code()], dtype=object))
        self.assertRefuses(path, "must be a .npz file of arrays")
        self.assertEqual(RAN, [])

    def test_without_pytorch(self):
        path = self.folder / "x.pt"
        path.write_bytes(b"")
        with mock.patch.dict(sys.modules, {"torch": None}):
            with self.assertRaisesRegex(UnfitEnvironment, "install torch .extra: to"):
                conversion.read_checkpoint(path)


class PyTorchTest(TestCase):
    def setUp(self):
        super().setUp()
        self.torch = pytest.importorskip("torch")
        self.path = self.folder / "x.pt"
        self.tensors = {name: self.torch.tensor(a) for name, a in self.arrays.items()}

    def test_tensors(self):
        for zipped in (True, False):  # PyTorch 1.5 wrote no zip files.
            self.torch.save(
                self.tensors,
                self.path,
                _use_new_zipfile_serialization=zipped,
            )
            self.assertReads(self.path)

    def test_the_averaged_generator_comes_first(self):
        other = {"a.weight": self.torch.zeros(1)}
        for content in (
            {"g": other, "d": other, "g_ema": self.tensors, "step": 3},
            {"d": other, "g": self.tensors},
            {"G_ema": self.tensors, "G": other},
        ):
            self.torch.save(content, self.path)
            self.assertReads(self.path)

    def test_options_beside_the_tensors(self):
        options = argparse.Namespace(size=256, lr=0.002)
        self.torch.save({"g_ema": self.tensors, "args": options}, self.path)
        self.assertReads(self.path)
        self.torch.save({"g_ema": self.tensors, "best": np.float64(3)}, self.path)
        self.assertRefuses(self.path, r"must.*multiarray.scalar.*tensors.pt")

    def test_half_precision(self):
        self.torch.save({"b": self.tensors["b"].bfloat16()}, self.path)
        found = conversion.read_checkpoint(self.path)["b"]
        self.assertEqual(found.dtype, np.float32)
        self.assertAllClose(found, self.arrays["b"], 1e-2)

    def test_code_is_not_run(self):
        with open(self.path, "wb") as file:
            pickle.dump({"G_ema": Code()}, file)
        self.assertRefuses(self.path, "must hold plain tensors.*state_dict")
        self.torch.save({"G_ema": Code()}, self.path)
        self.assertRefuses(self.path, "must hold plain tensors.*state_dict")
        self.assertEqual(RAN, [])

    def test_damaged_files(self):
        for zipped in (True, False):
            self.torch.save(
                self.tensors,
                self.path,
                _use_new_zipfile_serialization=zipped,
            )
            whole = self.path.read_bytes()
            for part in (whole[: len(whole) // 2], whole[:-9], b"", b"no" * 9):
                self.path.write_bytes(part)
                self.assertRefuses(self.path, "must")

    def test_other_content(self):
        for content in ([1.0], {"g_ema": {"a": "b"}}, {}, {1: 2}):
            self.torch.save(content, self.path)
            self.assertRefuses(self.path, "must hold tensors by name")
