"""What EXPLAIN says is read whole for few rows, and the index that would serve."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.exc import SQLAlchemyError

from qprof.explain import mysql, postgresql, sqlite
from qprof.explain.asked import Asked, Candidate
from qprof.explain.filters import Filter
from qprof.explain.sizes import Size, size_of
from qprof.explain.trial import SMALL
from qprof.trace import Scan, Site

SELECTIVE = 10
"""A scan is told where at most one row in so many comes back; else it is what a planner prefers."""

SCANNED: Mapping[str, Callable[[Connection, str, Any], set[str]]] = {
    "sqlite": sqlite.scanned,
    "postgresql": postgresql.scanned,
    "mariadb": mysql.scanned,
    "mysql": mysql.scanned,
}
"""What a dialect's EXPLAIN says is read whole, by the names that the statement gives."""


@dataclass(frozen=True)
class Planned:
    """What EXPLAIN said of one SELECT."""

    candidates: tuple[Candidate, ...] = ()
    failed: tuple[tuple[Site | None, SQLAlchemyError], ...] = ()


def planned_of(connection: Connection, asked: Asked) -> Planned:
    """Return what EXPLAIN says of a SELECT, or what the database raised."""
    try:
        return Planned(tuple(_candidates(connection, asked)))
    except SQLAlchemyError as error:
        connection.rollback()
        return Planned(failed=((asked.site, error),))


def _candidates(connection: Connection, asked: Asked) -> Iterator[Candidate]:
    scanned = SCANNED[connection.dialect.name](connection, asked.sql, asked.parameters)
    for name in sorted(scanned):
        filters = [each for each in asked.filters if each.name == name]
        if not filters:
            continue
        table, enough = filters[0].table, max(SMALL, asked.rows * SELECTIVE)
        size = size_of(connection, table, enough)
        if size.rows >= enough:
            yield Candidate(_scan(connection, asked, filters, size), table, asked)


def _scan(connection: Connection, asked: Asked, filters: Sequence[Filter], size: Size) -> Scan:
    columns = _columns(filters)
    table = filters[0].table
    patterns = [each.column for each in filters if each.kind == "pattern"]
    return Scan(
        table=table.name,
        columns=columns,
        patterns=tuple(dict.fromkeys(patterns)),
        table_rows=size.rows,
        rows=asked.rows,
        index=_index(connection, table, columns) if columns else "",
        site=asked.site,
        known=size.known,
    )


def _columns(filters: Sequence[Filter]) -> tuple[str, ...]:
    """Return the columns of the index: those held to a value first, then one that is held between.

    A b-tree can use the columns up to the first that is not held to one value.
    """
    equal = [each.column for each in filters if each.kind == "equal"]
    joined = [each.column for each in filters if each.kind == "join"]
    between = [each.column for each in filters if each.kind == "range"]
    return tuple(dict.fromkeys((*(equal or joined), *between[:1])))


def _index(connection: Connection, table: Table, columns: Sequence[str]) -> str:
    prepared = connection.dialect.identifier_preparer
    name = prepared.quote(f"ix_{table.name}_{'_'.join(columns)}")
    listed = ", ".join(map(prepared.quote, columns))
    return f"CREATE INDEX {name} ON {prepared.format_table(table)} ({listed})"
