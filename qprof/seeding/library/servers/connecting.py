"""Reaching a server by any driver: what is in a database already, or in one sentence why not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, bindparam, create_engine, text
from sqlalchemy.exc import DBAPIError, NoSuchModuleError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from qprof.seeding.library.library_error import (
    AlreadyThere,
    BadTarget,
    NoDriver,
    NotOurs,
    SeedFailed,
)
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


Done = TypeVar("Done")


def on_connection(job: Job, work: Callable[[Connection], Done]) -> Done:
    """Do `work` on a connection of its own, closed at the end: what it left open is undone.

    Raises `NoDriver` where there is none, and `SeedFailed` for all that the server refuses.
    """
    if _is_async(job.url):
        return asyncio.run(_on_async_connection(job, work))
    engine = _made(create_engine, job.url)
    with _reached(job):
        connection = engine.connect()
    with connection:
        return _done(job, work, connection)


async def _on_async_connection(job: Job, work: Callable[[Connection], Done]) -> Done:
    engine = _made(create_async_engine, job.url)
    with _reached(job):
        connection = await engine.connect()
    try:
        return await connection.run_sync(lambda own: _done(job, work, own))
    finally:
        await connection.close()


def _done(job: Job, work: Callable[[Connection], Done], connection: Connection) -> Done:
    """Do `work`; a connection on which anything went wrong is hung up on, never spoken to again.

    What the server refuses becomes a sentence, whether it came through SQLAlchemy or past it.
    """
    driver: Any = connection.dialect.dbapi
    try:
        return work(connection)
    except BaseException as problem:
        connection.invalidate()
        if isinstance(problem, (DBAPIError, driver.Error)):
            raise SeedFailed(_refused(job, problem)) from None
        raise


def _refused(job: Job, problem: BaseException) -> str:
    return (
        f"Cannot write the library to {job.place} ({reason(problem, job.url)}); what was there "
        "before is there still."
    )


def _is_async(url: URL) -> bool:
    try:
        return url.get_dialect().is_async
    except NoSuchModuleError:
        raise BadTarget(
            f"SQLAlchemy knows no database {url.drivername!r}; write for example "
            "postgresql+psycopg://user@host/name."
        ) from None


Made = TypeVar("Made")


def _made(create: Callable[..., Made], url: URL) -> Made:
    try:
        return create(url, poolclass=NullPool)
    except ImportError as problem:
        raise NoDriver(
            f"The driver for {url.drivername} is not installed ({problem}); "
            "install it, or write the URL with another one."
        ) from None


@contextmanager
def _reached(job: Job) -> Iterator[None]:
    try:
        yield
    # Async drivers raise errors of their own here, which SQLAlchemy does not wrap.
    except Exception as problem:
        raise SeedFailed(
            f"Cannot reach {job.place} ({reason(problem, job.url)}); check its address, its user "
            "and that the database exists."
        ) from None


def reason(problem: BaseException, url: URL) -> str:
    """Return the first line of a driver's message, without number and password."""
    own = getattr(problem, "orig", None) or problem
    last = own.args[-1] if own.args else own
    lines = str(last if isinstance(last, str) else own).strip().splitlines()
    said = lines[0].rstrip(".") if lines else type(own).__name__
    return said.replace(url.password, "***") if url.password else said
