"""Tensors of a state dict, checked by name and shape and assigned to variables."""

import dataclasses
import math
import typing

import keras
import numpy as np

_NAMED = 20  # Most tensors that an error names.
_WRAPPED = "module."  # Before the names of a network of PyTorch's DataParallel.
_MARKS = {"cips": "lff.", "inr_gan": "mapping.fc"}  # Beginnings of a kind's names.


@dataclasses.dataclass(frozen=True)
class Slot:
    """Variable that takes a tensor of the source.

    Args:
        variable: `keras.Variable`.
        shape: tuple of int. Shape of the source's tensor.
        convert: Function from the source's array to the variable's layout; it converts
            gradients as well.
    """

    variable: keras.Variable
    shape: tuple
    convert: typing.Callable


def dense(variable):
    """Slot of a matrix `(out, in)`, which is transposed here."""
    inputs, units = variable.shape
    return Slot(variable, (units, inputs), np.transpose)


def convolution(variable):
    """Slot of the kernel `(out, in, 1, 1)` of a 1x1 convolution."""
    inputs, units = variable.shape
    return Slot(variable, (units, inputs, 1, 1), lambda a: a[:, :, 0, 0].T)


def modulated(variable):
    """Slot of the kernel `(1, out, in, 1, 1)` of a modulated 1x1 convolution."""
    inputs, units = variable.shape
    return Slot(variable, (1, units, inputs, 1, 1), lambda a: a[0, :, :, 0, 0].T)


def vector(variable, shape=None):
    """Slot of equal numbers in equal order, of shape `shape` in the source."""
    own_shape = tuple(variable.shape)
    return Slot(variable, shape or own_shape, lambda a: a.reshape(own_shape))


def lattice(variable):
    """Slot of a square table `(1, channels, side, side)`, which has rows here."""
    rows, channels = variable.shape
    side = math.isqrt(rows)
    return Slot(
        variable,
        (1, channels, side, side),
        lambda a: a[0].transpose(1, 2, 0).reshape(rows, channels),
    )


def to_arrays(state_dict):
    """Converts a state dict of arrays or PyTorch tensors to float32 arrays.

    Names lose the `module.` that PyTorch's DataParallel sets before them.
    """
    is_wrapped = all(name.startswith(_WRAPPED) for name in state_dict)
    return {
        name.removeprefix(_WRAPPED if is_wrapped else ""): np.asarray(
            value.detach().cpu().float() if hasattr(value, "detach") else value,
            "float32",
        )
        for name, value in state_dict.items()
    }


def fill(slots, arrays):
    """Assigns every array to its variable.

    Raises:
        ValueError: A shape is wrong; every such tensor is named.
    """
    wrong = [
        f"{name} {_shape(arrays[name])} instead of {slot.shape}"
        for name, slot in slots.items()
        if _shape(arrays[name]) != slot.shape
    ]
    if wrong:
        raise _unfit("must have other shapes", wrong)
    for name, slot in slots.items():
        slot.variable.assign(slot.convert(arrays[name]))


def check_names(arrays, expected, kind):
    """Raises `ValueError` that names all tensors that are missing or too many."""
    missing = [name for name in expected if name not in arrays]
    extra = sorted(set(arrays) - set(expected))
    if missing or extra:
        lists = [
            f"{what}: {_listed(names)}"
            for what, names in (("missing", missing), ("not of it", extra))
            if names
        ]
        others = [
            other
            for other, mark in _MARKS.items()
            if other != kind and any(name.startswith(mark) for name in arrays)
        ]
        hint = "".join(f", and not those of kind {other}" for other in others)
        raise ValueError(
            f"A checkpoint of kind {kind} must have the tensors of that "
            f"generator{hint}. Received: {len(arrays)} tensors; {'; '.join(lists)}"
        )


def size(arrays, name, axis, rank):
    """Length of an axis of a tensor, which decides a size of the model."""
    shape = _shape(arrays[name])
    if len(shape) != rank or shape[axis] < 1:
        raise _unfit(f"must have {rank} axes", [f"{name} {shape}"])
    return shape[axis]


def count(arrays, prefix):
    """Number of layers after `prefix`: one more than the highest number in a name."""
    numbers = [
        int(part)
        for part in (
            name[len(prefix) :].partition(".")[0]
            for name in arrays
            if name.startswith(prefix)
        )
        if part.isdecimal() and len(part) < 4
    ]
    return max(numbers, default=-1) + 1


def _shape(array):
    return tuple(int(n) for n in array.shape)


def _unfit(rule, names):
    return ValueError(f"Tensors of the checkpoint {rule}. Received: {_listed(names)}")


def _listed(names):
    more = len(names) - _NAMED
    text = ", ".join(names[:_NAMED])
    return f"{text} ... and {more} more" if more > 0 else text
