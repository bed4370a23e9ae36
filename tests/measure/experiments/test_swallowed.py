"""Lazy loads that fail and that an `except` hides: seen where they were read, priced by a run."""

import gc
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, inspect, select
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import InstrumentedAttribute, Session, raiseload, selectinload
from sqlalchemy.orm.exc import DetachedInstanceError

from qprof.domain.trace import Call, Cost, Swallowed
from qprof.measure.experiments.questions import examine
from qprof.targets.code import Source, Steps, TargetCall
from qprof.targets.code.makers import Maker
from tests.measure.experiments.models import Author, Book, fill
from tests.opening import on, taking_a_session

AUTHORS = select(Author)
BOOKS = select(Author).options(selectinload(Author.books))


def seen(engine: Engine, call: Callable[[Session], Any], touch: Any = None) -> Call:
    target = TargetCall("call", taking_a_session(call), steps=Steps(touch=touch))
    return examine("call", {}, on(engine, target)).call


def swallowed(engine: Engine, call: Callable[[Session], Any]) -> tuple[Swallowed, ...]:
    return seen(engine, call).swallowed


def read(found: Any, reading: Callable[[Any], Any]) -> Any:
    """Hide whatever goes wrong, as pages do."""
    with suppress(Exception):
        return reading(found)


def gone(session: Session, statement: Any = AUTHORS) -> list[Any]:
    """Read objects in a session of its own, which is closed."""
    with Session(session.bind) as own:
        return list(own.scalars(statement))


def titles(author: Author) -> Any:
    return read(author, lambda each: [book.title for book in each.books])


def detached(session: Session) -> list[Any]:
    return [titles(author) for author in gone(session)]


def below(session: Session) -> list[Any]:
    books = [book for author in gone(session, BOOKS) for book in author.books]
    return [read(book, lambda each: [tag.name for tag in each.tags]) for book in books]


def forbidden(session: Session) -> list[Any]:
    statement = select(Author).options(raiseload(Author.country))
    return [read(author, lambda each: each.country.name) for author in session.scalars(statement)]


def by_wildcard(session: Session) -> list[Any]:
    statement = select(Author).options(raiseload("*"))
    return [titles(author) for author in session.scalars(statement)]


FAIL: dict[str, tuple[Any, str, str, int, str, str]] = {
    "a session that is gone": (
        detached,
        "Author.books",
        "DetachedInstanceError",
        4,
        "selectin",
        "SELECT 1, count(*), 4 * count(*) FROM book",
    ),
    "below a collection": (
        below,
        "Author.books.tags",
        "DetachedInstanceError",
        6,
        "selectin",
        "SELECT 1, count(*), 3 * count(*) FROM book_tags",
    ),
    "raiseload, to-one": (
        forbidden,
        "Author.country",
        "raiseload",
        4,
        "joined",
        "SELECT 0, 0, 2 * count(*) FROM author",
    ),
    "raiseload of everything": (
        by_wildcard,
        "Author.books",
        "raiseload",
        4,
        "selectin",
        "SELECT 1, count(*), 4 * count(*) FROM book",
    ),
}
"""The call; path, error, reads and strategy; and what the strategy costs, by plain SQL."""


@pytest.mark.parametrize("name", FAIL)
def test_the_path_the_reads_and_the_price_are_told(name: str, shop: Engine) -> None:
    call, path, error, count, strategy, price = FAIL[name]
    (found,) = swallowed(shop, call)
    assert (found.path, found.error, found.count) == (path, error, count)
    assert (found.strategy, found.reason) == (strategy, None)
    assert found.cost == Cost(*_row(shop, price))
    assert found.same is False
    assert [site.file for site in found.sites] == ["tests/measure/experiments/test_swallowed.py"]


def _row(engine: Engine, sql: str) -> Any:
    with engine.connect() as connection:
        return connection.exec_driver_sql(sql).one()


def test_an_except_that_loads_the_same_loses_nothing(shop: Engine) -> None:
    """Nothing is missing then, and what it sends in place of the path is a price saved."""

    def call(session: Session) -> list[Any]:
        return [asked(session, author, titles(author)) for author in gone(session)]

    def asked(session: Session, author: Author, loaded: list[str] | None) -> list[str]:
        titles = select(Book.title).where(Book.author_id == author.id)
        return sorted(session.scalars(titles) if loaded is None else loaded)

    (found,) = swallowed(shop, call)
    authors, books = _row(shop, "SELECT (SELECT count(*) FROM author), (SELECT count(*) FROM book)")
    assert found.same is True
    assert found.cost == Cost(1 - authors, 0, 3 * books)


def kept(session: Session) -> list[Any]:
    authors = gone(session)
    return [*authors, *map(titles, authors)]


