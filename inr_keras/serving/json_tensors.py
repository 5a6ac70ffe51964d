"""Conversion between TF Serving's JSON and arrays."""

import base64
import binascii
import contextlib
import gc
import itertools
import json

import numpy as np
import tensorflow as tf

from inr_keras.serving import status_codes

MAX_RANK = 8
_NUMBERS = np.array([list(b"%3d," % n) for n in range(256)], np.uint8)
_END = np.frombuffer(b"],", np.uint8)
_KEYS = ("signature_name", "instances", "inputs")


@contextlib.contextmanager
def without_collection():
    """Suspends garbage collection in the context.

    The search for cycles in millions of lists of numbers, which hold none, takes ten
    times as long as parsing them, and no other request is answered meanwhile.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def parse_body(body):
    """Parses the body of a request.

    Args:
        body: bytes of JSON; NaN and Infinity, which are not JSON, are refused.

    Returns:
        dict with `signature_name` (str) and either `instances` or `inputs`.
    """
    try:
        document = json.loads(body, parse_constant=_refuse_constant)
    except RecursionError:
        raise status_codes.invalid("JSON Parse error: nested too deeply") from None
    except ValueError as error:
        reason = str(error).split(":")[0].split("(")[0].strip()[:100]
        where = getattr(error, "pos", None)
        where = "" if where is None else f" at offset: {where}"
        raise status_codes.invalid(f"JSON Parse error: {reason}{where}") from None
    if not isinstance(document, dict):
        raise status_codes.invalid(f"JSON Value: {abbreviated(document)} Is not object")
    for key in document:
        if key not in _KEYS:
            raise status_codes.invalid(
                f"keys must be of {', '.join(_KEYS)}. Received: {abbreviated(key)}"
            )
    if not isinstance(document.setdefault("signature_name", ""), str):
        raise status_codes.invalid(
            "'signature_name' key must be a string value. Received: "
            f"{abbreviated(document['signature_name'])}"
        )
    if "instances" in document and "inputs" in document:
        raise status_codes.invalid(
            "Not formatted correctly expecting only one of 'inputs' or "
            "'instances' keys to exist"
        )
    if "instances" not in document and "inputs" not in document:
        raise status_codes.invalid("Missing 'inputs' or 'instances' key")
    return document


def inputs_of(document, signature):
    """Converts the `instances` or `inputs` of a parsed body to arrays by name."""
    if "instances" in document:
        columns = _columns(document["instances"], signature)
    else:
        columns = document["inputs"]
        if not isinstance(columns, dict) or _is_bytes(columns):
            columns = {_only_input(signature, "inputs"): columns}
        _check_names(columns, signature, "inputs")
    return {
        name: to_array(name, columns[name], spec)
        for name, spec in signature.inputs.items()
    }


def _columns(instances, signature):
    if not isinstance(instances, list) or not instances:
        raise status_codes.invalid(
            "'instances' must be a list of at least one value. Received: "
            f"{abbreviated(instances)}"
        )
    named = isinstance(instances[0], dict) and not _is_bytes(instances[0])
    if not named:
        return {_only_input(signature, "instances"): instances}
    for i, instance in enumerate(instances):
        if not isinstance(instance, dict):
            raise status_codes.invalid(
                f"Expecting object at item {i} of 'instances'. Received: "
                f"{abbreviated(instance)}"
            )
        _check_names(instance, signature, f"item {i} of 'instances'")
    return {name: [x[name] for x in instances] for name in signature.inputs}


def _only_input(signature, key):
    if len(signature.inputs) != 1:
        raise status_codes.invalid(
            f"{key!r} must name each input, of which there are several: "
            f"{', '.join(signature.inputs)}"
        )
    return next(iter(signature.inputs))


def _check_names(names, signature, where):
    for name in names:
        if name not in signature.inputs:
            raise status_codes.invalid(
                f"{where} must have the keys {', '.join(signature.inputs)}. "
                f"Received: {abbreviated(name)}"
            )
    for name in signature.inputs:
        if name not in names:
            raise status_codes.invalid(f"Missing named input: {name} in {where}")


def to_array(name, value, spec):
    """Converts the nested lists of an input to an array of its type.

    It is as strict as TF Serving: whole numbers for whole types, no booleans for
    numbers, all lists of a level of one length. It does not recurse.

    Args:
        name: str. Name of the input, for messages.
        value: Parsed JSON.
        spec: `Spec` of the input.
    """
    shape, values = [], [value]
    while {type(v) for v in values} == {list}:
        lengths = {len(v) for v in values}
        if len(lengths) > 1 or len(shape) == MAX_RANK:
            raise status_codes.invalid(
                f"input {name!r} must be a list of equal lists, at most "
                f"{MAX_RANK} deep. Received: {abbreviated(value)}"
            )
        shape += lengths
        values = list(itertools.chain.from_iterable(values))
        if not values:
            raise status_codes.invalid(f"input {name!r} must not be empty")
    array = _leaves(name, values, spec.dtype).reshape(shape)
    spec.check(name, array.shape)
    return array


def _leaves(name, values, dtype):
    types = {type(v) for v in values}
    if dtype == tf.string:
        return np.array([_to_bytes(name, v) for v in values], object)
    allowed = {int, float} if dtype.is_floating else {int}
    allowed = {bool} if dtype.is_bool else allowed
    if not (dtype.is_floating or dtype.is_integer or dtype.is_bool):
        raise status_codes.ServingError(
            "UNIMPLEMENTED", f"input {name!r} is of a type without JSON"
        )
    if types - allowed:
        wrong = next(v for v in values if type(v) not in allowed)
        raise status_codes.invalid(
            f"JSON Value: {abbreviated(wrong)} of input {name!r} is not of "
            f"expected type: {dtype.name}"
        )
    kind = dtype.as_numpy_dtype
    try:
        if dtype.is_floating:
            with np.errstate(over="ignore"):
                array = np.array(values, np.float64).astype(kind)
            if np.isfinite(array).all():
                return array
        elif dtype.is_bool:
            return np.array(values, kind)
        elif dtype.min <= min(values) and max(values) <= dtype.max:
            return np.array(values, kind)
    except OverflowError:
        pass
    raise status_codes.invalid(
        f"input {name!r} must be of numbers that {dtype.name} can hold"
    )


def _is_bytes(value):
    return (
        isinstance(value, dict)
        and list(value) == ["b64"]
        and isinstance(value["b64"], str)
    )


def _to_bytes(name, value):
    if isinstance(value, str):
        try:
            return value.encode()
        except UnicodeEncodeError:
            raise status_codes.invalid(
                f"input {name!r} must be of Unicode strings"
            ) from None
    if not _is_bytes(value):
        raise status_codes.invalid(
            f"JSON Value: {abbreviated(value)} of input {name!r} is not of expected "
            "type: string"
        )
    try:
        return base64.b64decode(value["b64"], validate=True)
    except (binascii.Error, ValueError):
        raise status_codes.invalid(f"input {name!r}: Unable to base64 decode") from None


def answer(outputs, rows):
    """Encodes the body of an answer.

    Args:
        outputs: dict of arrays by name.
        rows: bool. Whether the request came in rows (`instances`).

    Returns:
        bytes of JSON: `predictions` or `outputs`, without the name where there is one
            output.
    """
    key = "predictions" if rows else "outputs"
    [(name, array), *more] = outputs.items()
    if not more and array.dtype == np.uint8 and array.ndim:
        return b'{"%s":%s}' % (key.encode(), _dump_images(array))
    values = {name: _to_json(name, v) for name, v in outputs.items()}
    only = next(iter(values.values())) if len(values) == 1 else None
    if not rows:
        return _dump({"outputs": values if only is None else only})
    sizes = {array.shape[:1] for array in outputs.values()}
    if len(sizes) != 1 or sizes == {()}:
        raise status_codes.invalid(
            "the outputs do not share their first dimension; ask with "
            "'inputs' in place of 'instances'"
        )
    if only is None:
        only = [dict(zip(values, row)) for row in zip(*values.values())]
    return _dump({"predictions": only})


def _to_json(name, array):
    if array.dtype.kind not in "OS":
        if array.dtype.kind not in "biuf" or array.dtype == np.float16:
            raise status_codes.ServingError(
                "UNIMPLEMENTED",
                f"output {name!r} is of a type without JSON: {array.dtype}",
            )
        return array.tolist()
    convert = _as_base64 if name.endswith("_bytes") else _as_text
    flat = np.empty(array.size, object)
    flat[:] = [convert(v) for v in np.ravel(array)]
    return flat.reshape(np.shape(array)).tolist()


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


def _refuse_constant(text):
    raise ValueError(f"{text} is no JSON number")


def abbreviated(value):
    """Shortens a value of any size and depth for messages."""
    if isinstance(value, (list, dict)):
        kind = "Array" if isinstance(value, list) else "Object"
        return f"{kind} of {len(value)}"
    return ascii(value)[:60]
