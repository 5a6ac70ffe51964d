"""Conversion of settings to dicts and back, changed copies and differences."""

import dataclasses
import types
import typing
from collections.abc import Mapping
from typing import Any

from inr_keras.config import bounds
from inr_keras.config import generators
from inr_keras.config.settings import Experiment
from inr_keras.config.settings import Stage

# Fields of earlier versions and the fields that have replaced them.
_RENAMED = {
    "judged_pictures": "evaluation.images",
    "evaluation.pictures": "evaluation.images",
    "loss.dense_critic": "loss.dense_discriminator",
    "data.frames": "data.video_length",
}


def to_dict(config) -> dict[str, Any]:
    """Converts settings to plain dicts, lists and scalars, for JSON.

    Example:
        >>> to_dict(Experiment())["stages"][0]["stride"]
        4
    """
    return dataclasses.asdict(config)


def from_dict(values: Mapping[str, Any]):
    """Rebuilds an Experiment from `to_dict`, of this version or earlier ones.

    Raises:
        ValueError: A field is unknown or its value has the wrong type.

    Example:
        >>> from_dict(to_dict(Experiment(seed=3))).seed
        3
    """
    if not isinstance(values, Mapping):
        raise ValueError(f"config must be a mapping. Received: {values!r}")
    values = {
        name: dict(value) if isinstance(value, Mapping) else value
        for name, value in values.items()
    }
    for old, new in _RENAMED.items():
        *part, old_name = old.split(".")
        holder = values.get(part[0]) if part else values
        if isinstance(holder, dict) and old_name in holder:
            value = holder.pop(old_name)
            part, name = new.split(".")
            values.setdefault(part, {}).setdefault(name, value)
    if "aligned_crops" in values:
        is_aligned = values.pop("aligned_crops")
        values["crops"] = {"starts": "aligned" if is_aligned else "grid"}
    return _build(Experiment, values, "config")


def _build(cls, values, path):
    if cls is generators.Generator:
        cls, values = _generator(values, path)
    for name in sorted(values):
        _check_field(cls, name, path)
    hints = typing.get_type_hints(cls)
    return cls(
        **{
            name: _convert(hints[name], value, f"{path}.{name}")
            for name, value in values.items()
        }
    )


def _generator(values, path):
    """Returns the class of a generator's settings and the values for its fields.

    Values for other architectures are dropped: earlier versions wrote all of them.
    """
    name = values.get("architecture", generators.CIPS.architecture)
    if name not in tuple(generators.ARCHITECTURES):  # It may be a list.
        raise ValueError(
            f"{path}.architecture must be one of "
            f"{', '.join(generators.ARCHITECTURES)}. Received: {name!r}"
        )
    cls = generators.ARCHITECTURES[name]
    others = set().union(*map(_names, generators.ARCHITECTURES.values()))
    others -= set(_names(cls))
    return cls, {k: v for k, v in values.items() if k not in others}


def _convert(hint, value, path):
    if dataclasses.is_dataclass(hint):
        if not isinstance(value, Mapping):
            raise ValueError(f"{path} must be a mapping. Received: {value!r}")
        return _build(hint, value, path)
    is_list = isinstance(hint, types.GenericAlias)  # tuple[X, ...]
    if is_list and isinstance(value, (list, tuple)):
        item = typing.get_args(hint)[0]
        return tuple(_convert(item, v, f"{path}[{i}]") for i, v in enumerate(value))
    for name, rule, received in bounds.wrong_types(hint, value, path):
        raise ValueError(f"{name} must be {rule}. Received: {received!r}")
    return hint(value)


def _names(cls):
    return [field.name for field in dataclasses.fields(cls)]


def _check_field(cls, name, path):
    names = _names(cls) if dataclasses.is_dataclass(cls) else ()
    if name not in names:
        raise ValueError(
            f"{path}.{name} is not a field of {cls.__name__}. "
            f"Fields: {', '.join(names)}"
        )


def changed(config, changes):
    """Copies settings and changes some fields of the copy.

    Args:
        config: Experiment.
        changes: dict from a field's name, dotted where nested, to its value;
            `stages.NAME` changes every stage whose field is not 0 or False.

    Raises:
        ValueError: There is no such field.

    Example:
        >>> changes = {"loss.r1_weight": 1.0, "stages.kimg": 8.0}
        >>> changed(Experiment(), changes).total_kimg
        24.0
    """
    config = from_dict(to_dict(config))
    for path, value in changes.items():
        *parents, name = path.split(".")
        if parents == ["stages"]:
            _check_field(Stage, name, "config.stages")
            for stage in config.stages:
                if getattr(stage, name) or name == "patch_decay":
                    setattr(stage, name, value)
            continue
        target, place = config, "config"
        for parent in parents:
            _check_field(type(target), parent, place)
            target, place = getattr(target, parent), f"{place}.{parent}"
        _check_field(type(target), name, place)
        setattr(target, name, value)
    return config


def fields(config):
    """Maps the dotted name of every field to its value.

    Example:
        >>> fields(Experiment())["data.source"]
        'openmoji'
    """
    return {name: value for name, value, _ in bounds.leaves(config)}


def differences(a, b):
    """Yields the name and both values of each field in which two settings differ.

    Example:
        >>> list(differences(Experiment(), Experiment(seed=3)))
        [('seed', 0, 3)]
    """
    first, second = fields(a), fields(b)
    for name in {**first, **second}:
        values = first.get(name), second.get(name)
        if plain(values[0]) != plain(values[1]):
            yield name, *values


def plain(value):
    """Converts a list to a tuple, so that the two compare equal."""
    return tuple(value) if isinstance(value, list) else value
