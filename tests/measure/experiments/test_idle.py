"""What a call loads for nobody: found only where all reading was seen, priced by running without.

The bookshop's own rows say what the price has to be.
"""

import pickle
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload, selectinload
from sqlalchemy.orm.collections import InstrumentedList

from qprof.domain.trace import Idle
from qprof.measure.experiments.questions import examine
from qprof.measure.experiments.reads import observing
from qprof.targets.code import Steps, TargetCall
from tests.measure.experiments.models import Author, Book
from tests.measure.experiments.oracle import plain
from tests.opening import on, taking_a_session

BOOKS = select(Author).options(selectinload(Author.books))
JOINED = select(Author).options(joinedload(Author.books))
TAGS = select(Author).options(selectinload(Author.books).selectinload(Book.tags))


def authors(session: Session, statement: Any) -> list[Author]:
    return list(session.scalars(statement).unique())


def idle(engine: Engine, call: Callable[[Session], Any], touch: Any = None) -> tuple[Idle, ...]:
    target = TargetCall("call", taking_a_session(call), steps=Steps(touch=touch))
    return examine("call", {}, on(engine, target)).call.idle


def swallowed(author: Author) -> str:
    try:
        return author.books[0].title
    except Exception:
        return ""


def shown(statement: Any, show: Callable[[Author], Any]) -> Callable[[Session], Any]:
    return lambda session: [show(each) for each in authors(session, statement)]


UNREAD = {
    "selectin": shown(BOOKS, lambda author: author.name),
    "joined": shown(JOINED, lambda author: author.name),
    "of some objects": shown(BOOKS, lambda author: [author.id, {"name": author.name}]),
}
COUNTED = {
    "selectin": shown(BOOKS, lambda author: len(author.books)),
    "joined": shown(JOINED, lambda author: len(author.books)),
    "lazy": shown(select(Author), lambda author: len(author.books)),
    "truth": shown(BOOKS, lambda author: "some" if author.books else "none"),
}
READ = {
    "iterated": shown(BOOKS, lambda author: [book.title for book in author.books]),
    "indexed": shown(BOOKS, lambda author: author.books[:1] and author.books[0].title),
    "counted and read": shown(BOOKS, lambda author: len(author.books) and author.books[0].title),
    "compared": shown(BOOKS, lambda author: author.books == []),
    "past the attribute": shown(BOOKS, lambda author: len(list(vars(author)["books"]))),
    "past the methods": shown(BOOKS, lambda author: [*map(str, list.copy(author.books))] and 1),
    "where errors are swallowed": shown(BOOKS, swallowed),
    "pickled": shown(BOOKS, lambda author: len(pickle.dumps(author))),
    "its objects, though only counted": lambda session: [
        (len(author.books), [book.title for book in session.scalars(select(Book))])
        for author in authors(session, BOOKS)
    ],
    "left to the caller": lambda session: authors(session, BOOKS),
    "left to the caller, in a container": lambda session: {"found": authors(session, BOOKS)},
}


@pytest.mark.parametrize("name", UNREAD)
def test_what_nobody_reads_is_found(name: str, shop: Engine) -> None:
    (found,) = idle(shop, UNREAD[name])
    assert (found.path, found.use, found.reader) == ("Author.books", "unread", "call")


@pytest.mark.parametrize("name", COUNTED)
def test_what_is_only_counted_is_found(name: str, shop: Engine) -> None:
    (found,) = idle(shop, COUNTED[name])
    assert (found.path, found.use) == ("Author.books", "counted")


@pytest.mark.parametrize("name", READ)
def test_what_is_read_or_may_be_is_not_found(name: str, shop: Engine) -> None:
    assert idle(shop, READ[name]) == ()


def test_a_call_that_returns_nothing_may_have_read_past_the_attribute(shop: Engine) -> None:
    """Its work shows elsewhere, in a file or a message: the finding says what was not seen."""
    written: list[Any] = []

    def call(session: Session) -> None:
        written.extend(str(vars(author).get("books")) for author in authors(session, BOOKS))

    (found,) = idle(shop, call)
    assert (found.use, found.reader) == ("unread", "silent")


def test_the_price_is_what_sql_counts(shop: Engine) -> None:
    """A selectin brings each book once; four columns each."""
    books = plain(shop, "SELECT count(*) FROM book")
    (unread,), (counted,) = idle(shop, UNREAD["selectin"]), idle(shop, COUNTED["selectin"])
    for cost in (unread.cost, counted.cost):
        assert (cost.queries, cost.rows, cost.cells) == (1, books, books * 4)


def test_what_hangs_on_an_unread_path_goes_with_it(shop: Engine) -> None:
    (found,) = idle(shop, shown(TAGS, lambda author: author.name))
    assert (found.path, found.cost.queries) == ("Author.books", 2)


def test_the_end_of_a_chain_alone_may_be_unread(shop: Engine) -> None:
    (found,) = idle(shop, shown(TAGS, lambda author: [book.title for book in author.books]))
    assert (found.path, found.use) == ("Author.books.tags", "unread")


def test_a_touch_is_a_reader(shop: Engine) -> None:
    """With one that reads the names alone, the books are for nobody; one that reads them clears."""

    def call(session: Session) -> list[Author]:
        return authors(session, BOOKS)

    (found,) = idle(shop, call, touch=lambda author: author.name)
    assert (found.path, found.use, found.reader) == ("Author.books", "unread", "touch")
    assert idle(shop, call, touch=lambda author: [book.title for book in author.books]) == ()


def test_what_the_call_keeps_may_be_read_later(shop: Engine) -> None:
    kept: list[Author] = []

    def call(session: Session) -> int:
        kept[:] = authors(session, BOOKS)
        return len(kept)

    assert idle(shop, call) == ()


def test_nothing_is_left_behind(shop: Engine) -> None:
    """Neither in SQLAlchemy nor in a collection that somebody kept."""
    original = InstrumentedAttribute.__get__
    with Session(shop) as session:
        with observing():
            found = authors(session, BOOKS)
            assert isinstance(found[0].books, InstrumentedList)
            assert len(found[0].books) >= 0
        assert InstrumentedAttribute.__get__ is original
        assert {type(author.books) for author in found} == {InstrumentedList}
