"""Writing a library into MariaDB or MySQL, where no transaction holds a CREATE TABLE.

The rows go into tables with names of their own, and one RENAME TABLE puts all of them in place of
the old ones. A lock by name keeps two seedings of one database apart, so that whoever holds it may
clear away what a crash has left; a table is only dropped if its comment says that qprof made it.
"""

from __future__ import annotations

from contextlib import suppress

from sqlalchemy import Connection, Table, bindparam, insert, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateTable

from qprof.seeding.library.content import Block
from qprof.seeding.library.library_error import BadTarget, NotOurs, SeedFailed
from qprof.seeding.library.models import LibraryInfo
from qprof.seeding.library.provenance import info_rows
from qprof.seeding.library.servers.connecting import on_connection, refuse
from qprof.seeding.library.servers.staging import (
    NEW,
    OLD,
    Job,
    foreign_keys,
    indices,
    insert_block,
    library_tables,
    staged,
)

_COMMENT = "made by qprof seed"
_LOCK = "concat('qprof seed ', md5(database()))"
_LOCK_WAIT = 5
_REFERRING = """
SELECT DISTINCT concat(table_schema, '.', table_name) FROM information_schema.key_column_usage
WHERE referenced_table_schema = database() AND referenced_table_name IN :names
AND NOT (table_schema = database() AND table_name IN :names)
"""
_LEFT_OVER = """
SELECT table_name FROM information_schema.tables
WHERE table_schema = database() AND table_comment = :comment
"""


def write_library(job: Job) -> dict[str, int]:
    """Write the library of `job` whole or not at all, and answer with the rows of each table."""
    if not job.url.database:
        raise BadTarget(f"{job.place} names no database; add its name after the last slash.")
    held: list[int] = []
    try:
        return on_connection(job, lambda connection: _write(connection, job, held))
    except BaseException:
        # The connection may have died in the middle of a statement: another one clears up.
        if held:
            with suppress(SeedFailed):
                on_connection(job, lambda connection: _clear_up(connection, held[0]))
        raise


def _write(connection: Connection, job: Job, held: list[int]) -> dict[str, int]:
    if connection.exec_driver_sql(f"SELECT get_lock({_LOCK}, 0)").scalar() != 1:
        raise SeedFailed(f"Another qprof is seeding {job.place}; wait until it is done.")
    held.append(connection.exec_driver_sql("SELECT connection_id()").scalar_one())
    _refuse(connection, job)
    _drop_left_overs(connection)
    for table in library_tables():
        new = staged(table, "utf8mb4_bin", key=True, comment=_COMMENT)
        connection.execute(CreateTable(new))
        if table.name == LibraryInfo.__tablename__:
            connection.execute(insert(new), info_rows(job.provenance))
    counts = job.deal(lambda block: _load(connection, block))
    _finish(connection)
    _put_in_place(connection, replaces=_refuse(connection, job))
    return counts


def _refuse(connection: Connection, job: Job) -> bool:
    """Refuse as anywhere, and also a library that other tables refer to: they would lose it."""
    there = refuse(connection, job)
    query = text(_REFERRING).bindparams(bindparam("names", expanding=True))
    names = [table.name for table in library_tables()]
    others = connection.execute(query, {"names": names}).scalars().all() if there else []
    if others:
        raise NotOurs(
            f"The library in {job.place} cannot be replaced while foreign keys of "
            f"{', '.join(sorted(others))} refer to it; drop them, or name another database."
        )
    return there


def _load(connection: Connection, block: Block) -> None:
    insert_block(connection, NEW, block)
    connection.commit()


def _finish(connection: Connection) -> None:
    """Add indices and foreign keys; the rows are known to be right, so nothing checks them."""
    connection.exec_driver_sql("SET SESSION foreign_key_checks = 0")
    for table in library_tables():
        clauses = [*_index_clauses(table), *foreign_keys(table, NEW)]
        if clauses:
            connection.exec_driver_sql(f"ALTER TABLE {NEW}{table.name} {', '.join(clauses)}")
    # Renaming has to take the foreign keys along, which it does only where they are checked.
    connection.exec_driver_sql("SET SESSION foreign_key_checks = 1")
    connection.exec_driver_sql(f"ANALYZE TABLE {_names(NEW)}").all()


def _index_clauses(table: Table) -> list[str]:
    return [
        f"ADD INDEX {index.name} ({', '.join(column.name for column in index.columns)})"
        for index in indices(table)
    ]


def _put_in_place(connection: Connection, *, replaces: bool) -> None:
    """Let the new tables take the place of the old ones in one step, and drop the old ones."""
    tables = [table.name for table in library_tables()]
    moves = [f"{name} TO {OLD}{name}" for name in tables] if replaces else []
    moves += [f"{NEW}{name} TO {name}" for name in tables]
    connection.exec_driver_sql(f"SET SESSION lock_wait_timeout = {_LOCK_WAIT}")
    connection.exec_driver_sql(f"RENAME TABLE {', '.join(moves)}")
    # The library is made by now. If the old one cannot be dropped, the next seeding does it.
    with suppress(DBAPIError):
        _drop_left_overs(connection)


def _names(prefix: str) -> str:
    return ", ".join(f"{prefix}{table.name}" for table in library_tables())


def _drop_left_overs(connection: Connection) -> None:
    """Drop the tables that are in no place and that a comment says to be ours."""
    made = set(connection.execute(text(_LEFT_OVER), {"comment": _COMMENT}).scalars())
    children_first = [table.name for table in reversed(library_tables())]
    left = [f"{p}{name}" for p in (NEW, OLD) for name in children_first if f"{p}{name}" in made]
    if left:
        connection.exec_driver_sql(f"DROP TABLE {', '.join(left)}")


def _clear_up(connection: Connection, dead: int) -> None:
    """End the connection that failed, if the server has not noticed yet, and drop its tables."""
    if connection.exec_driver_sql(f"SELECT is_used_lock({_LOCK})").scalar() == dead:
        connection.exec_driver_sql(f"KILL {dead}")
    connection.exec_driver_sql(f"SET SESSION lock_wait_timeout = {_LOCK_WAIT}")
    if connection.exec_driver_sql(f"SELECT get_lock({_LOCK}, {_LOCK_WAIT})").scalar() == 1:
        _drop_left_overs(connection)
