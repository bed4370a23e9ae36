"""A statement without the values and comments in its text, by the rules of its database.

This runs inside of other people's programs, once for each different text: on the standard library
alone, in one pass. What cannot be told for a name is taken for a value: a shape that lacks a name
does less harm than a trace that has somebody's address.
"""

import re
from collections.abc import Iterator, Mapping

REST = "-- statements beyond the first 10,000 different ones"
UNWRITTEN = "-- statements that there was no room to keep apart"
"""These stand where a statement does: for many, in a trace of `qprof run`."""

_LIST = re.compile(r"\?(?:\s*,\s*\?)+")

_STANDARD = r"'[^']*(?:''[^']*)*(?:'|\Z)"
_ESCAPED = r"'[^'\\]*(?:(?:\\.|'')[^'\\]*)*(?:'|\\?\Z)"
_DOUBLE = r'"[^"]*(?:""[^"]*)*(?:"|\Z)'
_DOUBLE_ESCAPED = r'"[^"\\]*(?:(?:\\.|"")[^"\\]*)*(?:"|\\?\Z)'
_DASHES = r"--[^\n]*"
_BLOCK = r"/\*.*?(?:\*/|\Z)"
_BACKTICKS = r"`[^`]*(?:``[^`]*)*(?:`|\Z)"
_BRACKETS = r"\[[A-Za-z_][^\]]*\]"
_WORD = r"[^\W\d][\w$]*"
_BIND = r"%\([^)]*\)s|%s|::|:[^\W\d]\w*|\$\d+|@[\w.]+|\?\d*"
_NUMBER = r"(?:\d|\.\d)[\w.]*(?:(?<=[eE])[+-]\d+)?"


def _tokens(*, value: str, comment: str, name: str) -> re.Pattern[str]:
    return re.compile(
        rf"(?P<comment>{comment})|(?P<value>{value})|(?P<name>{name})|(?P<word>{_WORD})"
        rf"|(?P<bind>{_BIND})|(?P<number>{_NUMBER})|(?P<space>\s+)|(?P<other>.)",
        re.DOTALL,
    )


_MYSQL = _tokens(
    # A word before the quote says the character set: _utf8mb4'…'.
    value=rf"(?:[nNbBxX]|_\w+)?{_ESCAPED}|{_DOUBLE_ESCAPED}",
    # 5--1 is a difference here: dashes begin a comment only before a space.
    comment=rf"--(?=\s|\Z)[^\n]*|#[^\n]*|{_BLOCK}",
    name=_BACKTICKS,
)
_POSTGRESQL = _tokens(
    value=rf"[eE]{_ESCAPED}|(?:[nNbBxX]|[uU]&)?{_STANDARD}"
    r"|\$(?P<tag>(?:[^\W\d]\w*)?)\$.*?(?:\$(?P=tag)\$|\Z)",
    comment=rf"{_DASHES}|/\*",
    name=rf"(?:[uU]&)?{_DOUBLE}",
)
_SQLITE = _tokens(
    value=rf"[xX]?{_STANDARD}",
    comment=rf"{_DASHES}|{_BLOCK}",
    name=rf"{_DOUBLE}|{_BACKTICKS}|{_BRACKETS}",
)
_OTHER = _tokens(
    value=r"[nN]?[qQ]'(?:\[.*?(?:\]'|\Z)|\{.*?(?:\}'|\Z)|\(.*?(?:\)'|\Z)|<.*?(?:>'|\Z)"
    rf"|(?P<tag>[^\s\w]).*?(?:(?P=tag)'|\Z))|(?:[nNbBxX])?{_STANDARD}",
    comment=rf"{_DASHES}|{_BLOCK}",
    name=rf"{_DOUBLE}|{_BACKTICKS}|{_BRACKETS}",
)
_DIALECTS: Mapping[str, re.Pattern[str]] = {
    "mysql": _MYSQL,
    "mariadb": _MYSQL,
    "postgresql": _POSTGRESQL,
    "sqlite": _SQLITE,
}
_KEPT = ("name", "word", "bind", "space", "other")


def without_values(sql: str, dialect: str) -> str:
    """Return `sql` with a question mark for each value in its text, one for a list of them.

    Comments are left out: what writes them puts users and requests there.
    """
    if sql in (REST, UNWRITTEN):
        return sql
    bare = "".join(_pieces(sql, dialect))
    return sql if bare == sql else _LIST.sub("?", bare)


def _pieces(sql: str, dialect: str) -> Iterator[str]:
    pattern = _DIALECTS.get(dialect, _OTHER)
    names = _Names(sql) if pattern is _SQLITE else None
    at = 0
    while at < len(sql):
        found = pattern.match(sql, at)
        assert found is not None
        kind, text = found.lastgroup, found.group()
        # A group within a group is the last one that was closed.
        kind = "value" if kind == "tag" else kind
        at = found.end()
        if kind == "comment":
            at = _end_of_nested(sql, at) if text == "/*" else at
            yield " "
        elif kind in _KEPT:
            yield text if names is None or names.is_name(str(kind), text, at) else "?"
        else:
            yield "?"


def _end_of_nested(sql: str, at: int) -> int:
    """Return where a comment ends that began before `at`: PostgreSQL's hold others."""
    depth = 1
    for found in _EDGES.finditer(sql, at):
        depth += 1 if found.group() == "/*" else -1
        if not depth:
            return found.end()
    return len(sql)


_EDGES = re.compile(r"/\*|\*/")
_BEFORE_NAME = frozenset(
    (
        *("AS", "FROM", "JOIN", "INTO", "UPDATE", "TABLE", "INDEX", "VIEW", "EXISTS", "ON"),
        *("REFERENCES", "SAVEPOINT", "TO", "RELEASE", "SET", "COLUMN", "CONSTRAINT", "COLLATE"),
    )
)
_DEFINES = frozenset(("CREATE", "ALTER", "DROP", "PRAGMA", "SAVEPOINT", "RELEASE", "ROLLBACK"))


class _Names:
    """Tells SQLite's double quotes for a name from those for a text, by where they stand.

    SQLite takes "x" for a text where no column is called so. Taken for a name is what stands next
    to a dot, after AS, FROM and the like, before the = of a SET, or among the columns of an INSERT.
    """

    def __init__(self, sql: str) -> None:
        self._sql = sql
        self._first = ""
        self._before = ""
        self._word = ""
        self._columns = False

    def is_name(self, kind: str, text: str, end: int) -> bool:
        """Return whether the token that ends at `end` may be shown; each is asked for in turn."""
        if kind == "space":
            return True
        shown = not (kind == "name" and text.startswith('"')) or self._is_named(end)
        upper = text.upper()
        if kind == "word":
            self._first = self._first or upper
            self._word = upper
            if upper in ("VALUES", "SELECT", "DEFAULT", "WHERE", "RETURNING", "CONFLICT"):
                self._columns = upper == "CONFLICT"
            elif upper == "INTO":
                self._columns = True
        self._before = upper
        return shown

    def _is_named(self, end: int) -> bool:
        after = self._sql[end:].lstrip()[:2]
        if self._before == "." or after[:1] == "." or self._before in _BEFORE_NAME:
            return True
        if self._columns or (self._first in _DEFINES and self._word != "DEFAULT"):
            return True
        is_target = self._before in (",", "SET") and after[:1] == "=" and after != "=="
        return is_target and self._word == "SET"
