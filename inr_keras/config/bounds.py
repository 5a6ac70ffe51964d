"""Dataclass fields with a default and a rule that their values must satisfy."""

import dataclasses
import math
import numbers
import types
import typing

MOST = 10**9  # Upper bound of all numbers without a bound of their own.
LAYERS = 2**8
WIDTH = 2**14  # Channels of a layer.
_NUMBERS = {float: numbers.Real, int: numbers.Integral}


def setting(default, rule, holds, most=MOST):
    """Declares a field with a default and a rule.

    Args:
        default: Any value.
        rule: str. Wording of the rule, after "must be" in an error.
        holds: Function that returns whether a value satisfies the rule; called
            for each item of a tuple.
        most: int. Largest number that is allowed. Defaults to `MOST`.
    """
    metadata = {"rule": (rule, holds), "most": most}
    return dataclasses.field(default=default, metadata=metadata)


def positive(default, rule="positive", most=MOST):
    """Declares a field of numbers above 0."""
    return setting(default, rule, lambda value: value > 0, most)


def not_negative(default, most=MOST):
    """Declares a field of numbers from 0."""
    return setting(default, "zero or more", lambda value: value >= 0, most)


def below_one(default):
    """Declares a field of numbers from 0 and below 1, as of decays."""
    return setting(default, "from 0 and below 1", lambda value: 0 <= value < 1)


def share(default):
    """Declares a field of numbers from 0 to 1."""
    return setting(default, "between 0 and 1", lambda value: 0 <= value <= 1)


def zero_or_from(smallest, default=0, most=MOST):
    """Declares a field of numbers that are 0 or at least `smallest`."""
    rule = f"0, or from {smallest}"
    return setting(default, rule, lambda value: value == 0 or value >= smallest, most)


def power_of_two(smallest, default):
    """Declares a field of powers of two from `smallest`."""
    return setting(
        default,
        f"a power of two from {smallest}",
        lambda value: value >= smallest and not value & (value - 1),
    )


def choice(names, default):
    """Declares a field whose value, or each item of it, is one of some names."""
    rule = f"one of {', '.join(names)}"
    return setting(default, rule, lambda value: value in names)


def leaves(settings, prefix=""):
    """Yields the dotted name, value and metadata (rule and bound) of every field."""
    for field in dataclasses.fields(settings):
        name, value = prefix + field.name, getattr(settings, field.name)
        if dataclasses.is_dataclass(value):
            yield from leaves(value, f"{name}.")
        elif isinstance(value, (list, tuple)) and any(
            dataclasses.is_dataclass(item) for item in value
        ):
            yield f"{name} (their number)", len(value), {}
            for i, item in enumerate(value):
                yield from leaves(item, f"{name}[{i}].")
        else:
            yield name, value, field.metadata


def wrong_types(hint, value, name):
    """Yields the name, rule and value of each value that is not of its declared type.

    Args:
        hint: Type, dataclass or `tuple[X, ...]`.
        value: Any value; fields of a dataclass and items of a list are checked, too.
        name: str. Name of the value.
    """
    if isinstance(hint, types.GenericAlias):
        if not isinstance(value, (list, tuple)):
            yield name, "a list", value
            return
        for i, item in enumerate(value):
            yield from wrong_types(typing.get_args(hint)[0], item, f"{name}[{i}]")
    elif not isinstance(value, _NUMBERS.get(hint, hint)) or (
        hint in _NUMBERS and isinstance(value, bool)
    ):
        yield name, f"of type {hint.__name__}", value
    elif dataclasses.is_dataclass(hint):
        for part, part_hint in typing.get_type_hints(type(value)).items():
            yield from wrong_types(part_hint, getattr(value, part), f"{name}.{part}")


def find_violations(settings):
    """Yields the name, rule and value of each field that violates its type or rule."""
    for name, rule, value in wrong_types(type(settings), settings, ""):
        yield name.removeprefix("."), rule, value
    for name, value, metadata in leaves(settings):
        rule, most = metadata.get("rule"), metadata.get("most", MOST)
        items = value if isinstance(value, (list, tuple)) else (value,)
        for item in items:
            if isinstance(item, float) and not math.isfinite(item):
                yield name, "a finite number", item
            elif rule and not rule[1](item):
                yield name, rule[0], item
            elif isinstance(item, numbers.Real) and item > most:
                yield name, f"at most {most}", item


def check(settings, name):
    """Raises `ValueError` for the first field of `name` that violates its rule."""
    for field, rule, value in find_violations(settings):
        raise ValueError(f"`{name}.{field}` must be {rule}. Received: {value!r}")
