"""Which tables a SELECT reads whole, though few of their rows are wanted."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Table, func, select

from qprof.explain import mysql, postgresql, sqlite
from qprof.explain.filters import Filter
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


def scans(engine: Engine, asked: Sequence[Asked]) -> tuple[Scan, ...]:
    """Return what the SELECTs of `asked` scan for few rows, each with the index that would serve.

    () for a database whose EXPLAIN is not known. Raises what the database raises.
    """
    scanned = _SCANNED.get(engine.dialect.name)
    if scanned is None or not asked:
        return ()
    with engine.connect() as connection, Trial(connection) as trial:
        found: dict[str, Scan] = {}
        for each in asked:
            for scan in _scans(connection, trial, each, scanned(connection, *_sent(each))):
                found.setdefault(f"{scan.index} {scan.site}", scan)
        return tuple(found.values())


def _sent(asked: Asked) -> tuple[str, Any]:
    return asked.sql, asked.parameters


def _scans(connection: Connection, trial: Trial, asked: Asked, names: set[str]) -> Iterator[Scan]:
    for name in sorted(names):
        filters = [each for each in asked.filters if each.name == name]
        if not filters:
            continue
        if not asked.all_came and not trial.possible:
            continue
        rows = connection.scalar(select(func.count()).select_from(filters[0].table)) or 0
        if rows >= SMALL and asked.rows * SELECTIVE <= rows:
            scan = _scan(connection, asked, filters, rows)
            tried = trial.tried(scan, *_sent(asked)) if scan.columns else scan
            if tried is not None:
                yield tried


def _scan(connection: Connection, asked: Asked, filters: Sequence[Filter], rows: int) -> Scan:
    columns = _columns(filters)
    table = filters[0].table
    patterns = [each.column for each in filters if each.kind == "pattern"]
    return Scan(
        table=table.name,
        columns=columns,
        patterns=tuple(dict.fromkeys(patterns)),
        table_rows=rows,
        rows=asked.rows,
        index=_index(connection, table, columns) if columns else "",
        site=asked.site,
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
