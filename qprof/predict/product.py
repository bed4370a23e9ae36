"""Counts the rows of a statement as it stands: the database runs its product, and sends one row."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection


def counted_rows(
    connection: Connection, statement: Any, parameters: Any, schemas: Mapping[Any, Any]
) -> int:
    """Return the rows of `statement`, with all that its options join.

    `schemas` is the schema_translate_map that it is sent with.
    """
    compiled = statement.compile(dialect=connection.dialect, **_translating(schemas))
    state = compiled.construct_expanded_state(_given(compiled, parameters))
    values = _processed(compiled, state)
    # Two columns may have one name, which MariaDB and MySQL refuse below FROM, unless renamed.
    names = ", ".join(f"c{number}" for number in range(len(compiled._result_columns)))
    sql = f"WITH qprof_product ({names}) AS ({state.statement}) SELECT count(*) FROM qprof_product"
    return int(connection.exec_driver_sql(sql, values).scalar_one())


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
