"""The FROM lists in a SQL text, and the tables in them that no condition links.

Only what is written with commas is looked at: who writes CROSS JOIN wants every pair.
"""

import re
from dataclasses import dataclass, field
from itertools import combinations
from typing import Literal

from qprof.domain.sql.groups import Groups

_PIECE = re.compile(
    r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\[[A-Za-z_][^\]]*\]|--[^\n]*|/\*.*?\*/
    |[(),;]|(?:[^\W\d]|\$)[\w$]*(?:\s*\.\s*(?:\*|"[^"]*"|`[^`]*`|\[[^\]]*\]|[^\W\d][\w$]*))*
    |[%:@]\(?\w+\)?s?|\d[\w.]*|[^\s\w]""",
    re.VERBOSE | re.DOTALL,
)
_ENDS = frozenset(
    (
        "GROUP",
        "ORDER",
        "HAVING",
        "LIMIT",
        "OFFSET",
        "FETCH",
        "UNION",
        "EXCEPT",
        "INTERSECT",
        "MINUS",
        "WINDOW",
        "FOR",
        "RETURNING",
        "QUALIFY",
        "CONNECT",
        "START",
        "PROCEDURE",
        "INTO",
    )
)
"""What ends a FROM list and its conditions."""
_NOT_PLAIN = frozenset(
    (
        "JOIN",
        "LATERAL",
        "UNNEST",
        "TABLE",
        "ONLY",
        "TABLESAMPLE",
        "VALUES",
        "CROSS",
        "NATURAL",
        "WITH",
        "AT",
    )
)
"""Words after which an element of a FROM list is more than a table and its name."""
_HARMLESS = frozenset(
    (
        "AND",
        "OR",
        "NOT",
        "IS",
        "NULL",
        "IN",
        "LIKE",
        "ILIKE",
        "BETWEEN",
        "EXISTS",
        "TRUE",
        "FALSE",
        "ESCAPE",
        "COLLATE",
        "NOCASE",
        "CASE",
        "WHEN",
        "THEN",
        "ELSE",
        "END",
        "AS",
        "ANY",
        "ALL",
        "SOME",
        "DATE",
        "TIME",
        "TIMESTAMP",
        "INTERVAL",
    )
)
"""Words of a condition that name no column."""

_EXPANDED = re.compile(r"__\[POSTCOMPILE_[^\]]*\]")
_WITH = r"""["`\]]?\s*(?:\([^()]*\)\s*)?AS\s+(?:(?:NOT\s+)?MATERIALIZED\s+)?\("""

Part = Literal["columns", "from", "where", "rest"]


@dataclass
class _Select:
    """One SELECT, as far as it was read; elements and conditions are lists of its pieces."""

    derived: bool = False
    """Whether it stands for a table: its columns can be linked from outside."""
    part: Part = "columns"
    elements: list[list[str]] = field(default_factory=lambda: [[]])
    conditions: list[list[str]] = field(default_factory=lambda: [[]])


def several_in_from(sql: str) -> bool:
    """Return whether any SELECT in `sql` names several things in its FROM, with commas."""
    return any(len(select.elements) > 1 for select in _selects(sql))


def unlinked_in(sql: str) -> tuple[str, ...]:
    """Return the first table of each FROM list in `sql`, and those that nothing links to it.

    () where the text alone does not tell: lists of anything but tables, columns without the name
    of their table in a condition of several, tables that stand in WITH.
    """
    if "," not in sql:
        return ()
    selects = _selects(_EXPANDED.sub("?", sql))
    named = [_unlinked(each, sql) for each in selects if not _linked_outside(each, selects)]
    return tuple(sorted({name for names in named for name in names}))


def _linked_outside(select: _Select, selects: list[_Select]) -> bool:
    """Return whether what `select` leaves apart may be linked where it is read from."""
    others = [each for each in selects if each is not select]
    return select.derived and any(_compares(each) for each in others)


def _compares(select: _Select) -> bool:
    """Return whether any condition in `select` names two columns."""
    joins = any("JOIN" in map(str.upper, each) for each in select.elements)
    return joins or any(len(_columns(each)) > 1 for each in select.conditions)


def _selects(sql: str) -> list[_Select]:
    """Return each SELECT of `sql`, in the order in which they begin."""
    brackets = _Brackets()
    for piece in _PIECE.findall(sql):
        if not piece.startswith(("--", "/*")):
            brackets.read(piece)
    return brackets.selects


class _Brackets:
    """Where in a text one is: the SELECT of each bracket that is open."""

    def __init__(self) -> None:
        self.selects: list[_Select] = []
        self._now: _Select | None = None
        self._around: list[_Select | None] = []

    def read(self, piece: str) -> None:
        """Take the next piece of the text."""
        if piece == ";":
            self._now, self._around = None, []
            return
        if piece == "(":
            _take(self._now, piece)
            self._around.append(self._now)
            self._now = None
            return
        if piece == ")":
            self._now = self._around.pop() if self._around else None
            _take(self._now, piece)
            return
        if piece.upper() == "SELECT":
            outer = next((each for each in reversed(self._around) if each is not None), None)
            self._now = _Select(bool(self._around) and (outer is None or outer.part == "from"))
            self.selects.append(self._now)
        elif self._now is not None:
            _read(self._now, piece, piece.upper())
        for select in self._around:
            _take(select, piece)


def _read(select: _Select, piece: str, word: str) -> None:
    if word == "FROM" and select.part == "columns":
        select.part = "from"
    elif word == "WHERE" and select.part == "from":
        select.part = "where"
    elif word in _ENDS and select.part != "columns":
        select.part = "rest"
    elif piece == "," and select.part == "from":
        select.elements.append([])
    elif word in ("AND", "OR") and select.part == "where" and not _waits(select.conditions[-1]):
        select.conditions.append([])
    else:
        _take(select, piece)


def _waits(condition: list[str]) -> bool:
    """Return whether the AND that comes next belongs to a BETWEEN."""
    words = [each.upper() for each in condition]
    return words.count("BETWEEN") > words.count("AND")


def _take(select: _Select | None, piece: str) -> None:
    if select is not None and select.part == "from":
        select.elements[-1].append(piece)
    elif select is not None and select.part == "where":
        select.conditions[-1].append(piece)


def _unlinked(select: _Select, sql: str) -> tuple[str, ...]:
    names = [_name(element, sql) for element in select.elements]
    if len(names) < 2 or None in names or len(set(names)) < len(names):
        return ()
    groups = Groups(str(each) for each in names)
    for condition in select.conditions:
        tables = _tables(condition)
        if tables is None:
            return ()
        for one, other in combinations(tables, 2):
            groups.unite(one, other)
    first = str(names[0])
    apart = [str(each) for each in names if not groups.together(str(each), first)]
    return (first, *apart) if apart else ()


def _name(element: list[str], sql: str) -> str | None:
    """Return what an element of a FROM list is called; None unless it is a plain table."""
    words = [each.upper() for each in element]
    plain = element and not _NOT_PLAIN.intersection(words) and "(" not in element
    if not plain or len(element) > 3 or (len(element) == 3 and words[1] != "AS"):
        return None
    table = _last(element[0])
    in_with = re.search(rf"\b{re.escape(table)}\b{_WITH}", sql, re.IGNORECASE)
    return None if in_with else _last(element[-1])


def _tables(condition: list[str]) -> list[str] | None:
    """Return the tables that a condition names; None where a column may be of any of them."""
    columns = _columns(condition)
    tables = [_last(each.rpartition(".")[0]) for each in columns if "." in each]
    return None if len(tables) < len(columns) > 1 else list(dict.fromkeys(tables))


def _columns(condition: list[str]) -> list[str]:
    return [
        each
        for each, after in zip(condition, [*condition[1:], ""], strict=False)
        if re.match(r'[^\W\d]|["`\[]', each) and each.upper() not in _HARMLESS and after != "("
    ]


def _last(name: str) -> str:
    return name.rpartition(".")[2].strip(' "`[]').lower()
