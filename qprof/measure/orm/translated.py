"""The table that a statement reads, where a schema_translate_map leads to another schema."""

from typing import Any

from sqlalchemy import MetaData, Table


def translated(table: Table, context: Any) -> Table:
    """Return `table`, or one of its name, without columns, in the schema that `context` maps to."""
    mapped = context.execution_options.get("schema_translate_map") or {}
    schema = mapped.get(table.schema, table.schema)
    return table if schema == table.schema else Table(table.name, MetaData(), schema=schema)
