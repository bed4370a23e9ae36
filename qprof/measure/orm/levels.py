"""The SELECTs within a statement: the tables that each reads itself, and the conditions on them.

What a SELECT within another may share with it are SQLAlchemy's own `_correlate`,
`_correlate_except` and `_auto_correlate`, in 2.0 and 2.1.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Alias, Select, Table
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.selectable import AliasedReturnsRows, FromGrouping, Join

Read = tuple[str, str]
"""The name that a statement gives to a table, and the table's own; that is "" for a subquery."""


@dataclass(frozen=True)
class Level:
    """A SELECT, without those in it."""

    tables: frozenset[Read]
    clauses: tuple[tuple[object, frozenset[Read]], ...]
    """Conditions, each with the tables whose rows it may choose."""


def levels_of(statement: object, names: object) -> Iterator[Level]:
    """Yield the SELECTs of `statement`; `names` are those that SQLAlchemy made up for it."""
    yield from _levels(statement, frozenset(), names, set())


def read_of(element: ClauseElement, names: object) -> Read:
    """Return what `element` of a FROM is called, and which table it is."""
    table = element.element if isinstance(element, Alias) else element
    name = getattr(element, "name", "")
    # An alias without a name gets one when its statement is compiled.
    name = name.apply_map(names) if hasattr(name, "apply_map") else name
    return str(name), table.fullname if isinstance(table, Table) else ""


def _levels(element: Any, outer: frozenset[Read], names: object, seen: set[int]) -> Iterator[Level]:
    if id(element) in seen:
        return
    seen.add(id(element))
    if isinstance(element, Select):
        level = _level(element, outer, names)
        yield level
        outer |= level.tables
    elif isinstance(element, AliasedReturnsRows):
        outer = frozenset()
    for child in element.get_children():
        yield from _levels(child, outer, names, seen)


def _level(select: Select[Any], outer: frozenset[Read], names: object) -> Level:
    elements = list(_elements(*select.get_children()))
    read = frozenset(read_of(each, names) for each in elements if not isinstance(each, Join))
    own = read - _shared(select, read & outer, len(read), names)
    joins = [each for each in elements if isinstance(each, Join)]
    clauses = [(each.onclause, own & _chosen(each, names)) for each in joins]
    where = [] if select.whereclause is None else [(select.whereclause, own)]
    return Level(own, (*where, *clauses))


def _elements(*waiting: object) -> Iterator[Any]:
    """Yield the tables, subqueries and joins among `waiting`, and in joins and brackets."""
    for each in waiting:
        if isinstance(each, FromGrouping):
            yield from _elements(each.element)
        elif isinstance(each, Join):
            yield from (each, *_elements(each.left, each.right))
        elif isinstance(each, (Table, AliasedReturnsRows)):
            yield each


def _shared(
    select: Select[Any], both: frozenset[Read], tables: int, names: object
) -> frozenset[Read]:
    """Return the tables that are those of the SELECT around it, rather than its own."""
    if select._correlate_except is not None:
        return both - {read_of(each, names) for each in select._correlate_except}
    if select._auto_correlate:
        return both if tables > 1 else frozenset()
    return both & {read_of(each, names) for each in select._correlate}


def _chosen(join: Any, names: object) -> frozenset[Read]:
    """Return the tables of which ON chooses rows: an outer join keeps those of its left side."""
    sides = () if join.full else (join.right,) if join.isouter else (join.left, join.right)
    return frozenset(read_of(each, names) for each in _elements(*sides))
