"""Reaching a server by any driver, and saying in one sentence why it cannot be done."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, create_engine
from sqlalchemy.exc import DBAPIError, NoSuchModuleError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from qprof.seeding.library.library_error import BadTarget, NoDriver, SeedFailed
from qprof.seeding.library.servers.staging import Job

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
