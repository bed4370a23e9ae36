"""Calls of one statement that takes longer than anybody waits for it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

MARK = "qprof_sleeper"
"""Stands in each statement, so that it is found among those that the server runs."""
SLEEP = {
    "postgresql": f"SELECT pg_sleep(90) AS {MARK}",
    "mariadb": f"SELECT SLEEP(90) AS {MARK}",
}
WORK = {**SLEEP, "mariadb": f"SELECT BENCHMARK(1000000000000, 1) AS {MARK}"}
"""MariaDB ends SLEEP() by itself, soon after its client was killed; it goes on with its work."""


def sleeps(session: Session) -> list[Any]:
    return list(session.execute(text(SLEEP[session.get_bind().dialect.name])))


def works(session: Session) -> list[Any]:
    return list(session.execute(text(WORK[session.get_bind().dialect.name])))


def past_sqlalchemy(session: Session) -> list[Any]:
    cursor = session.connection().connection.cursor()
    cursor.execute(SLEEP[session.get_bind().dialect.name])
    return list(cursor.fetchall())


async def sleeps_async(session: AsyncSession) -> list[Any]:
    return list(await session.execute(text(SLEEP[session.get_bind().dialect.name])))


async def works_async(session: AsyncSession) -> list[Any]:
    return list(await session.execute(text(WORK[session.get_bind().dialect.name])))


CALLS = {
    each.__name__: each for each in (sleeps, works, past_sqlalchemy, sleeps_async, works_async)
}
