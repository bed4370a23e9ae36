"""EXPLAIN QUERY PLAN (https://sqlite.org/eqp.html)."""

import re
from typing import Any

from sqlalchemy import Connection

# Before 3.36 it was SCAN TABLE name AS alias. An automatic index is built anew for every execution.
_SCAN = re.compile(r'SCAN (?:TABLE )?"?([^"\s]+)"?(?: AS "?([^"\s]+)"?)?')
_AUTOMATIC = re.compile(r'SEARCH (?:TABLE )?"?([^"\s]+)"?(?: AS "?([^"\s]+)"?)? .*\bAUTOMATIC\b')


def scanned(connection: Connection, sql: str, parameters: Any) -> set[str]:
    """Return the names of the tables that are read whole."""
    plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", parameters).all()
    found = (_AUTOMATIC.match(row[-1]) or _SCAN.match(row[-1]) for row in plan)
    return {each[2] or each[1] for each in found if each is not None}
