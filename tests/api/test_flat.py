"""`qprof.flat`: how a call's cost grows, with data that a factory makes; nothing of it stays."""

import asyncio
from collections.abc import Callable, Iterator
from math import ceil, log2
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import NullPool

import qprof
from tests.api.shop import Album, Artist, Track, count, get_all, search, shop


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.chdir(tmp_path)
    yield from shop(f"sqlite:///{tmp_path / 'shop.db'}")


def more(session: Session, number: int) -> None:
    """Make artists, and commit them: that is undone, too."""
    session.add_all([Artist(name=f"{each}", albums=[Album()]) for each in range(number)])
    session.commit()


def wider(session: Session, number: int) -> None:
    """Make one artist with so many albums and tracks."""
    albums, tracks = [Album() for _ in range(number)], [Track() for _ in range(number)]
    session.add(Artist(name="wide", albums=albums, tracks=tracks))


def ask(session: Session, times: int) -> None:
    for _ in range(times):
        session.scalar(select(func.max(Artist.id)))


def there(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Artist)) or 0


def one_by_one(session: Session) -> None:
    for artist in session.scalars(select(Artist)):
        len(artist.albums)


def per_500(session: Session) -> None:
    ask(session, ceil(there(session) / 500))


def logarithmic(session: Session) -> None:
    ask(session, int(log2(there(session))))


def quadratic(session: Session) -> None:
    ask(session, there(session) ** 2 // 20)


@pytest.mark.parametrize(
    ("call", "over", "growth"),
    [
        (get_all, more, ("constant", "linear", "linear")),
        (one_by_one, more, ("linear", "linear", "linear")),
        (search, wider, ("constant", "worse", "worse")),
        (quadratic, more, ("worse", "worse", "worse")),
        (per_500, more, ("constant", "constant", "constant")),
        (logarithmic, more, ("sublinear", "sublinear", "sublinear")),
    ],
)
def test_the_growth_is_told_without_any_number(
    call: Any, over: Any, growth: tuple[str, ...], engine: Engine
) -> None:
    """A call may send what does not grow, and fetch rows in proportion."""
    try:
        result = qprof.flat(call, engine, over=over)
    except qprof.NotFlat as error:
        result = error.result
        assert {"sublinear", "linear", "worse"} & {growth[0]} or "worse" in growth
    else:
        assert growth[0] == "constant"
        assert "worse" not in growth
    assert tuple(result.growth.values()) == growth
    assert count(engine) == 10


def test_chunks_of_one_selectin_are_one_query(engine: Engine) -> None:
    """At sizes that the user gives: 1 + ceil(n / 500) executions."""
    result = qprof.flat(get_all, engine, over=more, sizes=(400, 1200))
    assert result.growth["queries"] == "constant"
    assert [run.queries for run in result.runs.values()] == [3, 7]


def test_a_failure_says_how_it_grows_and_what_to_do(engine: Engine) -> None:
    """It is an AssertionError, so that a test fails by it."""
    with pytest.raises(AssertionError) as caught:
        qprof.flat(one_by_one, engine, over=more)
    said = str(caught.value)
    assert said.startswith("one_by_one: queries are linear: 1 more for each, at most batched.")
    assert "selectinload(Artist.albums)" in said
    qprof.flat(one_by_one, engine, over=more, queries="linear")


GIVEN: dict[str, Callable[[Engine], Any]] = {
    "engine": lambda engine: engine,
    "maker": sessionmaker,
    "text": lambda engine: str(engine.url),
    "session": Session,
}


@pytest.mark.parametrize("kind", GIVEN)
def test_nothing_that_the_factory_makes_stays(kind: str, engine: Engine) -> None:
    """Whatever gives the session."""
    assert qprof.flat(get_all, GIVEN[kind](engine), over=more).growth["queries"] == "constant"
    assert count(engine) == 10


def test_a_session_in_its_transaction_is_left_in_it(engine: Engine) -> None:
    """What it has made is there, and what the factory made is not."""
    with Session(engine) as session:
        session.add(Artist(name="mine"))
        session.flush()
        qprof.flat(get_all, session, over=more)
        assert there(session) == 11
        session.rollback()
    assert count(engine) == 10


def test_what_brings_its_own_session_finds_nothing_in_memory(engine: Engine) -> None:
    """The factory's session is the call's: its new objects would hide an N+1."""
    with Session(engine) as session:

        def make(number: int) -> None:
            session.add_all([Artist(name="x", albums=[Album()]) for _ in range(number)])

        with pytest.raises(qprof.NotFlat, match="queries are linear"):
            qprof.flat(lambda: one_by_one(session), over=make)
        session.rollback()


def test_async_calls_and_factories(tmp_path: Path, engine: Engine) -> None:
    """With and without a running loop."""
    url = f"sqlite+aiosqlite:///{tmp_path / 'shop.db'}"
    maker = async_sessionmaker(create_async_engine(url, poolclass=NullPool))

    async def make(session: Any, number: int) -> None:
        session.add_all([Artist(name="x", albums=[Album()]) for _ in range(number)])

    async def refresh(session: Any) -> None:
        for artist in await session.scalars(select(Artist)):
            await session.refresh(artist, ["albums"])

    async def within() -> None:
        with pytest.raises(qprof.NotFlat, match="queries are linear"):
            qprof.flat(refresh, maker, over=make)

    with pytest.raises(qprof.NotFlat, match="queries are linear"):
        qprof.flat(refresh, maker, over=make)
    asyncio.run(within())
    assert count(engine) == 10


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"sizes": (5,)}, "two sizes or more"),
        ({"sizes": (5, 5)}, "ascending"),
        ({"rows": "linaer"}, "Did you mean 'linear'"),
        ({"session": lambda: None}, "roll back"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(
    options: dict[str, Any], said: str, engine: Engine
) -> None:
    """Before anything is made."""
    with pytest.raises(qprof.QprofError, match=said):
        qprof.flat(get_all, **{"session": engine, "over": more, **options})


def test_a_call_that_sends_nothing_is_no_pass(engine: Engine) -> None:
    """It would be flat without end."""
    with pytest.raises(qprof.QprofError, match="No statement was seen"):
        qprof.flat(lambda session: None, engine, over=more)
