import collections
import pickle
import sys
import types
from unittest import mock

import numpy as np

from inr_keras.conversion import torch_pickle
from tests import testing

_HEAD = (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True})


class Storage:
    """Stands for the numbers of a tensor."""

    def __init__(self, key, kind, array):
        self.place = ("storage", kind, key, "cpu", array.size, None)
        self.data = array.size.to_bytes(8, "little") + array.tobytes()


class Tensor:
    """Stands for a tensor, as PyTorch pickles it."""

    def __init__(self, rebuild, *arguments):
        self.reduced = rebuild, (*arguments, False, collections.OrderedDict())

    def __reduce__(self):
        return self.reduced


class Pickler(pickle.Pickler):
    def persistent_id(self, value):
        return value.place if isinstance(value, Storage) else None


class TorchPickleTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.path = self.temporary_folder() / "tensors.pth"

    def write(self, head=_HEAD, size=(2, 3), steps=(1, 2), cut=None, extra=None):
        torch = types.ModuleType("torch")
        utils = types.ModuleType("torch._utils")

        def rebuild():
            pass

        rebuild.__name__ = rebuild.__qualname__ = "_rebuild_tensor_v2"
        rebuild.__module__ = "torch._utils"
        utils._rebuild_tensor_v2 = rebuild
        for name in ("FloatStorage", "LongStorage"):
            kind = type(name, (), {"__module__": "torch"})
            setattr(torch, name, kind)
        numbers = np.arange(7, dtype="float32")
        floats = Storage("1", torch.FloatStorage, numbers)
        whole = Storage("2", torch.LongStorage, np.array([5]))
        tensors = collections.OrderedDict(
            a=Tensor(rebuild, floats, 1, size, steps),
            b=Tensor(rebuild, whole, 0, (), ()),
        )
        if extra:
            tensors["c"] = extra
        modules = {"torch": torch, "torch._utils": utils}
        with self.path.open("wb") as file, mock.patch.dict(sys.modules, modules):
            for part in (*head, tensors, ["1", "2"]):
                Pickler(file, 2).dump(part)
            file.write(floats.data + whole.data)
        self.path.write_bytes(self.path.read_bytes()[:cut])

    def test_tensors(self):
        self.write()
        found = torch_pickle.read_tensors(self.path)
        self.assertAllClose(found["a"], [[1.0, 3.0, 5.0], [2.0, 4.0, 6.0]])
        self.assertEqual((found["b"].shape, int(found["b"])), ((), 5))
        self.assertEqual(found["a"].dtype, np.float32)

    def test_code_is_refused_and_never_run(self):
        ran = self.path.with_name("ran")
        tensor = Tensor.__new__(Tensor)
        tensor.reduced = (open, (str(ran), "w"))
        self.write(extra=tensor)
        with self.assertRaisesRegex(ValueError, r"`path` .*holds code, \w*io.open"):
            torch_pickle.read_tensors(self.path)
        self.assertFalse(ran.exists())

    def test_other_and_damaged_files(self):
        for case, rule in (
            ({"head": (1, *_HEAD[1:])}, "does not begin like one"),
            ({"head": (*_HEAD[:2], {"little_endian": False})}, "big-endian"),
            ({"size": (2, 4)}, "reaches beyond"),
            ({"steps": (-1, 2)}, "reaches beyond"),
            ({"cut": -20}, "numbers are missing"),
            ({"cut": 40}, "whole"),
        ):
            with self.subTest(rule=rule):
                self.write(**case)
                with self.assertRaisesRegex(ValueError, f"`path` must .*{rule}"):
                    torch_pickle.read_tensors(self.path)
