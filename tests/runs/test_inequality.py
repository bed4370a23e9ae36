"""Plans that give other objects, or cannot run, are shown as such and never recommended."""

from collections.abc import Callable

from tests.runs.reports import compared, plan_of

Seeded = Callable[..., str]


def test_immediate_under_criteria_is_shown_as_different(seeded: Seeded) -> None:
    """SQLAlchemy ignores `.and_()` there: the extra albums are named."""
    mix = "Artist.albums=immediate"
    target = {"target": "tests.apps.criteria:early_albums", "plans": (mix,)}
    (comparison,) = compared(seeded("audit"), **target).comparisons
    plan = plan_of(comparison, mix)
    assert plan.identical is False
    assert "objects, not" in (plan.reason or "")
    assert comparison.recommended != mix


def test_the_other_plans_of_it_are_equal(seeded: Seeded) -> None:
    """Criteria move along with joined, selectin, subquery and lazy."""
    (comparison,) = compared(seeded("audit"), target="tests.apps.criteria:early_albums").comparisons
    assert all(each.identical for each in comparison.plans[1:])


def test_a_closed_session_cannot_be_lazy(seeded: Seeded) -> None:
    """The reason is a sentence of ours."""
    (comparison,) = compared(seeded("audit"), target="tests.apps.criteria:closes").comparisons
    plan = plan_of(comparison, "lazy")
    assert plan.status == "not-applicable"
    assert "objects were read after the session was closed" in (plan.reason or "")


def test_a_closed_session_has_a_need(seeded: Seeded) -> None:
    """20 artists and 40 albums, by a query each."""
    report = compared(seeded("audit"), target="tests.apps.criteria:closes")
    needed = report.calls[0].needed
    assert needed is not None
    assert (needed.queries, needed.rows) == (2, 60)
