"""Libraries in a database server: one file for each kind of server."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from qprof.seeding.library.servers import mariadb, postgresql
from qprof.seeding.library.servers.staging import Job

SERVERS: Mapping[str, Callable[[Job], dict[str, int]]] = {
    "postgresql": postgresql.write_library,
    "mariadb": mariadb.write_library,
    "mysql": mariadb.write_library,
}
"""By the backend's name in a URL: what does a job, and answers with the rows of each table."""
