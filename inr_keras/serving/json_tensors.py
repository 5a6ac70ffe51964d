"""Conversion between what JSON holds and the arrays of signatures."""

import base64
import binascii
import json

import numpy as np
import tensorflow as tf

from inr_keras.serving import json_bodies
from inr_keras.serving import status_codes

_NUMBERS = np.array([list(b"%3d," % n) for n in range(256)], np.uint8)
_END = np.frombuffer(b"],", np.uint8)
_SLICE = 4096  # Numbers that become text at once, in milliseconds.


def inputs_of(columns, signature):
    """Converts the columns of a `Body` to arrays of the types of a signature.

    The conversion is as strict as TF Serving's: integer types need whole numbers, and
    booleans are no numbers.
    """
    return {
        name: _to_array(name, columns[name], spec)
        for name, spec in signature.inputs.items()
    }


def _to_array(name, values, spec):
    dtype = spec.dtype
    if dtype == tf.string:
        array = np.empty(values.size, object)
        array[:] = [_to_bytes(name, v) for v in values.ravel().tolist()]
        array = array.reshape(values.shape)
    else:
        array = _to_numbers(name, values, spec)
    spec.check(name, array.shape)
    return array


def _to_numbers(name, values, spec):
    dtype = spec.dtype
    if not (dtype.is_floating or dtype.is_integer or dtype.is_bool):
        raise status_codes.ServingError(
            "UNIMPLEMENTED", f"input {name!r} is of a type without JSON"
        )
    allowed = "if" if dtype.is_floating else "b" if dtype.is_bool else "i"
    if values.dtype == object:  # Whole numbers of any size are among what is left.
        types = {int, float} if dtype.is_floating else {int}
        types = {bool} if dtype.is_bool else types
        wrong = [v for v in values.flat if type(v) not in types]
    else:
        wrong = [] if values.dtype.kind in allowed else values.ravel()[:1].tolist()
    if wrong:
        raise status_codes.invalid(
            f"JSON Value: {json_bodies.abbreviated(wrong[0])} of input {name!r} is "
            f"not of expected type: {dtype.name}{spec.hint}"
        )
    kind = dtype.as_numpy_dtype
    try:
        if dtype.is_floating:
            with np.errstate(over="ignore"):
                array = values.astype(np.float64).astype(kind)
            if np.isfinite(array).all():
                return array
        elif dtype.is_bool:
            return values
        elif dtype.min <= values.min() and values.max() <= dtype.max:
            return values.astype(kind)
    except OverflowError:
        pass
    raise status_codes.invalid(
        f"input {name!r} must be of numbers that {dtype.name} can hold"
    )


def _to_bytes(name, value):
    if isinstance(value, str):
        try:
            return value.encode()
        except UnicodeEncodeError:
            raise status_codes.invalid(
                f"input {name!r} must be of Unicode strings"
            ) from None
    if not json_bodies.is_bytes(value):
        raise status_codes.invalid(
            f"JSON Value: {json_bodies.abbreviated(value)} of input {name!r} is not "
            "of expected type: string"
        )
    try:
        return base64.b64decode(value["b64"], validate=True)
    except (binascii.Error, ValueError):
        raise status_codes.invalid(f"input {name!r}: Unable to base64 decode") from None


def answer(outputs, rows):
    """Encodes the body of an answer and lets other threads run in between.

    Args:
        outputs: dict of arrays by name.
        rows: bool. Whether the request came in rows (`instances`).

    Returns:
        bytes of JSON: `predictions` or `outputs`, without the output's name if there
            is only one.
    """
    if not rows:
        return b'{"outputs":%s}' % _named(outputs)
    sizes = {array.shape[:1] for array in outputs.values()}
    if len(sizes) != 1 or sizes == {()}:
        raise status_codes.invalid(
            "the outputs do not share their first dimension; ask with "
            "'inputs' in place of 'instances'"
        )
    if len(outputs) == 1:
        return b'{"predictions":%s}' % _named(outputs)
    [[count]] = sizes
    texts = [_named({k: v[i, ...] for k, v in outputs.items()}) for i in range(count)]
    return b'{"predictions":[%s]}' % b",".join(texts)


def _named(outputs):
    """The only output, or an object of several."""
    texts = {name: _text(name, np.asarray(v)) for name, v in outputs.items()}
    if len(texts) == 1:
        return texts.popitem()[1]
    return b"{%s}" % b",".join(
        b"%s:%s" % (_dump(name), text) for name, text in texts.items()
    )


def _text(name, array):
    if array.dtype == np.uint8 and array.ndim:
        return _dump_images(array)
    if array.dtype.kind in "OS":
        convert = _as_base64 if name.endswith("_bytes") else _as_text
        flat = np.empty(array.size, object)
        flat[:] = [convert(v) for v in np.ravel(array)]
        return _dump(flat.reshape(array.shape).tolist())
    if array.dtype.kind not in "biuf" or array.dtype == np.float16:
        raise status_codes.ServingError(
            "UNIMPLEMENTED",
            f"output {name!r} is of a type without JSON: {array.dtype}",
        )
    return _dump_numbers(array)


def _dump_numbers(array):
    if array.size <= _SLICE:
        return _dump(array.tolist())
    size = array.size // len(array)
    if size > _SLICE:
        return b"[%s]" % b",".join(map(_dump_numbers, array))
    step = _SLICE // size
    parts = (array[i : i + step].tolist() for i in range(0, len(array), step))
    return b"[%s]" % b",".join(_dump(part)[1:-1] for part in parts)


def _as_base64(value):
    return {"b64": base64.b64encode(value).decode("ascii")}


def _as_text(value):
    return value.decode("utf-8", "replace")


def _dump_images(array):
    """Encodes a uint8 array as JSON, each number three wide, without Python's loops.

    Lists take fourteen times as long, in which no other request is answered.
    """
    texts = _NUMBERS[array]  # (..., 4): a number and a comma.
    while texts.ndim > 1:
        *outer, count, width = texts.shape
        texts = texts.reshape(*outer, count * width)
        texts = np.concatenate(
            [
                np.full((*outer, 1), ord("["), np.uint8),
                texts[..., :-1],
                np.broadcast_to(_END, (*outer, 2)),
            ],
            axis=-1,
        )
    return texts[:-1].tobytes()


def _dump(document):
    return json.dumps(document, separators=(",", ":")).encode()
