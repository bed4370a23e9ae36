"""QP701: a synchronous statement on a running event loop, and what is none."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Session

import qprof
from tests.api.shop import Artist, search, search_async, shop


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.chdir(tmp_path)
    yield from shop(f"sqlite:///{tmp_path / 'shop.db'}")


def rules(result: Any) -> list[str]:
    return [each.rule for each in result.findings]


def recorded(work: Callable[[], Awaitable[Any]]) -> list[str]:
    async def within() -> list[str]:
        with qprof.record() as seen:
            await work()
        assert seen.queries
        return rules(seen)

    return asyncio.run(within())


def test_a_coroutine_with_a_plain_session_blocks_its_loop(engine: Engine) -> None:
    """Recorded, and profiled: with the line and the time."""

    async def endpoint(session: Session) -> Any:
        await asyncio.sleep(0)
        return session.scalars(select(Artist)).all()

    async def work() -> None:
        with Session(engine) as session:
            await endpoint(session)

    assert "QP701" in recorded(work)
    found = [each for each in qprof.profile(endpoint, engine).findings if each.rule == "QP701"]
    assert found[0].evidence["queries"] == 1
    assert 0 < float(found[0].evidence["seconds"] or 0) < 5
    assert found[0].location is not None
    assert found[0].location.function == "endpoint"


def test_what_a_coroutine_calls_blocks_it_too(engine: Engine) -> None:
    """At any depth, and lazily."""

    async def work() -> None:
        with Session(engine) as session:
            for artist in session.scalars(select(Artist)):
                len(artist.albums)

    assert "QP701" in recorded(work)


def test_what_does_not_block_is_left_alone(engine: Engine, tmp_path: Path) -> None:
    """An async session, run_sync, a thread; and plain code without any loop."""
    asynchronous = create_async_engine(f"sqlite+aiosqlite:///{tmp_path / 'shop.db'}")

    async def awaited() -> None:
        async with AsyncSession(asynchronous) as session:
            await search_async(session)

    async def run_sync() -> None:
        async with AsyncSession(asynchronous) as session:
            await session.run_sync(search)

    def plain() -> None:
        with Session(engine) as session:
            search(session)

    async def threaded() -> None:
        await asyncio.to_thread(plain)

    for work in (awaited, run_sync, threaded):
        assert "QP701" not in recorded(work)
    asyncio.run(asynchronous.dispose())
    assert "QP701" not in rules(qprof.profile(search, engine))
