"""Single values of the kinds that arguments have, from a text or from a value of TOML."""

import sys
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from types import NoneType
from typing import Any
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


READERS: Mapping[type, Callable[[str], Any]] = {
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
EXAMPLES: Mapping[type, Any] = {
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


def from_toml(value: Any, kind: type) -> Any:
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


def guessed(text: str) -> Any:
    """Return a number, a truth, a list or a quoted text of TOML as such, and all else as it is."""
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
    return value if isinstance(value, (bool, int, float, str, list)) else text
