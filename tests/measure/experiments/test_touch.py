"""Reading what a lazy strategy put off."""

import re
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Engine, event, inspect, select
from sqlalchemy.orm import Session, joinedload, selectinload
from sqlalchemy.orm.exc import DetachedInstanceError

from qprof.measure.experiments.touch import touch
from tests.measure.experiments.models import Author, Book
from tests.measure.experiments.oracle import figures
from tests.measure.experiments.runs import run


@dataclass
class Page:
    items: list[Author]


def written(session: Session) -> list[Author]:
    statement = select(Author).options(selectinload(Author.books).joinedload(Book.tags))
    return list(session.scalars(statement.order_by(Author.id)).unique())


def closed(session: Session) -> list[Author]:
    found = written(session)
    session.close()
    return found


def half_way(session: Session) -> list[Book]:
    return [book for author in written(session) for book in author.books]


@pytest.mark.parametrize(
    "call",
    [
        lambda session: Page(written(session)),
        lambda session: dict.fromkeys(written(session), 1),
        lambda session: {"items": tuple(written(session))},
        lambda session: set(written(session)),
    ],
)
def test_objects_are_read_in_every_container(call: Any, shop: Engine) -> None:
    """Lazy: 1 root, 4 authors' books, 6 books' tags, however they are wrapped."""
    assert figures(run(call, shop, "lazy").executions)[0] == 11


def test_objects_from_half_way_are_read_from_there(shop: Engine) -> None:
    """The call itself reads the books; their tags are read for it."""
    assert figures(run(half_way, shop, "lazy").executions)[0] == 11


@pytest.mark.parametrize("turned", [False, True])
def test_paths_are_read_in_order_of_their_names(turned: bool, shop: Engine) -> None:
    """What a lazy load finds in the session depends on it: a run's own order is chance."""
    sent: list[str] = []
    paths = [[inspect(Author).relationships[each]] for each in ("awards", "books", "country")]
    with Session(shop) as session:
        found = session.scalars(select(Author)).all()
        event.listen(shop, "before_cursor_execute", lambda *told: sent.append(told[2]))
        touch(found, reversed(paths) if turned else paths)
    tables = [re.findall(r"FROM (\w+)", each)[0] for each in sent]
    assert list(dict.fromkeys(tables)) == ["award", "book", "country"]


def test_a_closed_session_cannot_be_lazy(shop: Engine) -> None:
    """SQLAlchemy's own error comes through, to be shown as the reason."""
    with pytest.raises(DetachedInstanceError):
        run(closed, shop, "lazy")


@pytest.mark.parametrize("strategy", ["joined", "selectin", "subquery", "immediate", "balanced"])
def test_a_closed_session_can_be_anything_eager(strategy: str, shop: Engine) -> None:
    """Nothing is put off, so nothing has to be read."""
    assert run(closed, shop, strategy).objects is not None


def test_nothing_is_read_that_the_call_did_not_load(shop: Engine) -> None:
    """A path that is lazy as written and unread stays unread under every plan."""

    def unread(session: Session) -> Any:
        return session.scalars(select(Author).options(joinedload(Author.country))).all()

    assert figures(run(unread, shop, "selectin").executions)[0] == 2


def test_without_reading_lazy_looks_free(shop: Engine) -> None:
    """`profile` measures the call alone."""
    assert figures(run(written, shop, "lazy", read=False).executions)[0] == 1
