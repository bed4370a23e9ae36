"""An application that opens its server by itself, and writes in the ways in which it might."""

from __future__ import annotations

import os

from sqlalchemy import create_engine, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import Session, sessionmaker

from qprof.seeding.library.models import Genre

engine = create_engine(os.environ["QPROF_TEST_OWN"])
SessionLocal = sessionmaker(engine)
async_engine = create_async_engine(os.environ["QPROF_TEST_OWN_ASYNC"])
AsyncLocal = async_sessionmaker(async_engine)


def reads() -> list[Genre]:
    with SessionLocal() as session:
        return list(session.scalars(select(Genre)))


def adds() -> None:
    with SessionLocal.begin() as session:
        session.add(Genre(name="Noise"))


def without_transaction() -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("DELETE FROM playlist_tracks"))


def past_the_engine() -> None:
    raw = engine.raw_connection()
    try:
        raw.cursor().execute("DELETE FROM playlist_tracks")
        raw.commit()
    finally:
        raw.close()


def past_a_commit() -> None:
    """End the transaction by itself, in each way there is, before it writes."""
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute("SELECT 1")
        raw.commit()
        cursor.execute("COMMIT")
        cursor.execute("DELETE FROM playlist_tracks")
        raw.commit()
    finally:
        raw.close()


def turns_transactions_off() -> None:
    """Read in a transaction first, and then ask for none."""
    with engine.connect() as connection:
        connection.execute(text("SELECT 1")).all()
        connection.commit()
        connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.execute(text("SELECT 1")).all()
        connection.execute(text("DELETE FROM playlist_tracks"))


def reads_without_transaction() -> list[tuple[int]]:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        return list(connection.execute(text("SELECT id FROM genres")))


REFUSED: list[str] = []
"""What the server said to each row of `marks`."""


def marks() -> None:
    """Write a row for good, as a setup step, where the engine may."""
    with SessionLocal() as session:
        session.add(Genre(name="Marked"))
        try:
            session.commit()
        except DBAPIError as error:
            REFUSED.append(str(error.orig))


SETTINGS: list[object] = []
"""What `asks_settings` saw, run by run."""


def asks_settings() -> None:
    is_postgresql = engine.dialect.name == "postgresql"
    asked = (
        "SHOW default_transaction_read_only" if is_postgresql else "SELECT @@session.tx_read_only"
    )
    with engine.connect() as connection:
        SETTINGS.append(connection.scalar(text(asked)) in ("on", 1))


async def adds_async() -> None:
    async with AsyncLocal.begin() as session:
        session.add(Genre(name="Noise"))


class Kept:
    """Holds one connection, in a transaction that reads already."""

    def __init__(self) -> None:
        self.session = SessionLocal()
        self.session.scalars(select(Genre)).all()

    def adds(self) -> None:
        self.session.add(Genre(name="Noise"))
        self.session.commit()


async def read_async(session: AsyncSession) -> list[Genre]:
    return list(await session.scalars(select(Genre)))


def read(session: Session) -> list[Genre]:
    return list(session.scalars(select(Genre)))
