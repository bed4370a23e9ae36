"""What is timed, on SQLAlchemy alone: environments without qprof run it, too."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, ForeignKey, create_engine, select
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    joinedload,
    mapped_column,
    relationship,
    selectinload,
)
from sqlalchemy.pool import StaticPool

TINY, PARENTS, EACH, MANY = 400, 2_000, 10, 500_000


class Base(DeclarativeBase):
    """The tables."""


class Parent(Base):
    """One of two thousand."""

    __tablename__ = "parent"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    children: Mapped[list[Child]] = relationship()


class Child(Base):
    """One of ten that each parent has."""

    __tablename__ = "child"
    id: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int] = mapped_column(ForeignKey("parent.id"), index=True)
    name: Mapped[str]


_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {})"
_FILL = (
    f"{_NUMBERS.format(PARENTS)} INSERT INTO parent SELECT i, 'parent ' || i FROM n",
    f"{_NUMBERS.format(PARENTS * EACH)} INSERT INTO child"
    f" SELECT i, 1 + i % {PARENTS}, 'child ' || i FROM n",
    "CREATE TABLE many (id INTEGER, name TEXT)",
    f"{_NUMBERS.format(MANY)} INSERT INTO many SELECT i, 'row' FROM n",
)
_ONE = "SELECT id, name FROM parent WHERE id = ?"


class Workloads:
    """A filled database in memory, and what is done with it."""

    def __init__(self) -> None:
        self.engine: Engine = create_engine("sqlite://", poolclass=StaticPool)
        self.asynchronous: AsyncEngine = create_async_engine(
            "sqlite+aiosqlite://", poolclass=StaticPool
        )
        with self.engine.begin() as connection:
            Base.metadata.create_all(connection)
            for statement in _FILL:
                connection.exec_driver_sql(statement)
        self._loop = asyncio.new_event_loop()
        self._loop.run_until_complete(self._fill())

    async def _fill(self) -> None:
        async with self.asynchronous.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
            await connection.exec_driver_sql(_FILL[0])

    def named(self) -> dict[str, Callable[[], Any]]:
        """Return each workload by name."""
        return {
            f"{TINY} driver-level selects": self._driver,
            f"{TINY} Core selects": self._core,
            f"{TINY} ORM selects of one row": self._orm,
            f"{TINY} lazy loads": self._lazy,
            "10,000 rows by selectin": self._selectin,
            "20,000 rows joined": self._joined,
            "500,000 rows at once": self._at_once,
            "500,000 rows one by one": self._one_by_one,
            f"{TINY // 2} async Core selects": self._awaited,
        }

    def _driver(self) -> None:
        with self.engine.connect() as connection:
            for number in range(TINY):
                connection.exec_driver_sql(_ONE, (number,)).all()

    def _core(self) -> None:
        table = Parent.__table__
        with self.engine.connect() as connection:
            for number in range(TINY):
                connection.execute(select(table).where(table.c.id == number)).all()

    def _orm(self) -> None:
        with Session(self.engine) as session:
            for number in range(1, TINY + 1):
                session.scalars(select(Parent).where(Parent.id == number)).one()

    def _lazy(self) -> None:
        with Session(self.engine) as session:
            for parent in session.scalars(select(Parent).limit(TINY)):
                parent.children  # noqa: B018

    def _selectin(self) -> None:
        with Session(self.engine) as session:
            some = select(Parent).limit(1_000).options(selectinload(Parent.children))
            session.scalars(some).all()

    def _joined(self) -> None:
        with Session(self.engine) as session:
            session.scalars(select(Parent).options(joinedload(Parent.children))).unique().all()

    def _at_once(self) -> None:
        with self.engine.connect() as connection:
            connection.exec_driver_sql("SELECT id, name FROM many").all()

    def _one_by_one(self) -> None:
        with self.engine.connect() as connection:
            for _ in connection.exec_driver_sql("SELECT id, name FROM many"):
                pass

    def _awaited(self) -> None:
        self._loop.run_until_complete(self._await())

    async def _await(self) -> None:
        table = Parent.__table__
        async with self.asynchronous.connect() as connection:
            for number in range(TINY // 2):
                (await connection.execute(select(table).where(table.c.id == number))).all()
