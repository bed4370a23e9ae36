"""What is too large to run is stopped, predicted, and judged by that."""

from collections.abc import Callable

import pytest
from sqlalchemy import create_engine

from qprof.domain.errors import QprofError
from qprof.runs.compare import compare
from qprof.runs.request import Request
from tests.apps.gardens import GARDENS
from tests.runs.reports import plan_of

Seeded = Callable[..., str]


def test_a_call_that_is_too_large_as_written_is_predicted(seeded: Seeded) -> None:
    """The audit's product: 20 x 45 rows of tracks and genres, for each of three albums.

    The verdict is that of a run to its end.
    """
    report = compare(
        Request(calls=["artists.search"], database=seeded("audit")), (), 1, lambda _: None, 100
    )
    assert report.comparisons == ()
    (found,), (call,) = report.predictions, report.calls
    measured = compare(
        Request(calls=["artists.search"], database=seeded("audit")), (), 1, lambda _: None
    )
    plans = measured.comparisons[0].plans
    assert [(each.plan, each.rows) for each in found.plans] == [
        (each.plan, each.rows) for each in plans
    ]
    assert (call.rows, call.exactness) == (measured.calls[0].rows, "predicted")
    assert [each.fingerprint for each in report.findings] == [
        each.fingerprint for each in measured.findings
    ]


def test_it_is_said_that_it_was_not_run(seeded: Seeded) -> None:
    """With its rows, and what they are more than."""
    said: list[str] = []
    request = Request(calls=["artists.search"], database=seeded("audit"))
    report = compare(request, (), 1, said.append, 100)
    rows = next(each.rows for each in report.predictions[0].plans if each.plan == "as-written")
    assert said == [
        f"artists.search would fetch {rows:,} rows as it is written, and --max-rows is 100: its "
        "plans are predicted, not run."
    ]


def test_it_is_said_that_it_was_not_searched(seeded: Seeded) -> None:
    """Where a search was asked for, and only there."""
    request = Request(calls=["artists.search"], database=seeded("audit"))
    report = compare(request, (), 1, lambda _: None, 100, every=True)
    assert len(report.notices) == 1
    assert report.notices[0].startswith("artists.search was not searched: ")
    assert compare(request, (), 1, lambda _: None, 100).notices == ()


def test_a_plan_over_the_limit_is_predicted_beside_the_others(seeded: Seeded) -> None:
    """As written it is small; joined, it would be the largest."""
    url = seeded("audit")
    call = "artists.get_all"
    whole = compare(Request(calls=[call], database=url), (), 1, lambda _: None).comparisons[0]
    limit = (plan_of(whole, "joined").rows or 0) - 1
    report = compare(Request(calls=[call], database=url), (), 1, lambda _: None, limit)
    plan = plan_of(report.comparisons[0], "joined")
    assert (plan.status, plan.rows) == ("predicted", plan_of(whole, "joined").rows)
    assert plan_of(report.comparisons[0], "as-written").status == "measured"


def test_a_limit_of_nothing_is_refused(seeded: Seeded) -> None:
    """A sentence with the value."""
    with pytest.raises(QprofError, match="--max-rows is 0"):
        compare(Request(calls=["artists.search"]), (), 1, lambda _: None, 0)


@pytest.fixture(scope="module")
def gardens(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the URL of one garden with 25 collections of 20 rows."""
    url = f"sqlite:///{tmp_path_factory.mktemp('gardens') / 'g.db'}"
    engine = create_engine(url)
    GARDENS.fill(engine, 1, 20)
    engine.dispose()
    return url


def test_a_plan_too_large_to_be_told_is_not_run(gardens: str) -> None:
    """Whatever --max-rows allows; the others are."""
    request = Request(calls=["apart"], target="tests.apps.gardens:CALLS", database=gardens)
    (comparison,) = compare(request, (), 1, lambda _: None, 10**40).comparisons
    plan = plan_of(comparison, "joined")
    assert (plan.status, plan.reason) == ("not-applicable", "it would fetch some 1e32 rows.")
    assert plan_of(comparison, "selectin").rows == 501


def test_a_plan_of_one_s_own_over_the_limit_is_not_run(gardens: str) -> None:
    """Six of the collections in one SELECT: 20 ** 6 rows."""
    request = Request(calls=["apart"], target="tests.apps.gardens:CALLS", database=gardens)
    text = ",".join(f"Garden.kinds{number}=joined" for number in range(6))
    (comparison,) = compare(request, (text,), 1, lambda _: None).comparisons
    plan = plan_of(comparison, text)
    assert (plan.status, plan.rows) == ("predicted", 20**6 + 19 * 20)


def test_a_call_too_large_to_be_told_is_not_run(gardens: str) -> None:
    """There is nothing to compare its plans with; what is known of them is shown."""
    said: list[str] = []
    request = Request(calls=["at_once"], target="tests.apps.gardens:CALLS", database=gardens)
    report = compare(request, (), 1, said.append)
    assert said == [
        "at_once was stopped, and its plans are not run: as written, it would fetch some 1e32 rows."
    ]
    assert [each.level for each in report.findings if each.rule == "QP101"] == ["error"]
    assert report.comparisons == ()
    assert [(each.plan, each.rows) for each in report.predictions[0].plans] == [
        ("as-written", None), ("joined", None), ("selectin", 501), ("subquery", 501),
        ("lazy", 501), ("balanced", 501),
    ]  # fmt: skip
