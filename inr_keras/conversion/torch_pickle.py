"""Tensors of PyTorch files of the format before 1.6, read without PyTorch.

Such a file is a row of pickles, and the numbers after them. The pickles may name what
rebuilds a tensor, and nothing else: no code in them runs.
"""

import collections
import math
import pickle

import numpy as np

from inr_keras.naming import first_line

_MAGIC = 0x1950A86A20F9469CFC6C
_VERSION = 1001
_TYPES = {
    "DoubleStorage": "<f8",
    "FloatStorage": "<f4",
    "HalfStorage": "<f2",
    "LongStorage": "<i8",
    "IntStorage": "<i4",
    "ShortStorage": "<i2",
    "CharStorage": "<i1",
    "ByteStorage": "<u1",
    "BoolStorage": "|b1",
}


def read_tensors(path):
    """Reads a file of tensors by name.

    Args:
        path: str or path.

    Returns:
        dict of arrays.

    Raises:
        ValueError: The file is of another kind, is damaged, or holds code.
    """
    try:
        with open(path, "rb") as file:
            return _read(file)
    # A damaged pickle may raise anything.
    except Exception as error:
        raise ValueError(
            "`path` must be a PyTorch file of plain tensors, of the format before "
            f"1.6, and whole ({first_line(error)}). Received: {str(path)!r}"
        ) from error


def _read(file):
    found = (_load(file), _load(file))
    if found != (_MAGIC, _VERSION):
        raise ValueError("it does not begin like one")
    if not _load(file)["little_endian"]:
        raise ValueError("its numbers are big-endian")
    storages = {}
    tensors = _load(file, storages)
    for key in _load(file):
        dtype, count = storages[key]
        length = int.from_bytes(file.read(8), "little")
        data = file.read(length * dtype.itemsize)
        storages[key] = np.frombuffer(data, dtype)
        if len(storages[key]) != count:
            raise ValueError("numbers are missing")
    return {
        name: _array(storages[tensor.key], tensor) for name, tensor in tensors.items()
    }


def _array(storage, tensor):
    """Cuts a tensor out of its storage."""
    steps = [n * step for n, step in zip(tensor.shape, tensor.strides)]
    last = tensor.offset + sum(s - t for s, t in zip(steps, tensor.strides))
    if min((tensor.offset, *tensor.strides)) < 0 or (
        math.prod(tensor.shape) and last >= len(storage)
    ):
        raise ValueError("a tensor reaches beyond the stored numbers")
    return np.lib.stride_tricks.as_strided(
        storage[tensor.offset :],
        tensor.shape,
        [step * storage.itemsize for step in tensor.strides],
    ).copy()


_Tensor = collections.namedtuple("_Tensor", "key offset shape strides")


def _rebuild(key, offset, shape, strides, *rest):
    return _Tensor(key, offset, shape, strides)


def _load(file, storages=None):
    return _Unpickler(file, storages).load()


class _Unpickler(pickle.Unpickler):
    """Unpickler of plain values and of places of tensors.

    Args:
        file: Binary file.
        storages: dict that takes the type and the length of each storage, or `None`
            where there can be no tensors.
    """

    def __init__(self, file, storages):
        super().__init__(file)
        self._storages = storages

    def find_class(self, module, name):
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _rebuild
        if module == "torch" and name in _TYPES:
            return np.dtype(_TYPES[name])
        raise pickle.UnpicklingError(f"it holds code, {module}.{name}")

    def persistent_load(self, place):
        kind, dtype, key, _, count, view = place
        if kind != "storage" or view is not None:
            raise pickle.UnpicklingError("its numbers are shared")
        self._storages[key] = dtype, count
        return key
