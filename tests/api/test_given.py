"""Calls and sessions as they are at hand: each run is apart, and nothing of the user's changes."""

import asyncio
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import Session, joinedload, scoped_session, sessionmaker
from sqlalchemy.pool import NullPool

import qprof
from tests.api.shop import Artist, count, fill, search, search_async, shop, write


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.chdir(tmp_path)
    yield from shop(f"sqlite:///{tmp_path / 'shop.db'}")


GIVEN: dict[str, Callable[[Engine], Any]] = {
    "engine": lambda engine: engine,
    "maker": sessionmaker,
    "scoped": lambda engine: scoped_session(sessionmaker(engine)),
    "text": lambda engine: engine.url.render_as_string(hide_password=False),
    "url": lambda engine: engine.url,
    "session": Session,
    "function": lambda engine: partial(Session, engine),
}


@pytest.mark.parametrize("kind", GIVEN)
def test_sessions_come_from_whatever_gives_them(kind: str, engine: Engine) -> None:
    """The figures are the same: 1,000 rows where 260 would do."""
    result = qprof.profile(search, GIVEN[kind](engine))
    assert (result.queries, result.rows, result.cells) == (1, 1000, 6000)
    assert result.needed is not None
    assert result.needed.rows == 260


@pytest.mark.parametrize(
    "subject",
    [
        search,
        lambda session: search(session),
        partial(search, name="Artist"),
        select(Artist).options(joinedload(Artist.albums), joinedload(Artist.tracks)),
        Session().query(Artist).options(joinedload(Artist.albums), joinedload(Artist.tracks)),
    ],
    ids=["function", "lambda", "partial", "select", "query"],
)
def test_a_call_or_a_statement_can_be_given(subject: Any, engine: Engine) -> None:
    """It costs the same under each of the three functions."""
    assert qprof.profile(subject, engine).rows == 1000
    assert qprof.predict(subject, engine).plans["as-written"].rows == 1000
    compared = qprof.compare(subject, engine, repeat=1)
    assert compared.plans["selectin"].rows == 260
    assert compared.plans["selectin"].identical


def test_an_open_transaction_is_seen_and_left_as_it_is(engine: Engine) -> None:
    """Rows that only it sees are counted; it can be rolled back, or go on, afterwards."""
    with Session(engine) as session:
        session.add(Artist(name="Artist of this transaction"))
        session.flush()
        mine = session.scalars(select(Artist)).first()
        assert qprof.profile(search, session).rows == 1001
        with pytest.raises(qprof.QprofError, match="writes to the database"):
            qprof.profile(write, session)
        assert mine in session
        assert len(session.scalars(select(Artist)).all()) == 11
        session.rollback()
    assert count(engine) == 10


def test_a_session_on_a_connection_sees_its_transaction(engine: Engine) -> None:
    """The usual fixture of a test suite: all within one transaction that is rolled back."""
    # The driver begins a transaction too late for savepoints, as SQLAlchemy's page on it says.
    event.listen(engine, "connect", lambda own, _: setattr(own, "isolation_level", None))
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    engine.dispose()
    with engine.connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            fill(session, 2)
            assert qprof.profile(search, session).rows == 1200
            assert qprof.compare(search, session, repeat=1).plans["selectin"].rows == 312
        outer.rollback()
    assert count(engine) == 10


def test_changes_that_were_not_sent_are_refused(engine: Engine) -> None:
    """No run would see them; they are still there afterwards."""
    with Session(engine) as session:
        session.add(Artist(name="pending"))
        with pytest.raises(qprof.QprofError, match="changes that were not sent"):
            qprof.profile(search, session)
        assert len(session.new) == 1


def test_a_call_within_a_transaction_of_its_own_is_refused(engine: Engine) -> None:
    """To run it several times would find everything loaded, and end that transaction."""
    with Session(engine) as session:
        session.add(Artist(name="mine"))
        session.flush()
        with pytest.raises(qprof.QprofError, match="in a transaction already"):
            qprof.profile(lambda: search(session))
        session.commit()
        assert qprof.profile(lambda: search(session)).rows == 1001
    assert count(engine) == 11


def test_what_writes_is_refused(engine: Engine) -> None:
    """Whoever gives the session."""
    with pytest.raises(qprof.QprofError, match="qprof only reads"):
        qprof.profile(write, engine)
    assert count(engine) == 10


def test_async_calls_run_with_and_without_a_loop(tmp_path: Path, engine: Engine) -> None:
    """In a notebook a loop is running already."""
    url = f"sqlite+aiosqlite:///{tmp_path / 'shop.db'}"
    maker = async_sessionmaker(create_async_engine(url, poolclass=NullPool))
    assert qprof.profile(search_async, maker).rows == 1000

    async def within() -> None:
        assert qprof.profile(search_async, maker).rows == 1000
        async with maker() as session:
            assert qprof.profile(search_async, session).rows == 1000
            await search_async(session)
            with pytest.raises(qprof.QprofError, match="in a transaction"):
                qprof.profile(search_async, session)
        assert qprof.profile(search, engine).rows == 1000

    asyncio.run(within())
    assert issubclass(maker.class_, AsyncSession)


@pytest.mark.parametrize(
    ("call", "arguments", "said"),
    [
        (search, {"nme": "a"}, "Did you mean 'name'"),
        (lambda session, number: None, {}, "needs number"),
        (5, {}, "A int was given"),
        (lambda: None, {}, "No statement was seen"),
        (lambda session: 1 / 0, {}, "ZeroDivisionError"),
    ],
)
def test_what_cannot_be_run_is_said_in_a_sentence(
    call: Any, arguments: Any, said: str, engine: Engine
) -> None:
    """Of the one error class."""
    with pytest.raises(qprof.QprofError, match=said):
        qprof.profile(call, engine, arguments=arguments)


def test_a_call_without_any_session_says_what_to_give(engine: Engine) -> None:
    """Neither an argument nor settings say where it comes from."""
    with pytest.raises(qprof.QprofError, match="qprof has none"):
        qprof.profile(search)


def test_the_settings_of_the_folder_hold(engine: Engine, tmp_path: Path) -> None:
    """The database, where none is given; and the rules."""
    url = engine.url.render_as_string()
    (tmp_path / "qprof.toml").write_text(f'database = "{url}"\nignore = ["QP101"]\n')
    result = qprof.profile(search)
    assert result.rows == 1000
    assert "QP101" not in [each.rule for each in result.findings]


def test_touch_is_a_part_of_the_call(engine: Engine) -> None:
    """What it reads lazily counts: one query for the artists, one for each one's albums."""
    result = qprof.profile(select(Artist), engine, touch=lambda artist: len(artist.albums))
    assert (result.queries, result.rows) == (11, 60)


def test_limits_are_kept(engine: Engine) -> None:
    """A run that fetches more is stopped, and its figures say what they are."""
    result = qprof.profile(search, engine, max_rows=100)
    assert result.call.exactness != "measured"
    with pytest.raises(qprof.QprofError, match="max-rows"):
        qprof.profile(search, engine, max_rows=0)
