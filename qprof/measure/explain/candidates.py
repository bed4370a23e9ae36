"""What EXPLAIN says is read whole for few rows, and the index that would serve."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection, Table, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from qprof.domain.trace import Scan
from qprof.measure.bounds import SECONDS, bounded
from qprof.measure.explain import mysql, postgresql, sqlite
from qprof.measure.explain.estimates import Size, size_of
from qprof.measure.explain.indexes import create_index, indexes_of, plain
from qprof.measure.explain.trial import SMALL, Asked, Candidate, Place, Planned
from qprof.measure.orm.filters import Filter

SELECTIVE = 10
"""A scan is told where at most one row in so many comes back; else it is what a planner prefers."""

SCANNED: Mapping[str, Callable[[Connection, str, object], Mapping[str, str]]] = {
    "sqlite": sqlite.scanned,
    "postgresql": postgresql.scanned,
    "mariadb": mysql.scanned,
    "mysql": mysql.scanned,
}
"""What a dialect's EXPLAIN says is read whole, by the names that the statement gives; and which
relation that is, "" where the plan does not tell."""


_PLACE = text(
    "SELECT current_setting('search_path'), "
    "concat_ws(' ', CAST(to_regclass(:name) AS oid), current_user)"
)


def planned_of(connection: Connection, asked: Asked) -> Planned:
    """Return what EXPLAIN says of a SELECT, or what the database raised."""
    try:
        return Planned(tuple(_candidates(connection, asked)))
    except SQLAlchemyError as error:
        connection.rollback()
        return Planned(failed=((asked.site, error),))


def planned_within(connection: Connection, asked: Asked) -> Planned:
    """Return what EXPLAIN says of a SELECT in the call's own transaction, which stays as it is.

    There alone its names lead where they led the call: a tenant's schema or role may be set for the
    transaction. How many rows come is not known yet.
    """
    try:
        with bounded(connection, SECONDS):
            return Planned(tuple(_candidates(connection, asked)))
    except SQLAlchemyError as error:
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            raise
        return Planned(failed=((asked.site, error),))


def judged(asked: Asked, planned: Planned) -> Planned:
    """Return what `planned_within` found, for the rows that came."""
    enough = max(SMALL, asked.rows * SELECTIVE)
    return Planned(
        tuple(
            replace(each, asked=asked, scan=replace(each.scan, rows=asked.rows, site=asked.site))
            for each in planned.candidates
            if each.scan.table_rows >= enough
        ),
        tuple((asked.site, error) for _, error in planned.failed),
    )


def _candidates(connection: Connection, asked: Asked) -> Iterator[Candidate]:
    scanned = SCANNED[connection.dialect.name](connection, asked.sql, asked.parameters)
    for name, read in sorted(scanned.items()):
        filters = [
            each for each in asked.filters if each.name == name and _read(connection, each, read)
        ]
        if not filters:
            continue
        table, enough = filters[0].table, max(SMALL, asked.rows * SELECTIVE)
        size = size_of(connection, table, enough)
        if size.rows >= enough:
            scan = _scan(connection, asked, filters, size)
            yield Candidate(scan, table, asked, place_of(connection, table))


def place_of(connection: Connection, table: Table) -> Place:
    """Return where the name of `table` leads in the connection's transaction."""
    name = connection.dialect.identifier_preparer.format_table(table)
    if connection.dialect.name == "postgresql":
        return Place(*connection.execute(_PLACE, {"name": plain(connection, name)}).one())
    if connection.dialect.name == "sqlite":
        return Place()
    return Place(identity=str(connection.scalar(text("SELECT DATABASE()"))))


def _read(connection: Connection, held: Filter, read: str) -> bool:
    """Return whether `read` is the table itself, rather than a partition, or one below a view."""
    name = connection.dialect.identifier_preparer.format_table(held.table)
    return not read or postgresql.same(connection, plain(connection, name), read)


def _scan(connection: Connection, asked: Asked, filters: Sequence[Filter], size: Size) -> Scan:
    table, (held, between) = filters[0].table, _columns(filters)
    columns, found = (*held, *between), indexes_of(connection, table)
    patterns = tuple(dict.fromkeys(each.column for each in filters if each.kind == "pattern"))
    served = found.serve(held, between)
    if served and patterns:
        columns = ()
    new = columns and not served
    return Scan(
        table=table.name,
        columns=columns,
        patterns=patterns,
        table_rows=size.rows,
        rows=asked.rows,
        index=create_index(connection, table, columns, found.names) if new else "",
        site=asked.site,
        known=size.known,
    )


def _columns(filters: Sequence[Filter]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the columns of the index: those held to a value first, then one that is held between.

    A b-tree can use the columns up to the first that is not held to one value.
    """
    equal = [each.column for each in filters if each.kind == "equal"]
    joined = [each.column for each in filters if each.kind == "join"]
    held = tuple(dict.fromkeys(equal or joined))
    between = [each.column for each in filters if each.kind == "range" and each.column not in held]
    return held, tuple(between[:1])
