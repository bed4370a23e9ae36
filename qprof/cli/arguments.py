"""NAME=VALUE texts of the command line to values."""

import sys
from collections.abc import Sequence
from typing import Any

from qprof.errors import QprofError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def pairs(texts: Sequence[str] | None, option: str) -> dict[str, str]:
    """Return `texts` of the form NAME=VALUE as a mapping.

    Raises QprofError for another form, or a name given twice.
    """
    found: dict[str, str] = {}
    for text in texts or ():
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise QprofError(f"{option} {text!r} is not of the form NAME=VALUE.")
        if name.strip() in found:
            raise QprofError(f"{option} gives {name.strip()} twice.")
        found[name.strip()] = value
    return found


def typed(texts: Sequence[str] | None) -> dict[str, Any]:
    """Return the arguments of a call: numbers, true and false as such, all else as text."""
    return {name: _value(text) for name, text in pairs(texts, "--arg").items()}


def _value(text: str) -> Any:
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
    return value if isinstance(value, (bool, int, float, str, list)) else text
