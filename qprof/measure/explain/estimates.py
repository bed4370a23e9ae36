"""How many rows a statement would bring: by the database's estimate, and by a count that ends."""

from collections import defaultdict
from collections.abc import Callable
from math import prod
from typing import Any

from sqlalchemy import Connection

from qprof.measure.explain.postgresql import planned


def expected_rows(connection: Connection, sql: str, values: Any) -> float | None:
    """Return the rows that the database expects to make for `sql`; None where it has no estimate.

    That is the largest number of rows in any step, since a step that makes many costs as much.
    """
    estimate = _ESTIMATES.get(connection.dialect.name)
    return estimate(connection, sql, values) if estimate is not None else None


def rows_up_to(
    connection: Connection, sql: str, values: Any, columns: int, most: int, hint: str = ""
) -> int | None:
    """Return the rows of `sql`, which has so many columns; None where they are more than `most`.

    The database stops to make them there. `hint` stands after the first SELECT.
    """
    # One name for each column: two may have one name, which MariaDB and MySQL refuse below FROM.
    names = ", ".join(f"c{number}" for number in range(columns))
    asked = (
        f"WITH qprof_product ({names}) AS ({sql}) SELECT {hint} count(*) FROM "
        f"(SELECT 1 AS n FROM qprof_product LIMIT {most + 1}) AS qprof_part"
    )
    rows = int(connection.exec_driver_sql(asked, values).scalar_one())
    return rows if rows <= most else None


def _on_postgresql(connection: Connection, sql: str, values: Any) -> float:
    return max(float(each.get("Plan Rows", 0)) for each in planned(connection, sql, values))


def _on_mysql(connection: Connection, sql: str, values: Any) -> float:
    """Return the largest product of rows over the tables of one SELECT."""
    explained = connection.exec_driver_sql(f"EXPLAIN FORMAT=TRADITIONAL {sql}", values)
    tables: dict[Any, list[int]] = defaultdict(list)
    for each in explained.mappings():
        tables[each["id"]].append(int(each["rows"] or 1))
    return float(max(map(prod, tables.values()), default=0))


_ESTIMATES: dict[str, Callable[[Connection, str, Any], float]] = {
    "postgresql": _on_postgresql,
    "mariadb": _on_mysql,
    "mysql": _on_mysql,
}
