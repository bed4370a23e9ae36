"""Frozen dataclasses to plain JSON values and back, by their annotations alone."""

import dataclasses
import json
import types
import typing
from collections.abc import Mapping
from typing import Any, TypeVar, cast

T = TypeVar("T")


def to_json(value: object) -> Any:
    """Return `value` as dicts, lists and scalars; every field of a dataclass becomes a key."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_json(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): to_json(each) for key, each in value.items()}
    if isinstance(value, (tuple, list)):
        return [to_json(each) for each in value]
    return value


def json_text(value: object, indent: int = 2) -> str:
    """Return plain values as JSON, in lines that end a file.

    Half a surrogate pair cannot be written; its backslash form is JSON's own.
    """
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    return text.encode("utf-8", "backslashreplace").decode("utf-8") + "\n"


def from_json(kind: type[T], value: object) -> T:
    """Return `value` as a `kind`; the inverse of `to_json`.

    Raises TypeError where a required key is missing, where one is unknown, and where a value is of
    another kind.
    """
    return cast("T", _build(kind, value))


def _build(kind: object, value: Any) -> Any:
    origin = typing.get_origin(kind)
    if origin in (types.UnionType, typing.Union):
        return None if value is None else _build(_without_none(kind), value)
    if origin is tuple:
        return _tuple(typing.get_args(kind), value)
    if origin in (dict, Mapping):
        return {key: _build(typing.get_args(kind)[1], each) for key, each in value.items()}
    if dataclasses.is_dataclass(kind):
        hints, make = typing.get_type_hints(kind), cast("type[Any]", kind)
        return make(**{key: _build(hints.get(key, Any), each) for key, each in value.items()})
    return _leaf(kind, value)


def _leaf(kind: Any, value: object) -> object:
    """Return `value` if it is of that kind; a whole number will do for a float."""
    wanted = {float: (float, int), int: (int,), str: (str,), bool: (bool,)}.get(kind)
    if wanted and (not isinstance(value, wanted) or (kind is not bool and isinstance(value, bool))):
        raise TypeError(f"{value!r} is no {kind.__name__}")
    return value


def _without_none(kind: object) -> object:
    arms = [arm for arm in typing.get_args(kind) if arm is not type(None)]
    return arms[0] if len(arms) == 1 else Any


def _tuple(arms: tuple[object, ...], value: Any) -> tuple[object, ...]:
    if len(arms) == 2 and arms[1] is Ellipsis:
        return tuple(_build(arms[0], each) for each in value)
    return tuple(_build(arm, each) for arm, each in zip(arms, value, strict=True))
