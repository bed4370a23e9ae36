"""The paths of a call, found by running it once."""

import gc
from typing import Any

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session, joinedload, selectinload

from tests.measure.experiments.models import Author, Book
from tests.measure.experiments.oracle import counting, figures
from tests.measure.experiments.runs import paths, run
from tests.opening import discover, on


def lazy_two_levels(session: Session) -> Any:
    for author in session.scalars(select(Author).order_by(Author.id)):
        for book in author.books:
            list(book.tags)


def lazy_below_eager(session: Session) -> Any:
    statement = select(Author).options(selectinload(Author.books))
    return [[book.tags for book in author.books] for author in session.scalars(statement)]


def closed(session: Session) -> Any:
    statement = select(Author).options(selectinload(Author.books), joinedload(Author.awards))
    found = session.scalars(statement.order_by(Author.id)).unique().all()
    session.close()
    return found


def names_and_counts(session: Session) -> Any:
    statement = select(Author).options(joinedload(Author.books)).order_by(Author.id)
    return {each.name: len(each.books) for each in session.scalars(statement).unique()}


def lazy_books(session: Session) -> Any:
    return [list(each.books) for each in session.scalars(select(Author).order_by(Author.id))]


def selectin_books(session: Session) -> Any:
    statement = select(Author).options(selectinload(Author.books)).order_by(Author.id)
    return session.scalars(statement).all()


def test_lazy_loads_have_their_full_path(shop: Engine) -> None:
    """A lazy load two levels down is named from the root, not from its own parent."""
    assert paths(lazy_two_levels, shop) == {"Author.books": "lazy", "Author.books.tags": "lazy"}


def test_a_lazy_load_below_an_eager_one_is_found(shop: Engine) -> None:
    """The mark travels with what selectinload brings."""
    found = paths(lazy_below_eager, shop)
    assert found == {"Author.books": "selectin", "Author.books.tags": "lazy"}


def test_plain_values_have_paths_too(shop: Engine) -> None:
    """What the call returns does not matter; what it loads does."""
    assert paths(names_and_counts, shop) == {"Author.books": "joined"}


def test_a_closed_session_has_paths(shop: Engine) -> None:
    """They are read off the statements, while they run."""
    assert paths(closed, shop) == {"Author.awards": "joined", "Author.books": "selectin"}


def test_a_plan_of_another_call_hides_no_path(shop: Engine) -> None:
    """One call's statement under selectin is the other call's as written; both are found."""
    run(lazy_books, shop, "selectin")
    assert paths(selectin_books, shop) == {"Author.books": "selectin"}


def test_the_first_strategy_seen_wins(shop: Engine) -> None:
    """A path that is loaded twice is listed once, parents before children."""

    def twice(session: Session) -> Any:
        selectin_books(session)
        lazy_two_levels(session)

    assert next(iter(paths(twice, shop).items())) == ("Author.books", "selectin")


def test_two_roots_keep_their_own_paths(shop: Engine) -> None:
    """Each root statement knows what belongs to it."""

    def both(session: Session) -> Any:
        books = session.scalars(select(Book).options(joinedload(Book.author))).all()
        return books, selectin_books(session)

    roots = [list(each.paths) for each in discover(on(shop, both)).roots.values()]
    assert roots == [["Book.author"], ["Author.books"]]


@pytest.mark.parametrize(("ordered", "order"), [(True, [Author.id]), (False, [])])
def test_an_order_by_is_seen(ordered: bool, order: list[Any], shop: Engine) -> None:
    """Only a root with ORDER BY promises an order."""

    def call(session: Session) -> Any:
        return session.scalars(select(Author).order_by(*order)).all()

    assert discover(on(shop, call)).ordered is ordered


def test_statements_without_objects_have_no_paths(shop: Engine) -> None:
    """Columns and text load none."""

    def call(session: Session) -> Any:
        return session.execute(select(Author.name)).all(), session.execute(text("SELECT 1")).all()

    assert paths(call, shop) == {}


def test_discovering_sends_what_the_call_sends(shop: Engine) -> None:
    """The first run counts like the counting cursor, and adds nothing."""
    with counting(shop) as counted:
        found = discover(on(shop, lazy_two_levels))
    assert figures(found.executions) == counted.figures() == (11, 17, 50)


def test_what_a_call_raises_passes(shop: Engine) -> None:
    """An exception of the call's own leaves discovery unchanged."""

    def fails(session: Session) -> Any:
        session.scalars(select(Author)).all()
        raise KeyError("own")

    with pytest.raises(KeyError, match="own"):
        discover(on(shop, fails))


def test_the_call_is_rolled_back(shop: Engine) -> None:
    """What a call adds without a commit is gone after each run."""

    def adds(session: Session) -> Any:
        session.add(Author(id=99, name="ghost"))
        session.flush()

    discover(on(shop, adds))
    with Session(shop) as session:
        assert session.get(Author, 99) is None


def test_later_collections_leave_out_what_was_there_before(shop: Engine) -> None:
    """Otherwise each run would look through everything that its program has imported."""
    before: list[Any] = [[] for _ in range(50_000)]
    discover(on(shop, closed))
    assert len(gc.get_objects()) < len(before)
