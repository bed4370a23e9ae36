"""Counts the rows of a statement as it stands, where they are few: the database runs its product.

The database's own estimate has to say so first; then a LIMIT ends the count, and so does `asking`.
SQLite has no estimates of rows. Private names of SQLAlchemy, the same in 2.0 and 2.1: of a compiled
statement `.compile_state.statement`, `._result_columns` and `._bind_processors`.

Private names of SQLAlchemy, too: `_has_row_limiting_clause`.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import log10, prod
from typing import Any

from sqlalchemy import Connection

from qprof.domain.limits import MAX_ROWS
from qprof.forecast.predict.asking import asking
from qprof.forecast.predict.tree import Stopped, Unpredictable
from qprof.measure.bounds import Budget, is_bounded
from qprof.measure.explain.postgresql import planned


def counted_rows(
    connection: Connection,
    statement: Any,
    parameters: Any,
    schemas: Mapping[Any, Any],
    budget: Budget,
) -> int:
    """Return the rows of `statement`, with all that its options join.

    `schemas` is the schema_translate_map that it is sent with. Raises Stopped where there are more
    than MAX_ROWS, or may be; Unpredictable where nothing would end the count.
    """
    if not is_bounded(connection):
        raise Unpredictable(f"qprof knows no time limit of {connection.dialect.name}")
    with asking(connection, budget):
        asked = _rendered(connection, statement, parameters, schemas)
        estimated = _ESTIMATED.get(connection.dialect.name)
        rows = estimated(connection, asked) if estimated is not None else 0
    if rows > MAX_ROWS:
        raise Stopped(f"the database expects some 1e{int(log10(rows))} rows of it")
    with asking(connection, budget) as hint:
        sql = (
            f"WITH qprof_product ({asked.names}) AS ({asked.sql}) SELECT {hint} count(*) FROM "
            f"(SELECT 1 AS n FROM qprof_product LIMIT {MAX_ROWS + 1}) AS qprof_part"
        )
        found = int(connection.exec_driver_sql(sql, asked.values).scalar_one())
    if found > MAX_ROWS:
        raise Stopped(f"it would fetch more than {MAX_ROWS:,} rows")
    return found


@dataclass(frozen=True)
class _Rendered:
    """A statement as the driver takes it."""

    sql: str
    values: Any
    names: str
    """One for each column: two may have one name, which MariaDB and MySQL refuse below FROM."""


def _rendered(
    connection: Connection, statement: Any, parameters: Any, schemas: Mapping[Any, Any]
) -> _Rendered:
    options = _translating(schemas)
    compiled = statement.compile(dialect=connection.dialect, **options)
    whole = compiled.compile_state.statement
    if not whole._has_row_limiting_clause:
        # To sort them, the database would make all rows before a LIMIT around it ends them.
        compiled = whole.order_by(None).compile(dialect=connection.dialect, **options)
    state = compiled.construct_expanded_state(_given(compiled, parameters))
    names = ", ".join(f"c{number}" for number in range(len(compiled._result_columns)))
    return _Rendered(state.statement, _processed(compiled, state), names)


def _on_postgresql(connection: Connection, asked: _Rendered) -> float:
    nodes = planned(connection, asked.sql, asked.values)
    return max(float(each.get("Plan Rows", 0)) for each in nodes)


def _on_mysql(connection: Connection, asked: _Rendered) -> int:
    """Return the largest product of rows over the tables of one SELECT."""
    explained = connection.exec_driver_sql(f"EXPLAIN FORMAT=TRADITIONAL {asked.sql}", asked.values)
    tables: dict[Any, list[int]] = defaultdict(list)
    for each in explained.mappings():
        tables[each["id"]].append(int(each["rows"] or 1))
    return max(map(prod, tables.values()), default=0)


_ESTIMATED: dict[str, Callable[[Connection, _Rendered], float]] = {
    "postgresql": _on_postgresql,
    "mariadb": _on_mysql,
    "mysql": _on_mysql,
}


def _translating(schemas: Mapping[Any, Any]) -> dict[str, Any]:
    if not schemas:
        return {}
    return {"schema_translate_map": dict(schemas), "render_schema_translate": True}


def _given(compiled: Any, parameters: Any) -> Any:
    return compiled.construct_params(parameters if isinstance(parameters, dict) else None)


def _processed(compiled: Any, state: Any) -> Any:
    """Return the values as the driver takes them."""
    processors = {**compiled._bind_processors, **state.processors}
    values = {
        name: processors[name](value) if name in processors else value
        for name, value in state.parameters.items()
    }
    if state.positiontup is None:
        return values
    return tuple(values[name] for name in state.positiontup)
