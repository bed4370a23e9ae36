"""What is too large to run is predicted, and never run."""

from collections.abc import Callable

import pytest

from qprof.domain.errors import QprofError
from qprof.runs import Request, compare
from tests.runs.reports import plan_of

Seeded = Callable[..., str]


def test_a_call_that_is_too_large_as_written_is_predicted(seeded: Seeded) -> None:
    """The audit's product: 20 x 45 rows of tracks and genres, for each of three albums."""
    report = compare(
        Request(calls=["artists.search"], database=seeded("audit")), (), 1, lambda _: None, 100
    )
    assert (report.calls, report.comparisons) == ((), ())
    (found,) = report.predictions
    measured = compare(
        Request(calls=["artists.search"], database=seeded("audit")), (), 1, lambda _: None
    )
    plans = measured.comparisons[0].plans
    assert [(each.plan, each.rows) for each in found.plans] == [
        (each.plan, each.rows) for each in plans
    ]


def test_it_is_said_that_it_was_not_run(seeded: Seeded) -> None:
    """With its rows, and what they are more than."""
    said: list[str] = []
    request = Request(calls=["artists.search"], database=seeded("audit"))
    report = compare(request, (), 1, said.append, 100)
    rows = next(each.rows for each in report.predictions[0].plans if each.plan == "as-written")
    assert said == [
        f"artists.search would fetch {rows:,} rows as it is written, more than --max-rows 100: "
        "it is predicted, not run."
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
