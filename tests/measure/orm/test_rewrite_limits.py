"""What a rewrite must leave alone, and what it cannot carry over."""

from typing import Any

import pytest
from sqlalchemy import Engine, event, select, text
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import (
    Session,
    aliased,
    contains_eager,
    joinedload,
    raiseload,
    selectinload,
    with_loader_criteria,
)

from qprof.domain.errors import QprofError
from qprof.domain.plans import Plan, mixed_plan
from qprof.measure.capture import record
from qprof.measure.orm.rewrite import applying
from tests.measure.experiments.models import Author, Book, Node
from tests.measure.experiments.oracle import figures
from tests.measure.experiments.runs import differs, paths, run
from tests.opening import discover, measure, on


def long_books(session: Session) -> Any:
    statement = select(Author).options(joinedload(Author.books.and_(Book.pages > 100)))
    return session.scalars(statement.order_by(Author.id)).unique().all()


def criteria_for_all(session: Session) -> Any:
    statement = select(Author).options(
        joinedload(Author.books), with_loader_criteria(Book, Book.pages > 100)
    )
    return session.scalars(statement.order_by(Author.id)).unique().all()


def by_an_alias(session: Session) -> Any:
    book = aliased(Book)
    own = contains_eager(Author.books.of_type(book)).selectinload(book.tags)
    statement = select(Author).outerjoin(book, Author.books).options(own)
    return session.scalars(statement.order_by(Author.id, book.id)).unique().all()


def from_text(session: Session) -> Any:
    statement = select(Author).from_statement(text("SELECT * FROM author ORDER BY id"))
    return session.scalars(statement.options(selectinload(Author.books))).all()


def in_batches(session: Session) -> Any:
    statement = select(Author).options(selectinload(Author.books)).order_by(Author.id)
    return list(session.scalars(statement.execution_options(yield_per=2)))


def tree_by_depth(session: Session) -> Any:
    option = selectinload(Node.children, recursion_depth=2)
    statement = select(Node).options(option).where(Node.parent_id.is_(None))
    return session.scalars(statement.order_by(Node.id)).unique().all()


def two_in_conflict(session: Session) -> Any:
    statement = select(Author).options(joinedload(Author.books), joinedload(Author.awards))
    return session.scalars(statement.order_by(Author.id)).unique().all()


@pytest.mark.parametrize("strategy", ["joined", "selectin", "subquery", "lazy", "balanced"])
@pytest.mark.parametrize("call", [long_books, criteria_for_all])
def test_criteria_move_along(call: Any, strategy: str, shop: Engine) -> None:
    """The criteria of `.and_()` and of with_loader_criteria hold under every other strategy."""
    assert differs(call, shop, strategy) is None


def test_immediate_under_criteria_is_different(shop: Engine) -> None:
    """SQLAlchemy's immediateload ignores `.and_()`: the extra book is seen and named."""
    assert differs(long_books, shop, "immediate") == "Author 1 has 3 objects, not 2, in books"


@pytest.mark.parametrize("strategy", ["joined", "selectin", "subquery", "lazy", "immediate"])
def test_an_aliased_contains_eager_stays(strategy: str, shop: Engine) -> None:
    """What the author joined stays joined; only the path below it moves."""
    executions = run(by_an_alias, shop, strategy).executions
    assert any(join.strategy == "contains_eager" for join in executions[0].joins)
    assert differs(by_an_alias, shop, strategy) is None


def test_a_mix_cannot_move_contains_eager(shop: Engine) -> None:
    """A plan that names such a path is refused with the reason."""
    found = discover(on(shop, by_an_alias))
    with pytest.raises(QprofError, match="is read by contains_eager"):
        mixed_plan("Author.books=selectin", "call", found.paths)


def test_a_mix_leaves_other_paths_as_written(shop: Engine) -> None:
    """One path moves to selectin, the other stays joined."""
    found = discover(on(shop, two_in_conflict))
    plan = mixed_plan("Author.awards=selectin", "call", found.paths)
    executions = measure(on(shop, two_in_conflict), plan, found).executions
    assert [join.path for join in executions[0].joins] == ["Author.books"]
    assert [each.path for each in executions[1:]] == ["Author.awards"]


def test_the_paths_of_a_text_statement_are_found(shop: Engine) -> None:
    """from_statement() takes loader options like a select."""
    assert paths(from_text, shop) == {"Author.books": "selectin"}


def test_a_text_statement_can_be_moved_to_lazy(shop: Engine) -> None:
    """1 query for 4 authors and 4 for their books."""
    assert figures(run(from_text, shop, "lazy").executions) == (5, 10, 36)


def test_batches_can_be_discovered(shop: Engine) -> None:
    """yield_per with selectinload gives 1 root query and a selectin for each batch of 2."""
    assert figures(run(in_batches, shop, "as-written").executions)[0] == 3


def test_batches_can_be_selectin(shop: Engine) -> None:
    """A rewrite to what is written already changes nothing."""
    assert differs(in_batches, shop, "selectin") is None


def test_batches_cannot_be_joined(shop: Engine) -> None:
    """SQLAlchemy's own refusal passes through, to be shown as the reason."""
    with pytest.raises(InvalidRequestError, match="yield_per"):
        run(in_batches, shop, "joined")


@pytest.mark.parametrize("strategy", ["joined", "selectin", "subquery", "lazy", "balanced"])
def test_a_recursion_depth_does_not_stop_a_rewrite(strategy: str, shop: Engine) -> None:
    """The argument belongs to selectinload and goes away with it."""
    assert differs(tree_by_depth, shop, strategy) is None


def test_raiseload_elsewhere_stays(shop: Engine) -> None:
    """A path that the author forbade is not loaded by any plan."""

    def forbidden(session: Session) -> Any:
        options = [raiseload(Author.books), joinedload(Author.awards)]
        statement = select(Author).options(*options).order_by(Author.id)
        return session.scalars(statement).unique().all()

    executions = run(forbidden, shop, "selectin").executions
    assert [each.path for each in executions] == [None, "Author.awards"]


def test_an_unknown_statement_is_not_touched(shop: Engine) -> None:
    """A statement that the first run did not see keeps its options."""
    plan = Plan("x", {"Author.books": "selectin"})
    with Session(shop) as session, applying(plan, {}), record() as recording:
        two_in_conflict(session)
    assert len(recording.executions()) == 1


def test_the_user_s_own_statement_is_not_changed(shop: Engine) -> None:
    """A statement kept in a module is copied, so that it runs as written afterwards."""
    statement = select(Author).options(joinedload(Author.books)).order_by(Author.id)

    def kept(session: Session) -> Any:
        return session.scalars(statement).unique().all()

    run(kept, shop, "selectin")
    assert len(run(kept, shop, "as-written").executions) == 1


def test_other_listeners_still_run(shop: Engine) -> None:
    """A do_orm_execute listener of the user's sees the rewritten statement once."""
    seen: list[bool] = []

    def listen(state: Any) -> None:
        if not state.is_relationship_load:
            seen.append(True)

    found = discover(on(shop, two_in_conflict))
    event.listen(Session, "do_orm_execute", listen)
    try:
        measure(on(shop, two_in_conflict), Plan("x", {"Author.books": "selectin"}), found)
    finally:
        event.remove(Session, "do_orm_execute", listen)
    assert seen == [True]


def test_nothing_stays_after_a_call_that_raises(shop: Engine) -> None:
    """The listener goes whatever happens; the fixture of conftest looks for it."""
    found = discover(on(shop, two_in_conflict))

    def fails(session: Session) -> Any:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        measure(on(shop, fails), Plan("x", {"Author.books": "selectin"}), found)
