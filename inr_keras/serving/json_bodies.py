"""Bodies of requests in TF Serving's JSON, read to arrays.

Nothing here needs TensorFlow or knows the types of inputs: a separate process
does the same for large bodies (see `body_reader`).
"""

import dataclasses
import itertools
import json

import numpy as np

from inr_keras.serving import status_codes

MAX_RANK = 8
_MAX_TEXTS = 65536
_KEYS = ("signature_name", "instances", "inputs")


@dataclasses.dataclass
class Body:
    """Content of a request's body.

    Attributes:
        signature_name: str.
        rows: bool. Whether it came in rows (`instances`).
        columns: dict of arrays by the name of the input, int64, float64 or bool, or
            objects where there is text or a number that those cannot hold. `None` if
            there is no such signature, `{}` if there are no rows.
    """

    signature_name: str
    rows: bool
    columns: dict | None


def read(body, names):
    """Reads a body.

    Args:
        body: bytes of JSON; NaN and Infinity, which are not JSON, are refused.
        names: dict from the names of signatures to sorted dicts, from the names of
            inputs to texts for the error about a missing input.

    Returns:
        `Body`.

    Raises:
        ServingError: The body is malformed or lacks inputs of the signature.
    """
    document = _parse(body)
    rows = "instances" in document
    signature_name = document["signature_name"]
    inputs = names.get(signature_name)
    if inputs is None:
        return Body(signature_name, rows, None)
    if not rows:
        columns = document["inputs"]
        if not isinstance(columns, dict) or is_bytes(columns):
            columns = {_only_input(inputs, "inputs"): columns}
        _check_names(columns, inputs, "inputs")
    elif document["instances"] == []:
        return Body(signature_name, rows, {})
    else:
        columns = _columns(document["instances"], inputs)
    arrays = {name: _to_array(name, columns[name]) for name in inputs}
    return Body(signature_name, rows, arrays)


def _parse(body):
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
                f"keys must be among {', '.join(_KEYS)}. Received: {abbreviated(key)}"
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


def _columns(instances, inputs):
    if not isinstance(instances, list):
        raise status_codes.invalid(
            f"'instances' must be a list. Received: {abbreviated(instances)}"
        )
    named = isinstance(instances[0], dict) and not is_bytes(instances[0])
    if not named:
        return {_only_input(inputs, "instances"): instances}
    for i, instance in enumerate(instances):
        if not isinstance(instance, dict):
            raise status_codes.invalid(
                f"Expecting object at item {i} of 'instances'. Received: "
                f"{abbreviated(instance)}"
            )
        _check_names(instance, inputs, f"item {i} of 'instances'")
    return {name: [x[name] for x in instances] for name in inputs}


def _only_input(inputs, key):
    if len(inputs) != 1:
        raise status_codes.invalid(
            f"{key!r} must name each input, of which there are several: "
            f"{', '.join(inputs)}"
        )
    return next(iter(inputs))


def _check_names(names, inputs, where):
    for name in names:
        if name not in inputs:
            raise status_codes.invalid(
                f"{where} must have the keys {', '.join(inputs)}. "
                f"Received: {abbreviated(name)}"
            )
    for name in inputs:
        if name not in names:
            raise status_codes.invalid(
                f"Missing named input: {name} in {where}{inputs[name]}"
            )


def _to_array(name, value):
    """Converts nested lists, of equal lengths at each level, without recursion."""
    shape, values = [], [value]
    while (types := set(map(type, values))) == {list}:
        lengths = set(map(len, values))
        if len(lengths) > 1 or len(shape) == MAX_RANK:
            raise status_codes.invalid(
                f"input {name!r} must be a list of equal lists, at most "
                f"{MAX_RANK} deep. Received: {abbreviated(value)}"
            )
        shape += lengths
        values = list(itertools.chain.from_iterable(values))
        if not values:
            raise status_codes.invalid(f"input {name!r} must not be empty")
    return _leaves(name, values, types).reshape(shape)


def _leaves(name, values, types):
    try:
        if types == {int}:
            return np.array(values, np.int64)
        if types <= {int, float}:
            return np.array(values, np.float64)
    except OverflowError:
        pass
    if types == {bool}:
        return np.array(values, bool)
    if len(values) > _MAX_TEXTS:
        raise status_codes.invalid(
            f"input {name!r} must be of numbers, or of at most {_MAX_TEXTS} texts. "
            f"Received: {len(values)} values"
        )
    array = np.empty(len(values), object)
    array[:] = values
    return array


def is_bytes(value):
    """Tells whether a value stands for bytes: `{"b64": "..."}`."""
    return (
        isinstance(value, dict)
        and list(value) == ["b64"]
        and isinstance(value["b64"], str)
    )


def _refuse_constant(text):
    raise ValueError(f"{text} is no JSON number")


def abbreviated(value):
    """Shortens a value of any size and depth for messages."""
    if isinstance(value, (list, dict)):
        kind = "Array" if isinstance(value, list) else "Object"
        return f"{kind} of {len(value)}"
    return ascii(value)[:60]
