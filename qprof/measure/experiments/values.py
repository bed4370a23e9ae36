"""Whether two values are the same, whatever their `==` says; and what of a value changes by itself.

Values of columns are compared as the driver gave them, as far as that can be told: an array by its
items, NaN with NaN, and an object that has no `==` of its own by what it holds.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from copy import copy
from dataclasses import dataclass, fields, is_dataclass
from itertools import zip_longest
from typing import Any

_DEEPEST = 20
_WORDS = re.compile(r"(\W)")
_NOTHING = object()


@dataclass(frozen=True)
class Changing:
    """What two runs of one call gave differently: in whole, or some words of a text."""

    words: tuple[str | None, ...] = ()
    """Words of a text, None for one that changes; () for a value that changes in whole."""

    def allows(self, other: object) -> bool:
        """Return whether `other` differs in nothing but what changes."""
        if not self.words:
            return True
        found = _words(other)
        return len(found) == len(self.words) and all(
            word is None or word == theirs for word, theirs in zip(self.words, found, strict=True)
        )


def same(one: object, other: object, depth: int = 0) -> bool | None:
    """Return whether two values are the same; None where that cannot be told."""
    if one is other or _compares(one, other) is True:
        return True
    if isinstance(one, Changing):
        return one.allows(other)
    if depth > _DEEPEST or not _is_kind(one, other):
        return None if depth > _DEEPEST else False
    parts = list(_parts(one, other))
    if parts:
        return _all(same(*each, depth + 1) for each in parts)
    return _equal(one, other, depth)


def steady(first: object, second: object) -> object:
    """Return what two runs gave alike, with `Changing` in the place of what they did not."""
    mixed: object = Changing()
    if same(first, second) is not False:
        mixed = first
    elif isinstance(first, (str, bytes)) and isinstance(second, type(first)):
        mixed = _steady_text(first, second)
    elif isinstance(first, dict) and isinstance(second, dict) and first.keys() == second.keys():
        mixed = {key: steady(each, second[key]) for key, each in first.items()}
    elif isinstance(first, (list, tuple)) and isinstance(second, (list, tuple)):
        mixed = _steady_items(first, second)
    return mixed


def _steady_items(first: Any, second: Any) -> object:
    if len(first) != len(second):
        return Changing()
    found = [steady(*each) for each in zip(first, second, strict=True)]
    if isinstance(first, tuple):
        return tuple(found)
    mixed = copy(first)  # Not a list(): one that knows of its order still does.
    mixed[:] = found
    return mixed


def changes(value: object, where: str = "") -> Iterator[str]:
    """Yield where in a value something changes by itself: "['token']", or "" for all of it."""
    if isinstance(value, Changing):
        yield where
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from changes(each, f"{where}[{key!r}]")
    elif isinstance(value, (list, tuple)):
        for number, each in enumerate(value):
            yield from changes(each, f"{where}[{number}]")


def _words(value: object) -> list[str]:
    text = value.decode("latin-1") if isinstance(value, bytes) else value
    return _WORDS.split(text) if isinstance(text, str) else []


def _steady_text(first: object, second: object) -> Changing:
    ours, theirs = _words(first), _words(second)
    if len(ours) != len(theirs):
        return Changing()
    found = tuple(a if a == b else None for a, b in zip(ours, theirs, strict=True))
    return Changing(found if any(found) else ())


def _is_kind(one: object, other: object) -> bool:
    """Return whether two values can be the same at all: 1 and 1.0 can, a list and a text cannot."""
    numbers = isinstance(one, (int, float, complex)) and isinstance(other, (int, float, complex))
    lists = isinstance(one, list) and isinstance(other, list)
    return type(one) is type(other) or numbers or lists


def _parts(one: object, other: object) -> Iterator[tuple[object, object]]:
    """Yield the pairs of what two containers of one kind hold."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for key in {**one, **other}:
            yield one.get(key, _NOTHING), other.get(key, _NOTHING)
    elif isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        yield from zip_longest(one, other, fillvalue=_NOTHING)
    elif is_dataclass(one) and is_dataclass(other):
        for each in fields(one):
            yield getattr(one, each.name, _NOTHING), getattr(other, each.name, _NOTHING)


def _all(found: Iterator[bool | None]) -> bool | None:
    every = list(found)
    if False in every:
        return False
    return None if None in every else True


def _equal(one: Any, other: Any, depth: int) -> bool | None:
    if _is_own_other(one, other):
        return True
    with suppress(TypeError, ValueError, BufferError):
        return memoryview(one).tobytes() == memoryview(other).tobytes()
    if _compares(one, other) is False and _has_equality(one):
        return False
    held, theirs = held_by(one), held_by(other)
    if held is None or theirs is None:
        return None
    return same(held, theirs, depth + 1) if held or theirs else None


def _has_equality(value: object) -> bool:
    return any("__eq__" in vars(kind) for kind in type(value).__mro__[:-1])


def _compares(one: object, other: object) -> bool | None:
    """Return what `==` says, as far as it says yes or no."""
    try:
        found = one == other
        return found if isinstance(found, bool) else None
    except Exception:  # Code of the user's, which may raise anything.
        return None


def _is_own_other(one: object, other: object) -> bool:
    """Return whether both are no values that equal themselves, as NaN of any kind."""
    return _compares(one, one) is False and _compares(other, other) is False


def held_by(value: Any) -> dict[str, Any] | None:
    """Return what an object holds in its `__dict__` and its slots; None where it has neither."""
    held: dict[str, Any] | None = getattr(value, "__dict__", None)
    slots = [name for kind in type(value).__mro__ for name in _slots(kind)]
    if held is None and not slots:
        return None
    return {**(held or {}), **{name: getattr(value, name, None) for name in slots}}


def _slots(kind: type) -> Iterator[str]:
    """Yield the names of a class's slots as they are read; `__slots__` may be one text."""
    own = vars(kind).get("__slots__", ())
    for name in (own,) if isinstance(own, str) else own:
        if name in ("__dict__", "__weakref__"):
            continue
        hidden = name.startswith("__") and not name.endswith("__")
        yield f"_{kind.__name__.lstrip('_')}{name}" if hidden else name
