"""EXPLAIN FORMAT=JSON of MariaDB and MySQL, which plans and does not execute."""

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection


def scanned(connection: Connection, sql: str, parameters: Any) -> set[str]:
    """Return the names of the tables that are read whole, for a condition to drop rows of them."""
    plan = connection.exec_driver_sql(f"EXPLAIN FORMAT=JSON {sql}", parameters).scalar()
    return {
        each["table_name"]
        for each in _tables(json.loads(str(plan)))
        if each.get("access_type") == "ALL" and "attached_condition" in each
    }


def estimated(connection: Connection, name: str) -> int | None:
    """Return the rows of a table as its storage engine estimates them for the planner."""
    plan = connection.exec_driver_sql(f"EXPLAIN FORMAT=JSON SELECT 1 FROM {name}").scalar()
    tables = _tables(json.loads(str(plan)))
    rows = [each.get("rows", each.get("rows_examined_per_scan")) for each in tables]
    return round(rows[0]) if len(rows) == 1 and rows[0] is not None else None


def _tables(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if "table_name" in value:
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _tables(each)
