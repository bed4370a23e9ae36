"""What is in a database already: nothing, a library, or somebody's tables, which are left alone."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, text

from qprof.seeding.library.library_error import AlreadyThere, NotOurs
from qprof.seeding.library.provenance import Provenance, read_provenance
from qprof.seeding.library.servers.staging import Job, library_tables

_COLUMNS = """
SELECT table_name, column_name FROM information_schema.columns
WHERE table_schema = {schema} AND table_name IN :names
"""


def refuse(connection: Connection, job: Job) -> bool:
    """Let pass an empty place, or a library that is to be replaced; answer whether there is one.

    Raises `NotOurs` or `AlreadyThere`.
    """
    found = _columns(connection)
    if not found:
        return False
    provenance = _provenance(connection, found)
    if provenance is None:
        raise NotOurs(
            f"{job.place} has tables of these names already, and qprof did not make them: "
            f"{', '.join(sorted(found))}; name another database."
        )
    if not job.replace:
        raise AlreadyThere(
            f"{job.place} holds a library already ({provenance}); add --replace to replace it."
        )
    return True


def _columns(connection: Connection) -> dict[str, set[str]]:
    """Read the columns of everything that bears the name of one of our tables."""
    schema = "current_schema()" if connection.dialect.name == "postgresql" else "database()"
    query = text(_COLUMNS.format(schema=schema)).bindparams(bindparam("names", expanding=True))
    found: dict[str, set[str]] = {}
    for table, column in connection.execute(query, {"names": [t.name for t in library_tables()]}):
        found.setdefault(str(table), set()).add(str(column))
    return found


def _provenance(connection: Connection, found: dict[str, set[str]]) -> Provenance | None:
    """Read how the library was made; None unless all tables are there, and just as we make them."""
    ours = {table.name: {column.name for column in table.columns} for table in library_tables()}
    return read_provenance(connection) if found == ours else None
