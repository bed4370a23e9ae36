"""The front of queries, cells and time, and the round trips at which each plan is the fastest."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from qprof.domain.report import FrontPlan, PlanReport
from qprof.judge.verdict.recommend import is_no_slower, pareto_front
from tests.judge.verdict.plans import plan


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
    """5 % faster counts as equal, and so does what a repeat of the slower reaches."""
    near = _named("near", 2, 900, 2.85)
    reached = _named("reached", 3, 950, 2.0, spread=(1.9, 2.1))
    wide = _named("as-written", 1, 900, 3.0, spread=(2.0, 3.1))
    assert [each.plan for each in pareto_front([wide, near, reached])] == ["as-written"]


def test_a_slow_repeat_takes_no_plan_off_the_front() -> None:
    """Its repeats overlap with those of the slower, none of which reaches its median."""
    slow = _named("as-written", 1, 900, 3.0, spread=(2.9, 3.1))
    outlier = _named("outlier", 3, 950, 2.0, spread=(1.9, 4.0))
    found = [each.plan for each in pareto_front([slow, outlier])]
    assert found == ["as-written", "outlier"]


def test_of_the_same_counts_the_first_stays_unless_one_is_faster() -> None:
    same = _named("same", 1, 900, 2.9)
    fast = _named("fast", 1, 900, 1.0)
    assert [each.plan for each in pareto_front([WRITTEN, same])] == ["as-written"]
    assert [each.plan for each in pareto_front([WRITTEN, same, fast])] == ["fast"]


def test_other_objects_are_never_on_the_front() -> None:
    plans = [WRITTEN, _named("other", 1, 1, 0.1, identical=False)]
    assert [each.plan for each in pareto_front(plans)] == ["as-written"]


FIGURE = st.integers(1, 6)


@given(st.lists(st.tuples(FIGURE, FIGURE, FIGURE, FIGURE, FIGURE), min_size=1))
def test_each_plan_has_one_on_the_front_that_is_no_worse(drawn: list[tuple[int, ...]]) -> None:
    """In queries and cells, and in time but for the noise: the fastest is never lost."""
    plans = [
        _named(f"{number or 'as-written'}", queries, cells, low + up, spread=(low, low + up + more))
        for number, (queries, cells, low, up, more) in enumerate(drawn)
    ]
    names = {each.plan for each in pareto_front(plans)}
    front = [each for each in plans if each.plan in names]
    for other in plans:
        assert any(_is_no_worse(each, other) for each in front)


def _is_no_worse(one: PlanReport, other: PlanReport) -> bool:
    queries = (one.queries or 0) <= (other.queries or 0)
    return queries and (one.cells or 0) <= (other.cells or 0) and is_no_slower(one, other)
