"""The same figures over every driver: what the data holds, whichever way it is fetched.

aiosqlite always runs. A server is named by environment variable; its tables are prefixed, and
dropped at the end.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import (
    URL,
    Connection,
    ForeignKey,
    create_engine,
    event,
    func,
    insert,
    make_url,
    select,
    text,
    update,
)
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    joinedload,
    mapped_column,
    relationship,
    selectinload,
    subqueryload,
)

from qprof.measure.capture import record
from tests.measure.capture.oracle import witness
from tests.measure.capture.seen import totals

POSTGRESQL, MARIADB = "QPROF_TEST_POSTGRESQL", "QPROF_TEST_MARIADB"
PREFIX = f"qprof_capture_{os.getpid()}"
"""Of this process: others may test on the same server."""


class Base(DeclarativeBase):
    """Root of the prefixed tables."""


class Shelf(Base):
    """Ten of them."""

    __tablename__ = f"{PREFIX}_shelf"

    id: Mapped[int] = mapped_column(primary_key=True)
    items: Mapped[list[Item]] = relationship(order_by="Item.id")


class Item(Base):
    """Four to a shelf."""

    __tablename__ = f"{PREFIX}_item"

    id: Mapped[int] = mapped_column(primary_key=True)
    shelf_id: Mapped[int | None] = mapped_column(ForeignKey(Shelf.id))


items = Item.__table__
ALL = select(items.c.id, items.c.shelf_id).order_by(items.c.id)
NEW = [{"shelf_id": None} for _ in range(1500)]


def fill(connection: Connection) -> None:
    Base.metadata.drop_all(connection)
    Base.metadata.create_all(connection)
    connection.execute(insert(Shelf), [{"id": i} for i in range(1, 11)])
    rows = [{"id": i, "shelf_id": 1 + i % 10} for i in range(1, 41)]
    connection.execute(insert(Item), rows)
    if connection.dialect.name == "postgresql":
        # The ids above were given by hand; what the server gives must start after them.
        sequence = f"pg_get_serial_sequence('{items.name}', 'id')"
        connection.execute(text(f"SELECT setval({sequence}, 1000)"))


def _two_batches(connection: Connection) -> None:
    result = connection.execute(ALL)
    result.fetchmany(7), result.fetchmany(7)
    result.close()


def _singles(connection: Connection) -> None:
    result = connection.execute(ALL)
    while result.fetchone() is not None:
        pass


def _shelves(option: Any) -> Callable[[Connection], Any]:
    def use(connection: Connection) -> None:
        with Session(connection) as session:
            statement = select(Shelf).options(option(Shelf.items)) if option else select(Shelf)
            for shelf in session.scalars(statement).unique():
                assert len(shelf.items) == 4

    return use


def _flush(connection: Connection) -> None:
    with Session(connection) as session:
        session.add_all([Item() for _ in range(3)])
        session.flush()


def _streamed(connection: Connection, **options: Any) -> Any:
    # Not as options of the connection: they would stay there.
    return connection.execute(ALL, execution_options=options or {"stream_results": True})


USES: dict[str, tuple[tuple[int, int, int], Callable[[Connection], Any]]] = {
    "all": ((1, 40, 80), lambda c: c.execute(ALL).all()),
    "iterate": ((1, 40, 80), lambda c: list(c.execute(ALL))),
    "fetchone": ((1, 40, 80), _singles),
    "fetchmany": ((1, 14, 28), _two_batches),
    "first": ((1, 1, 2), lambda c: c.execute(ALL).first()),
    "scalar": ((1, 1, 1), lambda c: c.scalar(select(func.count()).select_from(items))),
    "partitions": ((1, 40, 80), lambda c: list(c.execute(ALL).partitions(9))),
    "stream": ((1, 40, 80), lambda c: list(_streamed(c))),
    "stream all": ((1, 40, 80), lambda c: _streamed(c).all()),
    "stream partitions": ((1, 40, 80), lambda c: list(_streamed(c).partitions(9))),
    "yield_per": ((1, 40, 80), lambda c: list(_streamed(c, yield_per=9))),
    "driver SQL": (
        (1, 40, 80),
        lambda c: c.exec_driver_sql(f"SELECT * FROM {PREFIX}_item").all(),
    ),
    "text": ((1, 40, 40), lambda c: c.execute(text(f"SELECT id FROM {PREFIX}_item")).all()),
    "joined": ((1, 40, 120), _shelves(joinedload)),
    "selectin": ((2, 50, 90), _shelves(selectinload)),
    "subquery": ((2, 50, 130), _shelves(subqueryload)),
    "lazy": ((11, 50, 90), _shelves(None)),
    "update": ((1, 0, 0), lambda c: c.execute(update(Item).values(shelf_id=None))),
    "insert many": ((1, 0, 0), lambda c: c.execute(insert(items), NEW)),
}
RETURNING: dict[str, tuple[tuple[int, int, int], Callable[[Connection], Any]]] = {
    "update returning": (
        (1, 40, 40),
        lambda c: c.execute(update(Item).values(shelf_id=None).returning(Item.id)).all(),
    ),
    "insert returning in bulk": (
        (2, 1500, 1500),
        lambda c: c.execute(insert(items).returning(items.c.id), NEW).all(),
    ),
}
QUERIES = {**USES, **RETURNING}


def server(variable: str, *drivers: str) -> list[Any]:
    """Return one parameter for each driver of a server, skipped where it is not named."""
    url = os.environ.get(variable)
    reason = f"set {variable} to a URL, such as postgresql+psycopg://postgres@127.0.0.1:5432/test"
    mark = [pytest.mark.server, pytest.mark.skipif(not url, reason=reason)]
    urls = [make_url(url or "sqlite://").set(drivername=driver) for driver in drivers]
    return [pytest.param(each, id=each.drivername, marks=mark) for each in urls]


SYNC = [
    pytest.param(make_url("sqlite://"), id="sqlite"),
    *server(POSTGRESQL, "postgresql+psycopg", "postgresql+psycopg2"),
    *server(MARIADB, "mariadb+pymysql"),
]
ASYNC = [
    pytest.param(make_url("sqlite+aiosqlite://"), id="aiosqlite"),
    *server(POSTGRESQL, "postgresql+psycopg_async", "postgresql+asyncpg"),
]


@pytest.fixture(scope="module", params=SYNC)
def connection(request: pytest.FixtureRequest) -> Iterator[Connection]:
    url: URL = request.param
    if url.get_backend_name() != "sqlite":
        pytest.importorskip(url.get_driver_name())
    engine = create_engine(url)
    with engine.connect() as connection:
        fill(connection)
        connection.commit()
        yield connection
        connection.rollback()
        Base.metadata.drop_all(connection)
        connection.commit()
    engine.dispose()


@pytest.mark.parametrize("use", QUERIES)
def test_sync_drivers_agree(connection: Connection, use: str) -> None:
    """Queries, rows and cells are known from the data."""
    expected, run = QUERIES[use]
    if use == "update returning" and not connection.dialect.update_returning:
        # MariaDB returns from INSERT and DELETE alone, and says so itself.
        with pytest.raises(ProgrammingError):
            run(connection)
        return
    if use == "insert many" and connection.dialect.use_insertmanyvalues_wo_returning:
        # psycopg2 sends a batch as multiple VALUES, a thousand at a time.
        expected = (2, 0, 0)
    with record() as recording:
        run(connection)
    connection.rollback()
    assert totals(recording) == expected


def test_a_flush_counts_what_comes_back(connection: Connection) -> None:
    """Keys that the server gives by RETURNING are rows."""
    assert connection.dialect.insert_returning
    with record() as recording:
        _flush(connection)
    connection.rollback()
    assert totals(recording)[1] == 3


@asynccontextmanager
async def async_engine(url: URL) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(url)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(fill)
        yield engine
    finally:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
        await engine.dispose()


@pytest.mark.parametrize("url", ASYNC)
def test_async_drivers_agree(url: URL) -> None:
    """The same uses inside of `run_sync` give the same figures."""

    async def main() -> dict[str, tuple[int, int, int]]:
        found = {}
        async with async_engine(url) as engine, engine.connect() as connection:
            for name, (_, run) in QUERIES.items():
                with record() as recording:
                    await connection.run_sync(run)
                await connection.rollback()
                found[name] = totals(recording)
        return found

    assert asyncio.run(main()) == {name: expected for name, (expected, _) in QUERIES.items()}


@pytest.mark.parametrize("url", ASYNC)
def test_async_streams_are_counted(url: URL) -> None:
    """`stream`, by row and by partition, broken off or not, and through a session."""

    async def main() -> list[tuple[int, int, int]]:
        found = []
        async with async_engine(url) as engine, engine.connect() as connection:
            with record() as recording:
                async with connection.stream(ALL) as result:
                    assert len([row async for row in result]) == 40
            found.append(totals(recording))
            with record() as recording:
                async with connection.stream(ALL) as result:
                    assert len([part async for part in result.partitions(9)]) == 5
            found.append(totals(recording))
            async with AsyncSession(engine) as session:
                with record() as recording:
                    stream = await session.stream_scalars(select(Item))
                    assert len([item async for item in stream]) == 40
            found.append(totals(recording))
        return found

    assert asyncio.run(main()) == [(1, 40, 80)] * 3


@pytest.mark.parametrize("url", ASYNC)
def test_async_tasks_are_kept_apart(url: URL) -> None:
    """Each task's recording counts its own session alone."""

    async def work(engine: AsyncEngine, number: int) -> tuple[int, int, int]:
        with record() as recording:
            async with AsyncSession(engine) as session:
                for _ in range(number):
                    statement = select(Shelf).options(selectinload(Shelf.items))
                    (await session.scalars(statement)).all()
        return totals(recording)

    async def main() -> list[tuple[int, int, int]]:
        async with async_engine(url) as engine:
            # A pool of one memory database is one connection: tasks take turns there.
            if url.get_backend_name() == "sqlite":
                return [await work(engine, number) for number in range(3)]
            return list(await asyncio.gather(*[work(engine, number) for number in range(3)]))

    assert asyncio.run(main()) == [(2 * n, 50 * n, 90 * n) for n in range(3)]


