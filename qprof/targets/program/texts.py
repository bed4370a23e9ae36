"""SQL texts without their data: what tells two statements of a program apart."""

import re

_LITERAL = re.compile(
    r"""(?P<name>"[^"]*"|`[^`]*`|\[[A-Za-z_][^\]]*\])|'(?:[^']|'')*'|(?<![\w$:@.?%])\d+(?:\.\d+)?\b"""
)
_LIST = re.compile(r"\?(?:\s*,\s*\?)+")


def without_data(sql: str) -> str:
    """Return `sql` with literals as question marks, and lists of those as one.

    Statements that carry their values in the text are one statement then, and no value of the
    program's gets into a trace.
    """
    bare = _LITERAL.sub(lambda found: found.group("name") or "?", sql)
    return sql if bare == sql else _LIST.sub("?", bare)
