"""Aggregates whose rows a JOIN of the statement's own repeats: they count each row several times.

From the table that an aggregate is of, a way along the joins repeats its rows where it leads from
one row to many: count(albums.id) is too large where the artist's concerts are joined as well.

Private names of SQLAlchemy, the same in 2.0 and 2.1: `_raw_columns`.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import BinaryExpression, ColumnElement, FromClause, FunctionElement, Join, Select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import UnaryExpression
from sqlalchemy.sql.selectable import Exists, ScalarSelect, SelectBase

from qprof.measure.orm.orders import COUNTING

Links = dict[FromClause, dict[FromClause, bool]]
"""For each FROM element those that an equality links to it: whether a row may have many there."""
_ADDING = COUNTING - {"count"}
"""Aggregates of a parent beside its own children: to count these is what people mean by count()."""


def repeated_aggregates(statement: Any) -> tuple[tuple[str, str], ...]:
    """Return each aggregate that joined rows repeat, and the table that repeats them."""
    if not isinstance(statement, Select):
        return ()
    aggregates = [each for column in statement._raw_columns for each in _aggregates(column)]
    if not aggregates:
        return ()
    try:
        links = _links(statement)
    except SQLAlchemyError:
        # A FROM that cannot be told without the rest of the statement; its run will say so.
        return ()
    found = ((each, _repeats(each, links)) for each in aggregates)
    return tuple(dict.fromkeys((_shown(each), by) for each, by in found if by is not None))


def _aggregates(element: Any) -> Iterator[Any]:
    for each in _within(element):
        named = isinstance(each, FunctionElement) and getattr(each, "name", "") in COUNTING
        if named and not any(map(_is_distinct, each.clauses)):
            yield each


def _within(element: Any) -> Iterator[Any]:
    """Yield what an element is made of, but for other SELECTs."""
    other = isinstance(element, (FromClause, SelectBase, ScalarSelect, Exists))
    # A function can stand in a FROM, too.
    if not other or isinstance(element, FunctionElement):
        yield element
        for child in element.get_children():
            yield from _within(child)


def _is_distinct(clause: object) -> bool:
    return isinstance(clause, UnaryExpression) and clause.operator is operators.distinct_op


def _columns(element: Any) -> list[Any]:
    return [
        each
        for each in _within(element)
        if isinstance(each, ColumnElement) and isinstance(getattr(each, "table", None), FromClause)
    ]


def _links(statement: "Select[Any]") -> Links:
    links: Links = {}
    conditions = [each for part in statement.get_final_froms() for each in _conditions(part)]
    if statement.whereclause is not None:
        conditions.append(statement.whereclause)
    for condition in conditions:
        for each in _within(condition):
            if isinstance(each, BinaryExpression) and each.operator is operators.eq:
                _link(links, each.left, each.right)
    return links


def _conditions(part: FromClause) -> Iterator[Any]:
    if isinstance(part, Join):
        yield part.onclause
        yield from _conditions(part.left)
        yield from _conditions(part.right)


def _link(links: Links, left: Any, right: Any) -> None:
    one, other = getattr(left, "table", None), getattr(right, "table", None)
    if not isinstance(one, FromClause) or not isinstance(other, FromClause) or one is other:
        return
    for here, there, column in ((one, other, right), (other, one, left)):
        many = links.setdefault(here, {})
        many[there] = many.get(there, True) and not _is_unique(column)


def _is_unique(column: Any) -> bool:
    """Return whether a table has a value of a column once; what is no column of a table may."""
    base = next(iter(column.base_columns), None)
    table: Any = getattr(base, "table", None)
    if base is None or not hasattr(table, "primary_key"):
        return True
    keys = [table.primary_key.columns, *(each.columns for each in _uniques(table))]
    return bool(base.unique) or any(list(each) == [base] for each in keys)


def _uniques(table: Any) -> Iterator[Any]:
    yield from (each for each in table.indexes if each.unique)
    yield from (each for each in table.constraints if type(each).__name__ == "UniqueConstraint")


def _repeats(aggregate: Any, links: Links) -> str | None:
    """Return the table whose rows repeat those of an aggregate of one table; None for none."""
    tables = {each.table for each in _columns(aggregate)}
    if len(tables) != 1:
        return None
    (start,) = tables
    is_child = any(links[near].get(start) for near in links.get(start, {}))
    if not is_child and aggregate.name not in _ADDING:
        return None
    seen, waiting = {start}, [start]
    while waiting:
        for table, many in links.get(waiting.pop(), {}).items():
            if table not in seen:
                if many:
                    return _name(table)
                seen.add(table)
                waiting.append(table)
    return None


def _name(table: Any) -> str:
    element = getattr(table, "element", None)
    return str(getattr(element, "name", None) or getattr(table, "name", table))


def _shown(aggregate: Any) -> str:
    columns = _columns(aggregate)
    return f"{aggregate.name}({_name(columns[0].table)}.{columns[0].name})"
