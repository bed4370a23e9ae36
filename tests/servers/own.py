"""An application that opens its server by itself, and writes in the ways in which it might."""

from __future__ import annotations

import os

from sqlalchemy import create_engine, select, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import Session, sessionmaker

from qprof.library.models import Genre

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
