"""From which round-trip time on another plan wins: arithmetic alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qprof.domain.report import BreakEven
from qprof.judge.verdict.recommend import break_even
from tests.judge.verdict.plans import plan

BEST = plan("balanced", 0.060, queries=6)


def test_extra_seconds_by_saved_trips() -> None:
    """0.280 s - 0.060 s for 5 trips fewer is 44 ms."""
    assert break_even(BEST, [BEST, plan("joined", 0.280)]) == (BreakEven("joined", 0.044),)


def test_plans_take_over_in_turn() -> None:
    """(0.080 - 0.060) / 2 = 10 ms, then (0.380 - 0.080) / 3 = 100 ms."""
    plans = [BEST, plan("joined", 0.380), plan("subquery", 0.080, queries=4)]
    turns = (BreakEven("subquery", 0.01), BreakEven("joined", 0.1))
    assert break_even(BEST, plans) == turns


@pytest.mark.parametrize("queries", [6, 7])
def test_no_trip_saved_never_overtakes(queries: int) -> None:
    """The same or more queries cannot win by distance."""
    assert break_even(BEST, [BEST, plan("lazy", 0.1, queries=queries)]) == ()


@pytest.mark.parametrize("change", [{"identical": False}, {"status": "not-applicable"}])
def test_only_proven_plans_overtake(change: dict[str, object]) -> None:
    """What may not be recommended is no rival either."""
    assert break_even(BEST, [BEST, plan("joined", 0.1, **change)]) == ()


PLANS = st.lists(st.tuples(st.integers(1, 1000), st.integers(1, 50)), min_size=1, max_size=7)


@given(PLANS, st.integers(0, 500))
def test_the_turns_name_the_cheapest_at_any_distance(
    figures: list[tuple[int, int]], millis: int
) -> None:
    """At every round trip, the plan in force costs no more than any with as few queries."""
    plans = [
        plan(f"p{number}" if number else "as-written", cost / 1000, queries=queries, rows=number)
        for number, (cost, queries) in enumerate(figures)
    ]
    best = min(plans, key=lambda each: each.seconds or 0.0)
    trip = millis / 1000
    names = [best.plan] + [each.plan for each in break_even(best, plans) if each.seconds <= trip]
    cost = {each.plan: each.seconds + trip * each.queries for each in plans}
    rivals = [each.plan for each in plans if each.queries <= best.queries]
    assert cost[names[-1]] <= min(cost[name] for name in rivals) + 1e-4
