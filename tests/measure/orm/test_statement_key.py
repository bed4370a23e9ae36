"""A statement is known again by what it is, not by what SQLAlchemy has compiled of it."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, exists, func, select
from sqlalchemy.orm import Session, joinedload

from qprof.domain.plans import named_plan
from qprof.measure.experiments.comparison import compare_plans
from qprof.measure.experiments.questions import examine
from qprof.measure.orm.roots import statement_key
from tests.measure.experiments.models import Author
from tests.measure.experiments.oracle import counting
from tests.opening import discover, measure, on

JOINED = joinedload(Author.books)
BALANCED = "balanced"


def _count_then_page(session: Session) -> Any:
    query = select(Author)
    total = session.scalar(select(func.count()).select_from(query.subquery()))
    return session.scalars(query.options(JOINED)).unique().all(), total


def _count_of_options_then_page(session: Session) -> Any:
    query = select(Author).options(JOINED)
    total = session.scalar(select(func.count()).select_from(query.subquery()))
    return session.scalars(query).unique().all(), total


def _exists_then_page(session: Session) -> Any:
    query = select(Author).where(Author.id > 0)
    found = session.scalar(select(exists(query)))
    return session.scalars(query.options(JOINED)).unique().all(), found


def _twice_from_a_cte(session: Session) -> Any:
    query = select(Author)
    within = query.cte()
    counts = [session.scalar(select(func.count()).select_from(within)) for _ in range(2)]
    return session.scalars(query.options(JOINED)).unique().all(), counts


def _legacy(session: Session) -> Any:
    query = session.query(Author)
    return query.count(), query.options(JOINED).all()


def _page_then_count(session: Session) -> Any:
    query = select(Author).options(JOINED)
    found = session.scalars(query).unique().all()
    return found, session.scalar(select(func.count()).select_from(query.subquery()))


CALLS = [
    _count_then_page,
    _count_of_options_then_page,
    _exists_then_page,
    _twice_from_a_cte,
    _legacy,
    _page_then_count,
]


@pytest.mark.parametrize("call", CALLS)
def test_a_plan_is_applied_whatever_was_compiled_before(
    call: Callable[[Session], Any], shop: Engine
) -> None:
    """Under selectin nothing is joined, and the driver counts the same."""
    opening = on(shop, call)
    found = discover(opening)
    for _ in range(2):
        with counting(shop) as counted:
            result = measure(opening, named_plan("selectin", found.paths), found)
        assert result.reason is None
        assert result.cost.rows == counted.rows
        assert [each.strategy for each in result.executions if each.path] == ["selectin"]
        assert not any(each.joins for each in result.executions)


@pytest.mark.parametrize("call", CALLS)
def test_what_it_needs_is_measured_under_the_balanced_plan(
    call: Callable[[Session], Any], shop: Engine
) -> None:
    """It is known, and no plan is shown with the figures of another."""
    specimen = examine("call", {}, on(shop, call))
    assert specimen.call.needed is not None
    plans = [named_plan(name, specimen.found.paths) for name in ("as-written", "selectin")]
    written, selectin = compare_plans(specimen, plans, 1).runs
    assert selectin.identical is True
    assert selectin.cost is not None
    assert written.cost is not None
    assert selectin.cost.queries == written.cost.queries + 1


def test_options_that_change_what_is_sent_are_another_statement() -> None:
    """Only SQLAlchemy's own defaults are left out of account."""
    with Session() as session:
        query = session.query(Author)
        statements = [query.statement, query.enable_eagerloads(False).statement]
    assert len({statement_key(each) for each in [*statements, select(Author.id)]}) == 3


def test_a_statement_that_is_never_the_same_is_not_applied(shop: Engine) -> None:
    """Its figures would be those of the call as written."""
    names = iter(f"n{number}" for number in range(1000))

    def fickle(session: Session) -> Any:
        statement = select(Author, func.abs(1).label(next(names))).options(JOINED)
        return session.execute(statement).unique().all()

    specimen = examine("call", {}, on(shop, fickle))
    assert specimen.call.needed is None
    assert "not applied" in specimen.call.notes[0]
    plans = [named_plan(name, specimen.found.paths) for name in ("as-written", "selectin")]
    written, selectin = compare_plans(specimen, plans, 1).runs
    assert written.status == "measured"
    assert (selectin.status, selectin.cost) == ("not-applicable", None)
    assert (selectin.reason or "").startswith("not applied: ")
