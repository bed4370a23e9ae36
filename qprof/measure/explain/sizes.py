"""How many rows a table has, without reading it whole for that."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, func, literal_column, select
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from qprof.measure.bounds import SECONDS, bounded
from qprof.measure.explain import mysql, postgresql

MOST = 100_000
"""Rows up to which a table is counted where its database has no estimate: a few milliseconds."""

_ESTIMATED = {
    "postgresql": postgresql.estimated,
    "mariadb": mysql.estimated,
    "mysql": mysql.estimated,
}


@dataclass(frozen=True)
class Size:
    """The rows of a table."""

    rows: int
    known: str
    """exact; estimated, by the database's own statistics; or at least, where counting ended."""


def size_of(connection: Connection, table: Table, enough: int) -> Size:
    """Return the rows of `table`: the database's own estimate, else a count.

    SQLite keeps no number of rows. The count ends at `MOST`, or at `enough` where that is more.
    Raises what the database raises.
    """
    name = connection.dialect.identifier_preparer.format_table(table)
    estimated = _ESTIMATED.get(connection.dialect.name)
    rows = estimated(connection, name) if estimated is not None else None
    return (
        Size(rows, "estimated")
        if rows is not None
        else _counted(connection, table, max(MOST, enough))
    )


def size_within(connection: Connection, table: Table) -> Size | None:
    """Return the rows of `table` in the call's own transaction, which stays as it is.

    None where the database does not tell, or tells a part of them only.
    """
    try:
        with bounded(connection, SECONDS):
            size = size_of(connection, table, MOST)
    except SQLAlchemyError as error:
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            raise
        return None
    return size if size.known != "at least" else None


def _counted(connection: Connection, table: Table, most: int) -> Size:
    some = select(literal_column("1")).select_from(table).limit(most).subquery()
    # The table is the one that was read; an engine's map would lead on from it.
    options: dict[str, Any] = {"schema_translate_map": None}
    rows = connection.scalar(select(func.count()).select_from(some), execution_options=options) or 0
    return Size(rows, "exact" if rows < most else "at least")
