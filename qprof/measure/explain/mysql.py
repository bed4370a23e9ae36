"""EXPLAIN FORMAT=JSON of MariaDB and MySQL, which plans and does not execute."""

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import InvalidRequestError


def scanned(connection: Connection, sql: str, parameters: object) -> dict[str, str]:
    """Return the names of the tables that are read whole, for a condition to drop rows of them.

    Which tables those are is not told.
    """
    return {
        each["table_name"]: ""
        for each in _tables(_plan(connection, sql, parameters))
        if each.get("access_type") == "ALL" and "attached_condition" in each
    }


def estimated(connection: Connection, name: str) -> int | None:
    """Return the rows of a table as its storage engine estimates them for the planner."""
    tables = _tables(_plan(connection, f"SELECT 1 FROM {name}"))
    rows = [each.get("rows", each.get("rows_examined_per_scan")) for each in tables]
    return round(rows[0]) if len(rows) == 1 and rows[0] is not None else None


def _plan(connection: Connection, sql: str, parameters: Any = None) -> object:
    """Return what EXPLAIN says. Raises what the database raises, and where that is no JSON."""
    said = str(connection.exec_driver_sql(f"EXPLAIN FORMAT=JSON {sql}", parameters).scalar())
    try:
        return json.loads(said)
    except ValueError:
        # MariaDB 10.11 leaves the quotes around names as they are.
        raise InvalidRequestError("under ANSI_QUOTES, EXPLAIN FORMAT=JSON is no JSON") from None


def _tables(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if "table_name" in value:
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _tables(each)
