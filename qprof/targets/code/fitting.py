"""An argument as it was typed, or as TOML has it, to what its parameter's annotation asks for."""

import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from uuid import UUID

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_IN_TOML = (str, int, float, bool, NoneType)
"""What TOML has a value for, or, as with None, has no way to write; others may be texts there."""


def _truth(text: str) -> bool:
    if text.lower() not in _TRUTH:
        raise ValueError(text)
    return _TRUTH[text.lower()]


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError(text) from None


def _none(text: str) -> None:
    if text.lower() not in ("none", "null"):
        raise ValueError(text)


READERS: Mapping[type, Callable[[str], object]] = {
    str: str,
    int: int,
    float: float,
    bool: _truth,
    Decimal: _decimal,
    date: date.fromisoformat,
    datetime: datetime.fromisoformat,
    time: time.fromisoformat,
    UUID: UUID,
    NoneType: _none,
}
"""Each raises ValueError for a text that is none of its kind."""
EXAMPLES: Mapping[type, object] = {
    str: "a",
    int: 1,
    float: 1.0,
    bool: True,
    Decimal: "1.50",
    date: "2030-12-31",
    datetime: "2030-12-31T12:00:00",
    time: "12:00:00",
    UUID: "00000000-0000-0000-0000-000000000001",
}
"""A value of each kind, as TOML would have it."""


def from_toml(value: object, kind: type) -> object:
    """Return `value` as one of the kinds of `READERS`; an int is a float, too, but no bool.

    Raises ValueError where it is of another kind.
    """
    if type(value) is kind:
        return value
    if kind is float and type(value) is int:
        return float(value)
    if kind in _IN_TOML or isinstance(value, bool):
        raise ValueError(value)
    return READERS[kind](str(value))


def guessed(text: str) -> object:
    """Return a number, a truth, a list or a quoted text of TOML as such, and all else as it is."""
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
    return value if isinstance(value, (bool, int, float, str, list)) else text


_LISTS: Mapping[object, Callable[[Iterable[object]], object]] = {
    **dict.fromkeys((list, Sequence, Collection, Iterable), list),
    set: set,
    frozenset: frozenset,
}


def fitted(value: Any, annotation: object, *, text: bool) -> object:
    """Return `value` as the annotation has it; with `text`, it was typed on a command line.

    The kinds are those of `READERS`, enums, Literal, and unions and lists of them; another
    annotation leaves a value of TOML as it is, and a text as `guessed` has it. Raises ValueError
    for a value that does not fit.
    """
    kind, parts = _taken_apart(annotation)
    if kind is Union:
        return _one_of(value, parts, text=text)
    if _is_choice(kind):
        return _chosen(value, _choices(kind, parts), text=text)
    if not isinstance(kind, type) or kind not in {*READERS, *_LISTS}:
        return guessed(value) if text else value
    if kind in _LISTS:
        return _LISTS[kind](_items(value, *parts, text=text))
    return READERS[kind](value) if text else from_toml(value, kind)


def example(annotation: object) -> object:
    """Return a value that fits the annotation, as TOML has it; None for one of another kind."""
    kind, parts = _taken_apart(annotation)
    if kind is Union:
        return next(filter(None, map(example, parts)), None)
    if _is_choice(kind):
        return next((key for key, _ in _choices(kind, parts)), None)
    if not isinstance(kind, type):
        return None
    return [example(each) for each in parts] if kind in _LISTS else EXAMPLES.get(kind)


def shown(annotation: Any) -> str:
    """Return the annotation as its user wrote it, about, and what an enum has to choose from."""
    kind, _ = _taken_apart(annotation)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return f"{kind.__name__}, which is {', '.join(kind.__members__)}"
    is_plain = isinstance(annotation, type) and not get_args(annotation)
    return str(annotation.__name__ if is_plain else annotation)


def _taken_apart(annotation: object) -> tuple[object, tuple[object, ...]]:
    """Return the origin and the arguments of an annotation, without what only names or marks it."""
    if get_origin(annotation) is Annotated:
        return _taken_apart(get_args(annotation)[0])
    if hasattr(annotation, "__supertype__"):  # a NewType
        return _taken_apart(annotation.__supertype__)
    kind = get_origin(annotation) or annotation
    return Union if kind is UnionType else kind, get_args(annotation)


def _is_choice(kind: object) -> bool:
    return kind is Literal or (isinstance(kind, type) and issubclass(kind, Enum))


def _choices(kind: Any, parts: Sequence[object]) -> list[tuple[object, object]]:
    """Return what may be written for each choice: of an enum its name or its value."""
    if kind is Literal:
        return [(each, each) for each in parts]
    members = kind.__members__
    return [*members.items(), *((each.value, each) for each in members.values())]


def _chosen(value: object, choices: Iterable[tuple[object, object]], *, text: bool) -> object:
    for key, choice in choices:
        if str(key) == value if text else type(key) is type(value) and key == value:
            return choice
    raise ValueError(value)


def _one_of(value: object, parts: Sequence[object], *, text: bool) -> object:
    for part in sorted(parts, key=_rank):
        with suppress(ValueError):
            return fitted(value, part, text=text)
    raise ValueError(value)


def _rank(annotation: object) -> int:
    """Return when a part of a union is tried: late, what any text fits; last, what all does."""
    kind, _ = _taken_apart(annotation)
    if kind in (str, NoneType):
        return 1 + (kind is NoneType)
    return 0 if _is_choice(kind) or kind in {*READERS, *_LISTS} else 3


def _items(value: Any, part: object = Any, *, text: bool) -> Iterable[object]:
    """Return the items of a list of TOML, or of a text with commas between them."""
    found = guessed(value) if text else value
    if isinstance(found, list):
        return [fitted(each, part, text=False) for each in found]
    if not text:
        raise ValueError(value)
    return [fitted(each.strip(), part, text=True) for each in value.split(",") if each.strip()]
