"""Which tables a SELECT reads whole, though few of their rows are wanted."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Table
from sqlalchemy.exc import SQLAlchemyError

from qprof.explain import mysql, postgresql, sqlite
from qprof.explain.filters import Filter
from qprof.explain.sizes import Size, size_of
from qprof.explain.trial import Trial
from qprof.trace import Scan, Site

SMALL = 1_000
"""Rows up to which a scan is as good as an index: a table of so few fits into a few dozen pages."""
SELECTIVE = 10
"""A scan is told where at most one row in so many comes back; else it is what a planner prefers."""

_SCANNED: Mapping[str, Callable[[Connection, str, Any], set[str]]] = {
    "sqlite": sqlite.scanned,
    "postgresql": postgresql.scanned,
    "mariadb": mysql.scanned,
    "mysql": mysql.scanned,
}
"""What a dialect's EXPLAIN says is read whole, by the names that the statement gives."""


@dataclass(frozen=True)
class Asked:
    """A SELECT as it was sent."""

    sql: str
    parameters: Any
    filters: tuple[Filter, ...]
    rows: int
    all_came: bool
    """Whether every row that meets the conditions came back: no LIMIT, no aggregate."""
    site: Site | None


@dataclass(frozen=True)
class Explained:
    """What EXPLAIN said of the SELECTs of a call."""

    scans: tuple[Scan, ...] = ()
    failed: tuple[tuple[Site | None, SQLAlchemyError], ...] = ()
    """Where a SELECT was sent that could not be explained, and what the database raised."""


def scans(engine: Engine, asked: Sequence[Asked]) -> Explained:
    """Return what the SELECTs of `asked` scan for few rows, each with the index that would serve.

    Nothing for a database whose EXPLAIN is not known. Raises what connecting raises.
    """
    if engine.dialect.name not in _SCANNED or not asked:
        return Explained()
    with engine.connect() as connection, Trial(connection) as trial:
        said = [_explained(connection, trial, each) for each in asked]
    found = {f"{scan.index} {scan.site}": scan for each in reversed(said) for scan in each.scans}
    failed = (failure for each in said for failure in each.failed)
    return Explained(tuple(reversed(found.values())), tuple(failed))


def _explained(connection: Connection, trial: Trial, asked: Asked) -> Explained:
    try:
        return Explained(tuple(_scans(connection, trial, asked)))
    except SQLAlchemyError as error:
        connection.rollback()
        return Explained(failed=((asked.site, error),))


def _sent(asked: Asked) -> tuple[str, Any]:
    return asked.sql, asked.parameters


def _scans(connection: Connection, trial: Trial, asked: Asked) -> Iterator[Scan]:
    for name in sorted(_SCANNED[connection.dialect.name](connection, *_sent(asked))):
        filters = [each for each in asked.filters if each.name == name]
        if not filters:
            continue
        if not asked.all_came and not trial.possible:
            continue
        enough = max(SMALL, asked.rows * SELECTIVE)
        size = size_of(connection, filters[0].table, enough)
        if size.rows >= enough:
            scan = _scan(connection, asked, filters, size)
            tried = trial.tried(scan, *_sent(asked)) if scan.columns else scan
            if tried is not None:
                yield tried


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
