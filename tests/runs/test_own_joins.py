"""Joins that no plan undoes, roots with a table above theirs, and options that do nothing."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from qprof.domain.report import Report
from qprof.runs.compare import compare as run_compare
from qprof.runs.profile import profile as run_profile
from qprof.runs.request import Request
from tests.apps.inherited import Base, fill


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the URL of the shop."""
    file: Path = tmp_path_factory.mktemp("shop") / "shop.db"
    engine = create_engine(f"sqlite:///{file}")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        fill(session)
    engine.dispose()
    return f"sqlite:///{file}"


def request(call: str, shop: str) -> Request:
    """Return the request for one function of the shop's."""
    return Request([call], target=f"tests.apps.inherited:{call}", database=shop)


def profiled(call: str, shop: str) -> Report:
    """Profile one function of the shop's."""
    return run_profile(request(call, shop), lambda _: None)


def test_siblings_of_a_subclass_and_its_base_multiply(shop: str) -> None:
    """4 x 5 x 6 rows and 1; needed are 5 customers, 20 notes and 24 orders."""
    report = profiled("everything", shop)
    assert [(each.rule, each.level) for each in report.findings] == [("QP101", "error")]
    (call,) = report.calls
    assert call.needed is not None
    assert (call.rows, call.needed.rows) == (4 * 5 * 6 + 1, 5 + 20 + 24)


def test_a_fix_keeps_the_criteria(shop: str) -> None:
    """Without them the collection would be another."""
    (found,) = profiled("with_large_orders", shop).findings
    assert "selectinload(Customer.orders.and_(Order.total > 3))" in found.fix


def test_copies_by_a_join_of_the_author_s_are_not_needed(shop: str) -> None:
    """24 rows hold the 4 customers that have orders."""
    (call,) = profiled("who_ordered", shop).calls
    assert call.needed is not None
    assert (call.rows, call.needed.rows) == (24, 4)
    assert "24 rows hold 4 objects" in " ".join(call.notes)


def test_needed_is_unknown_where_the_balanced_plan_gives_others(shop: str) -> None:
    """An inner join leaves out the customer without orders; a SELECT of its own does not."""
    (call,) = profiled("only_with_orders", shop).calls
    assert call.needed is None
    assert "it returns 5 objects, not 4" in " ".join(call.notes)


def test_an_option_that_does_nothing_is_no_path(shop: str) -> None:
    """Joinedload over a text is ignored by SQLAlchemy, so a comparison has nothing to move."""
    report = run_compare(request("by_text", shop), [], 1, lambda _: None)
    plans = report.comparisons[0].plans
    assert {(plan.queries, plan.rows) for plan in plans} == {(1, 20)}
