"""EXPLAIN (FORMAT JSON), which plans and does not execute."""

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, text

from qprof.measure.explain.indexes import plain


def scanned(connection: Connection, sql: str, parameters: object) -> dict[str, str]:
    """Return the names of the tables that are read whole, for a filter to drop rows of them.

    Each with the relation that is read, by its schema: it may be one partition of the table.
    """
    return {
        node["Alias"]: quoted(node)
        for node in planned(connection, sql, parameters)
        if node["Node Type"] == "Seq Scan" and "Filter" in node
    }


def planned(connection: Connection, sql: str, parameters: Any) -> list[dict[str, Any]]:
    """Return the nodes of the plan."""
    asked = f"EXPLAIN (VERBOSE, FORMAT JSON) {sql}"
    found = connection.exec_driver_sql(asked, parameters).scalar()
    plan: Any = json.loads(found) if isinstance(found, str) else found
    return list(_nodes(plan[0]["Plan"]))


def quoted(node: dict[str, Any]) -> str:
    """Return the relation that a node reads, for to_regclass; "" where it reads none."""
    parts = (node.get("Schema"), node.get("Relation Name"))
    return ".".join('"' + each.replace('"', '""') + '"' for each in parts if each)


def same(connection: Connection, name: str, read: str) -> bool:
    """Return whether the table called `name` is the relation `read`."""
    asked = text("SELECT to_regclass(:name) = to_regclass(:read)")
    return bool(connection.scalar(asked, {"name": name, "read": read}))


def estimated(connection: Connection, name: str) -> int | None:
    """Return the rows of a table as the last ANALYZE or VACUUM left them; None where none did.

    https://www.postgresql.org/docs/current/catalog-pg-class.html (reltuples).
    """
    asked = text("SELECT reltuples FROM pg_class WHERE oid = to_regclass(:name)")
    found = connection.scalar(asked, {"name": plain(connection, name)})
    return round(found) if found is not None and found > 0 else None


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a node of a plan, and all below it."""
    yield node
    for each in node.get("Plans", ()):
        yield from _nodes(each)
