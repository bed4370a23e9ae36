"""EXPLAIN (FORMAT JSON), which plans and does not execute."""

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, text


def scanned(connection: Connection, sql: str, parameters: Any) -> set[str]:
    """Return the names of the tables that are read whole, for a filter to drop rows of them."""
    found = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {sql}", parameters).scalar()
    plan: Any = json.loads(found) if isinstance(found, str) else found
    return {
        node["Alias"]
        for node in nodes(plan[0]["Plan"])
        if node["Node Type"] == "Seq Scan" and "Filter" in node
    }


def estimated(connection: Connection, name: str) -> int | None:
    """Return the rows of a table as the last ANALYZE or VACUUM left them; None where none did.

    https://www.postgresql.org/docs/current/catalog-pg-class.html (reltuples).
    """
    asked = text("SELECT reltuples FROM pg_class WHERE oid = to_regclass(:name)")
    found = connection.scalar(asked, {"name": name})
    return round(found) if found is not None and found > 0 else None


def nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a node of a plan, and all below it."""
    yield node
    for each in node.get("Plans", ()):
        yield from nodes(each)
