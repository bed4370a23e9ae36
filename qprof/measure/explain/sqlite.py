"""EXPLAIN QUERY PLAN (https://sqlite.org/eqp.html)."""

import re
from typing import Any

from sqlalchemy import Connection

# Before 3.36 it was SCAN TABLE name AS alias, and names are not quoted. An automatic index is built
# anew for every execution.
_NAMES = r"(?:TABLE )?(.+?)(?: AS (.+?))?"
_SCAN = re.compile(rf"SCAN {_NAMES}(?: (?:USING|VIRTUAL TABLE|LEFT-JOIN|EXISTS)\b.*| \(.*)?$")
_AUTOMATIC = re.compile(rf"SEARCH {_NAMES} USING .*\bAUTOMATIC\b")


def scanned(connection: Connection, sql: str, parameters: Any) -> dict[str, str]:
    """Return the names of the tables that are read whole; which tables those are is not told."""
    plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", parameters).all()
    found = (_AUTOMATIC.match(row[-1]) or _SCAN.match(row[-1]) for row in plan)
    names = [each[2] or each[1] for each in found if each is not None]
    # A table of another schema is schema.name.
    return dict.fromkeys((*names, *(each.rpartition(".")[2] for each in names)), "")
