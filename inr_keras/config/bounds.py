"""Dataclass fields with a default and a rule that their values must satisfy."""

import dataclasses
import math


def setting(default, rule, holds):
    """Declares a field with a default and a rule.

    Args:
        default: Any value.
        rule: str. Wording of the rule, after "must be" in an error.
        holds: Function that returns whether a value satisfies the rule; called
            for each item of a tuple.
    """
    return dataclasses.field(default=default, metadata={"rule": (rule, holds)})


def positive(default, rule="positive"):
    """Declares a field of numbers above 0."""
    return setting(default, rule, lambda value: value > 0)


def not_negative(default):
    """Declares a field of numbers from 0."""
    return setting(default, "zero or more", lambda value: value >= 0)


def share(default):
    """Declares a field of numbers from 0 to 1."""
    return setting(default, "between 0 and 1", lambda value: 0 <= value <= 1)


def zero_or_from(smallest, default=0):
    """Declares a field of numbers that are 0 or at least `smallest`."""
    rule = f"0, or from {smallest}"
    return setting(default, rule, lambda value: value == 0 or value >= smallest)


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
    """Yields the dotted name, value and rule (or `None`) of every field."""
    for field in dataclasses.fields(settings):
        name, value = prefix + field.name, getattr(settings, field.name)
        if dataclasses.is_dataclass(value):
            yield from leaves(value, f"{name}.")
        elif isinstance(value, (list, tuple)) and any(
            dataclasses.is_dataclass(item) for item in value
        ):
            yield f"{name} (their number)", len(value), None
            for i, item in enumerate(value):
                yield from leaves(item, f"{name}[{i}].")
        else:
            yield name, value, field.metadata.get("rule")


def find_violations(settings):
    """Yields the name, rule and value of each field that violates its rule."""
    for name, value, rule in leaves(settings):
        items = value if isinstance(value, (list, tuple)) else (value,)
        for item in items:
            if isinstance(item, float) and not math.isfinite(item):
                yield name, "a finite number", item
            if rule and not rule[1](item):
                yield name, rule[0], item


def check(settings, name):
    """Raises `ValueError` for the first field of `name` that violates its rule."""
    for field, rule, value in find_violations(settings):
        raise ValueError(f"`{name}.{field}` must be {rule}. Received: {value!r}")