def printed(session: Session) -> None:
    detached(session)


def first_of_two(session: Session) -> list[Any]:
    return [read(each, lambda a: (len(a.books), len(a.awards))) or 0 for each in gone(session)]


@pytest.mark.parametrize("call", [kept, printed, first_of_two])
def test_what_tells_nothing_is_not_compared(call: Any, shop: Engine) -> None:
    """Objects that others may read on, work that shows elsewhere, and a second read that fails."""
    (found,) = swallowed(shop, call)
    assert (found.same, found.reason) == (None, None)
    assert found.cost is not None


def loud(session: Session) -> list[Any]:
    """Read what is loaded, ask what is not, and hide an error that is no lazy load's."""
    authors = gone(session, BOOKS)
    assert all("awards" in inspect(author).unloaded for author in authors)
    return [read(author, lambda each: each.books[7]) for author in authors]


def in_time(session: Session) -> list[Any]:
    return [titles(author) for author in session.scalars(select(Author))]


@pytest.mark.parametrize("call", [loud, in_time])
def test_reads_that_do_not_fail_are_none_of_it(call: Any, shop: Engine) -> None:
    assert swallowed(shop, call) == ()


def test_an_error_that_comes_out_is_the_call_s_own(shop: Engine) -> None:
    def call(session: Session) -> Any:
        return [author.books for author in gone(session)]

    with pytest.raises(DetachedInstanceError):
        seen(shop, call)


def test_what_is_no_relationship_stays_a_note(shop: Engine) -> None:
    """A column that a commit expired: there is no path to load."""

    def call(session: Session) -> Any:
        with Session(session.bind) as own:
            authors = list(own.scalars(select(Author)))
            own.commit()
        return [read(author, lambda each: each.name) for author in authors]

    found = seen(shop, call)
    assert found.swallowed == ()
    assert "A DetachedInstanceError was raised 4 times and swallowed" in found.notes[0]


def test_a_path_is_told_once_and_the_note_no_more(shop: Engine) -> None:
    assert not any("DetachedInstanceError" in note for note in seen(shop, detached).notes)


def test_a_touch_step_is_observed(shop: Engine) -> None:
    """It runs in the call's session, where raiseload alone stands in the way."""

    def call(session: Session) -> Any:
        return list(session.scalars(select(Author).options(raiseload(Author.books))))

    (found,) = seen(shop, call, touch=titles).swallowed
    assert (found.path, found.count) == ("Author.books", 4)


def test_no_price_is_told_of_what_fails_even_so(shop: Engine) -> None:
    """Objects of before the call: no statement of it brought them."""
    kept = Session(shop)
    authors = list(kept.scalars(select(Author)))
    kept.close()
    (found,) = swallowed(shop, lambda session: [titles(each) for each in authors])
    assert (found.cost, found.count) == (None, 4)
    assert found.reason == "the statement that its objects came by was not seen"


def test_no_price_is_told_where_the_run_raises(shop: Engine) -> None:
    def call(session: Session) -> Any:
        authors = gone(session)
        if any("books" in vars(author) for author in authors):
            raise LookupError("loaded")
        return [titles(author) for author in authors]

    (found,) = swallowed(shop, call)
    assert (found.cost, found.reason) == (None, "LookupError: loaded")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
def test_an_async_session_is_read_without_await(tmp_path: Path) -> None:
    """The driver drops the coroutine that nobody could await."""
    engine = create_engine(f"sqlite:///{tmp_path}/shop.db")
    fill(engine)
    apart = create_async_engine(f"sqlite+aiosqlite:///{tmp_path}/shop.db")

    async def call() -> Any:
        async with AsyncSession(apart) as session:
            return [titles(author) for author in await session.scalars(select(Author))]

    with Source() as source:
        found = examine("call", {}, lambda: TargetCall("call", Maker(call)).open(source)).call
        source.loop.run(apart.dispose())
    (lost,) = found.swallowed
    assert (lost.path, lost.error, lost.count) == ("Author.books", "MissingGreenlet", 4)
    assert found.cost.queries == 1, "what nobody awaits is not sent"
    assert lost.cost == Cost(1, *_row(engine, "SELECT count(*), 4 * count(*) FROM book"))
    engine.dispose()
    gc.collect()


def test_nothing_is_left_behind(shop: Engine) -> None:
    """Neither the errors' own classes nor the attributes' know of it afterwards."""
    before = InstrumentedAttribute.__get__
    swallowed(shop, detached)
    assert InstrumentedAttribute.__get__ is before
    assert "__init__" not in vars(DetachedInstanceError)
    assert "__init__" not in vars(InvalidRequestError)
