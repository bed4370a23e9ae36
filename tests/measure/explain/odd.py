"""Tables with names that need quotes, and rows for them."""

from typing import Any

from sqlalchemy import Column, Engine, Integer, MetaData, Select, String, Table, insert, select
from sqlalchemy.orm import registry

ROWS = 1_500


def odd(name: str, schema: str | None = None) -> Table:
    columns = Column("id", Integer, primary_key=True), Column("share %", Integer)
    return Table(name, MetaData(), *columns, Column(name, String(20)), schema=schema)


def whole(table: Table) -> Select[Any]:
    """Return a SELECT of mapped objects: all rows that meet its conditions come."""
    entity: Any = type("Odd", (), {})
    registry().map_imperatively(entity, table)
    return select(entity)


def fill(engine: Engine, table: Table, rows: int = ROWS) -> None:
    with engine.begin() as connection:
        table.create(connection)
        given = [{"id": i, "share %": i, table.name: f"n{i}"} for i in range(1, rows + 1)]
        connection.execute(insert(table), given)
