"""The values of a recipe as TOML text, a line for each kind, in an order that never changes."""

from collections.abc import Mapping
from textwrap import fill
from typing import Any

_WIDTH = 100


def toml_text(values: Mapping[str, Any]) -> str:
    """Write whole numbers, numbers, texts, lists and tables of these, key by key."""
    return "".join(f"{key} = {_top(value)}\n" for key, value in values.items())


def _top(value: Any) -> str:
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "[\n" + "".join(f"  {_inline(each)},\n" for each in value) + "]"
    text = _inline(value)
    if not isinstance(value, list) or len(text) < _WIDTH - 20:
        return text
    inner = fill(text[1:-1], _WIDTH, initial_indent="  ", subsequent_indent="  ")
    return f"[\n{inner},\n]"


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_part(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return _quoted(value) if isinstance(value, str) else repr(value).lower()


def _part(value: Any) -> str:
    """Break a long list inside of a table; TOML 1.0 lets an array, not a table, span lines."""
    text = _inline(value)
    if not isinstance(value, list) or len(text) < _WIDTH - 30:
        return text
    pairs = text[1:-1].replace(", [", ",\0[").replace(" ", "\1").replace("\0", " ")
    inner = fill(pairs, _WIDTH, initial_indent="  ", subsequent_indent="  ").replace("\1", " ")
    return f"[\n{inner},\n]"


def _quoted(text: str) -> str:
    """Write a text as TOML's basic string; control characters are spelled out."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in escaped) + '"'
