"""Tensors of checkpoint files, read without running any code in them."""

import argparse
import json
import pathlib
import pickle
import re
import warnings

import numpy as np

from inr_keras import extras
from inr_keras.naming import first_line

# Entries of the averaged and of the plain generator.
_PARTS = ("g_ema", "G_ema", "g", "G")
_SAFETENSORS_TYPES = {
    **{"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "BOOL": "|b1"},
    **{f"I{8 * n}": f"<i{n}" for n in (1, 2, 4, 8)},
    **{f"U{8 * n}": f"<u{n}" for n in (1, 2, 4, 8)},
}
EXPORT = (
    "save the tensors alone where its code is at hand, "
    'torch.save(G_ema.state_dict(), "tensors.pt") (see docs/conversion.md)'
)
_GLOBAL = re.compile(r"GLOBAL (\S+)")  # What PyTorch refuses to build.


def read_checkpoint(path):
    """Reads the generator's tensors from a checkpoint file.

    Args:
        path: str or path of a PyTorch file, which needs PyTorch to be installed, of a
            `.npz` or of a `.safetensors` file. Where it holds several networks, the
            averaged generator (`g_ema`) is taken, or else the plain one (`g`).

    Returns:
        dict of float32 arrays by the source's names.

    Raises:
        ValueError: The file is of another kind, is damaged, or holds code.
        UnfitEnvironment: PyTorch is missing.
    """
    path = pathlib.Path(path)
    if not path.is_file():
        raise ValueError(f"`path` must be a file. Received: {str(path)!r}")
    readers = {".npz": _read_npz, ".safetensors": _read_safetensors}
    content = readers.get(path.suffix.lower(), _read_torch)(path)
    for part in _PARTS:
        if isinstance(content, dict) and isinstance(content.get(part), dict):
            content = content[part]
            break
    arrays = _arrays(content)
    if not arrays:
        raise ValueError(
            "`path` must hold tensors by name, by themselves or as "
            f"g_ema or g. Received: {str(path)!r}"
        )
    return arrays


def _arrays(content):
    """Converts named tensors to float32 arrays; returns `{}` for anything else."""
    arrays = {}
    for name, value in content.items() if isinstance(content, dict) else ():
        if hasattr(value, "detach"):
            value = value.detach().float().numpy()
        is_array = isinstance(value, np.ndarray) and value.dtype.kind in "fiub"
        if not isinstance(name, str) or not is_array:
            return {}
        arrays[name] = value.astype("float32")
    return arrays


def _read_npz(path):
    try:
        with np.load(path, allow_pickle=False) as file:
            return dict(file)
    except Exception as error:  # NumPy's reader raises almost anything.
        raise _unreadable(path, "a .npz file of arrays", error) from error


def _read_safetensors(path):
    data = path.read_bytes()
    arrays = {}
    try:
        start = 8 + int.from_bytes(data[:8], "little")
        header = json.loads(data[8:start])
        header.pop("__metadata__", None)
        for name, entry in header.items():
            first, last = entry["data_offsets"]
            part = data[start + first : start + last]
            kind = entry["dtype"]
            if kind not in _SAFETENSORS_TYPES:
                known = ", ".join(_SAFETENSORS_TYPES)
                raise ValueError(f"{name} is {kind}, and not of {known}")
            array = np.frombuffer(part, _SAFETENSORS_TYPES[kind])
            if kind == "BF16":  # The upper half of a float32.
                array = (array.astype("<u4") << 16).view("<f4")
            arrays[name] = array.reshape(entry["shape"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _unreadable(path, "a .safetensors file", error) from error
    return arrays


def _read_torch(path):
    torch = extras.load("torch", "torch")
    try:
        # Options of the command line beside the tensors are no more than their names
        # and values.
        allowed = torch.serialization.safe_globals([argparse.Namespace])
        with allowed, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # About pickles of other protocols.
            return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        refused = _GLOBAL.search(str(error))
        what = f"code ({refused[1]})" if refused else "code"
        raise ValueError(
            "`path` must hold plain tensors. Received: "
            f"{str(path)!r}, which is no PyTorch file, or holds {what}, which "
            f"is never run: {EXPORT}"
        ) from error
    except (
        OSError,
        RuntimeError,
        EOFError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        IndexError,
    ) as error:
        raise _unreadable(path, "a PyTorch file", error) from error


def _unreadable(path, what, error):
    reason = first_line(error)
    return ValueError(
        f"`path` must be {what}, and whole ({reason}). Received: {str(path)!r}"
    )
