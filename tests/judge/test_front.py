"""The front of queries, cells and time, and the round trips at which each plan is the fastest."""

from typing import Any

from qprof.judge.front import pareto_front
from qprof.report import FrontPlan, PlanReport
from tests.judge.plans import plan


def _named(name: str, queries: int, cells: int, seconds: float, **given: Any) -> PlanReport:
    return plan(name, seconds, queries=queries, cells=cells, **given)


WRITTEN = _named("as-written", 1, 900, 3.0)


def test_each_plan_has_the_round_trips_at_which_it_is_the_fastest() -> None:
    """By hand: 1.0 + 4t meets 2.0 + 2t at half a second, and that meets 3.0 + t at one."""
    plans = [WRITTEN, _named("two", 2, 500, 2.0), _named("four", 4, 100, 1.0)]
    assert pareto_front(plans) == (
        FrontPlan("as-written", 1.0, None),
        FrontPlan("two", 0.5, 1.0),
        FrontPlan("four", 0.0, 0.5),
    )


def test_a_plan_between_two_faster_ones_is_never_the_fastest() -> None:
    """It stays on the front for its cells: 1.0 + 2t is ahead of it from the first."""
    plans = [_named("as-written", 2, 500, 1.0), _named("lean", 3, 100, 1.9)]
    assert pareto_front(plans) == (
        FrontPlan("as-written", 0.0, None),
        FrontPlan("lean", None, None),
    )


def test_a_plan_with_more_of_everything_is_beaten() -> None:
    plans = [WRITTEN, _named("worse", 2, 901, 3.1)]
    assert [each.plan for each in pareto_front(plans)] == ["as-written"]


def test_noise_keeps_no_plan_on_the_front() -> None:
    """5 % faster counts as equal, and so do repeats that overlap."""
    near = _named("near", 2, 900, 2.85)
    wide = _named("wide", 3, 950, 2.0, spread=(1.0, 4.0))
    spread = _named("as-written", 1, 900, 3.0, spread=(2.9, 3.1))
    assert [each.plan for each in pareto_front([spread, near, wide])] == ["as-written"]


def test_of_the_same_counts_the_first_stays_unless_one_is_faster() -> None:
    same = _named("same", 1, 900, 2.9)
    fast = _named("fast", 1, 900, 1.0)
    assert [each.plan for each in pareto_front([WRITTEN, same])] == ["as-written"]
    assert [each.plan for each in pareto_front([WRITTEN, same, fast])] == ["fast"]


def test_other_objects_are_never_on_the_front() -> None:
    plans = [WRITTEN, _named("other", 1, 1, 0.1, identical=False)]
    assert [each.plan for each in pareto_front(plans)] == ["as-written"]
