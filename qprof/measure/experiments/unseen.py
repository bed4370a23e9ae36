"""Finds what a call returned and nobody read: a generator inside, an open result."""

import inspect
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from sqlalchemy import Result
from sqlalchemy.engine.result import FilterResult

_DEEPEST = 4
_CONTAINERS = (list, tuple, set, frozenset)


def unread(value: object) -> list[str]:
    """Return a sentence for what in `value` was never iterated."""
    kinds = sorted({_named(each) for each in _open(value, 0)})
    return [
        f"The call returned {kind} that was not iterated to its end: what it would load is not "
        "measured. Read it in a --touch step, to have it counted."
        for kind in kinds
    ]


def _named(value: Any) -> str:
    if isinstance(value, (Result, FilterResult)):
        return "a result"
    return f"a generator ({value.__name__})"


def _open(value: object, depth: int) -> Iterator[object]:
    if _is_open(value):
        yield value
    elif depth < _DEEPEST:
        for each in _held(value):
            yield from _open(each, depth + 1)


def _is_open(value: object) -> bool:
    if inspect.isgenerator(value):
        return value.gi_frame is not None
    if inspect.isasyncgen(value):
        return value.ag_frame is not None
    return isinstance(value, (Result, FilterResult)) and not value.closed


def _held(value: object) -> list[object]:
    if isinstance(value, _CONTAINERS):
        return list(value)
    if isinstance(value, dict):
        return list(value.values())
    if is_dataclass(value) and not isinstance(value, type):
        return [getattr(value, each.name) for each in fields(value)]
    return []
