"""How many rows a table has, or a statement would bring, without reading them all.

By the database's estimate, or by a count that ends.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Any

from sqlalchemy import Connection, Table, func, literal_column, select
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from qprof.measure.bounds import SECONDS, bounded
from qprof.measure.explain import mysql, postgresql
from qprof.measure.explain.postgresql import planned

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


def expected_rows(connection: Connection, sql: str, values: object) -> float | None:
    """Return the rows that the database expects to make for `sql`; None where it has no estimate.

    That is the largest number of rows in any step, since a step that makes many costs as much.
    """
    estimate = _ESTIMATES.get(connection.dialect.name)
    return estimate(connection, sql, values) if estimate is not None else None


def columns_of(connection: Connection, sql: str, values: Any) -> int:
    """Return the columns of a SELECT, of which the database makes no row."""
    return len(connection.exec_driver_sql(f"({_bare(sql)}\n) LIMIT 0", values).keys())


def rows_up_to(
    connection: Connection, sql: str, values: Any, columns: int, most: int, hint: str = ""
) -> int | None:
    """Return the rows of `sql`, which has so many columns; None where they are more than `most`.

    The database stops to make them there. `hint` stands after the first SELECT.
    """
    # One name for each column: two may have one name, which MariaDB and MySQL refuse below FROM.
    names = ", ".join(f"c{number}" for number in range(columns))
    asked = (
        f"WITH qprof_product ({names}) AS ({_bare(sql)}\n) SELECT {hint} count(*) FROM "
        f"(SELECT 1 AS n FROM qprof_product LIMIT {most + 1}) AS qprof_part"
    )
    rows = int(connection.exec_driver_sql(asked, values).scalar_one())
    return rows if rows <= most else None


def _bare(sql: str) -> str:
    """Return a statement without the semicolon that may end it."""
    return sql.rstrip().rstrip(";")


def _on_postgresql(connection: Connection, sql: str, values: object) -> float:
    return max(float(each.get("Plan Rows", 0)) for each in planned(connection, sql, values))


def _on_mysql(connection: Connection, sql: str, values: Any) -> float:
    """Return the largest product of rows over the tables of one SELECT."""
    explained = connection.exec_driver_sql(f"EXPLAIN FORMAT=TRADITIONAL {sql}", values)
    tables: dict[Any, list[int]] = defaultdict(list)
    for each in explained.mappings():
        tables[each["id"]].append(int(each["rows"] or 1))
    return float(max(map(prod, tables.values()), default=0))


_ESTIMATES: dict[str, Callable[[Connection, str, object], float]] = {
    "postgresql": _on_postgresql,
    "mariadb": _on_mysql,
    "mysql": _on_mysql,
}