@pytest.mark.parametrize("url", SYNC)
def test_an_engine_that_connects_while_recorded(url: URL) -> None:
    """What a dialect asks of the server on its first connection is nobody's statement."""
    if url.get_backend_name() != "sqlite":
        pytest.importorskip(url.get_driver_name())
    engine = create_engine(url)
    seen: list[str] = []
    event.listen(engine, "do_execute", lambda cursor, statement, *_: seen.append(statement))
    with record() as recording, engine.connect() as connection:
        connection.execute(text("SELECT 1")).all()
    assert [each.sql for each in recording.executions()] == ["SELECT 1"] == seen[-1:]
    assert len(seen) > 1 or engine.dialect.name == "sqlite"
    engine.dispose()


def test_missed_rows_that_a_driver_reads_ahead() -> None:
    """Miss: aiosqlite reads a whole result; counted is what SQLAlchemy took of it."""
    factory, counts = witness()

    async def main() -> tuple[int, int, int]:
        url = "sqlite+aiosqlite://"
        engine = create_async_engine(url, connect_args={"factory": factory})
        async with engine.connect() as connection:
            await connection.run_sync(fill)
            counts.reset()
            with record() as recording:
                (await connection.execute(ALL)).first()
        await engine.dispose()
        return totals(recording)

    assert asyncio.run(main()) == (1, 1, 2)
    assert counts.totals() == (1, 40, 80)


def test_aiosqlite_against_the_oracle() -> None:
    """Results that are read to their end have the rows that SQLite gave."""
    factory, counts = witness()
    found = {}

    async def main() -> None:
        url = "sqlite+aiosqlite://"
        engine = create_async_engine(url, connect_args={"factory": factory})
        async with engine.connect() as connection:
            await connection.run_sync(fill)
            await connection.commit()
            for name, (_, run) in QUERIES.items():
                counts.reset()
                with record() as recording:
                    await connection.run_sync(run)
                found[name] = (totals(recording), counts.totals())
                await connection.rollback()
        await engine.dispose()

    asyncio.run(main())
    cut_short = {"first", "fetchmany"}
    assert {name for name, (ours, theirs) in found.items() if ours != theirs} == cut_short
