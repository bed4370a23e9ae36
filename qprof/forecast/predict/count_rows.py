"""Counts the rows of a statement as it stands, where they are few: the database runs its product.

The database's own estimate has to say so first; then a LIMIT ends the count, and so does `asking`.
SQLite has no estimates of rows. Private names of SQLAlchemy, the same in 2.0 and 2.1: of a compiled
statement `.compile_state.statement`, `._result_columns` and `._bind_processors`.

Private names of SQLAlchemy, too: `_has_row_limiting_clause`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import log10
from typing import Any

from sqlalchemy import Connection, Select
from sqlalchemy.sql.compiler import SQLCompiler

from qprof.domain.limits import MAX_ROWS
from qprof.forecast.predict.asking import asking
from qprof.forecast.predict.tree import Stopped, Unpredictable
from qprof.measure.bounds import Budget, is_bounded
from qprof.measure.explain.estimates import expected_rows, rows_up_to


def counted_rows(
    connection: Connection,
    statement: Select[Any],
    parameters: object,
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
        rows = expected_rows(connection, asked.sql, asked.values) or 0
    if rows > MAX_ROWS:
        raise Stopped(f"the database expects some 1e{int(log10(rows))} rows of it")
    with asking(connection, budget) as hint:
        found = rows_up_to(connection, asked.sql, asked.values, asked.columns, MAX_ROWS, hint)
    if found is None:
        raise Stopped(f"it would fetch more than {MAX_ROWS:,} rows")
    return found


@dataclass(frozen=True)
class _Rendered:
    """A statement as the driver takes it."""

    sql: str
    values: object
    columns: int


def _rendered(
    connection: Connection, statement: Any, parameters: object, schemas: Mapping[object, object]
) -> _Rendered:
    options = _translating(schemas)
    compiled = statement.compile(dialect=connection.dialect, **options)
    whole = compiled.compile_state.statement
    if not whole._has_row_limiting_clause:
        # To sort them, the database would make all rows before a LIMIT around it ends them.
        compiled = whole.order_by(None).compile(dialect=connection.dialect, **options)
    state = compiled.construct_expanded_state(_given(compiled, parameters))
    return _Rendered(state.statement, _processed(compiled, state), len(compiled._result_columns))


def _translating(schemas: Mapping[object, object]) -> dict[str, object]:
    if not schemas:
        return {}
    return {"schema_translate_map": dict(schemas), "render_schema_translate": True}


def _given(compiled: SQLCompiler, parameters: object) -> object:
    return compiled.construct_params(parameters if isinstance(parameters, dict) else None)


def _processed(compiled: SQLCompiler, state: Any) -> object:
    """Return the values as the driver takes them."""
    processors = {**compiled._bind_processors, **state.processors}
    values = {
        name: processors[name](value) if name in processors else value
        for name, value in state.parameters.items()
    }
    if state.positiontup is None:
        return values
    return tuple(values[name] for name in state.positiontup)
