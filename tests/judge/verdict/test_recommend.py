"""Which plan is recommended, by hand-written figures."""

from dataclasses import replace
from itertools import combinations
from random import Random
from statistics import median
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qprof.domain.report import Finding, PlanReport
from qprof.judge.verdict.recommend import chance, recommended, why_not_faster
from tests.judge.verdict.plans import plan


def chosen(*plans: PlanReport, damaged: bool = False) -> str | None:
    """Return the name of the recommended plan."""
    best = recommended(plans, damaged=damaged)
    return best.plan if best else None


WRITTEN = plan("as-written", identical=None)
TIMES = st.floats(0.001, 10.0)


OTHER = {"rows": 9, "queries": 2, "cells": 90}
"""What another plan costs: less of something, so that its time may speak for it."""


def test_twice_as_fast_wins() -> None:
    """In each of five repeats."""
    fast = plan("joined", 0.5, times=(0.5,) * 5, **OTHER)
    assert chosen(plan("as-written", times=(1.0,) * 5, identical=None), fast) == "joined"


def test_less_than_twice_as_fast_leaves_as_written() -> None:
    """Nobody changes code for what the next run takes back."""
    fast = plan("joined", 0.6, times=(0.6,) * 5, **OTHER)
    assert chosen(plan("as-written", times=(1.0,) * 5, identical=None), fast) == "as-written"


def test_a_damaged_call_does_not_stay() -> None:
    """With an error in it, an equally fast plan is better."""
    assert chosen(WRITTEN, plan("subquery", 0.95), damaged=True) == "subquery"


def test_a_damaged_call_stays_where_it_is_clearly_the_fastest() -> None:
    """None is recommended that takes longer than the call as written."""
    for repeats, slow in ((5, 1.2), (3, 1.6)):
        written = plan("as-written", times=(1.0,) * repeats)
        other = plan("selectin", slow, times=(slow,) * repeats)
        assert chosen(written, other, damaged=True) == "as-written"


def test_a_slow_repeat_takes_no_plan_away() -> None:
    """What takes longer in some repeats alone is not slower than the call as written."""
    written = plan("as-written", times=(1.0, 1.0, 1.0))
    shaky = plan("selectin", 1.2, times=(0.9, 1.2, 3.0))
    assert chosen(written, shaky, damaged=True) == "selectin"


def test_balanced_wins_a_tie() -> None:
    """Among equally fast ones that are not as written."""
    plans = [plan("joined", 0.5, cells=1), plan("balanced", 0.9, cells=50)]
    assert chosen(plan("as-written", 2.0), *plans, damaged=True) == "balanced"


def test_fewer_cells_win_the_next_tie() -> None:
    """Neither is balanced."""
    plans = [plan("joined", 0.5, cells=60), plan("subquery", 0.52, cells=50)]
    assert chosen(plan("as-written", 2.0), *plans, damaged=True) == "subquery"


def test_fewer_queries_win_the_last_tie() -> None:
    """Cells are equal, too."""
    plans = [plan("lazy", 0.5, queries=9), plan("subquery", 0.52, queries=4)]
    assert chosen(plan("as-written", 2.0), *plans, damaged=True) == "subquery"


@pytest.mark.parametrize(
    ("written", "other", "best"),
    [
        ((1.0,), (0.3,), "as-written"),
        ((1.0, 1.1), (0.3, 0.3), "as-written"),
        ((1.0, 1.1, 1.0), (0.3, 0.3, 0.4), "joined"),
        ((1.0,), (0.3, 0.3, 0.4, 0.3, 0.3), "as-written"),
        ((1.0, 1.0), (0.3, 0.3, 0.4, 0.3, 0.3), "joined"),
        ((1.0, 1.0, 9.0, 1.0, 1.0), (0.3, 0.3, 2.0, 0.3, 0.3), "joined"),
        ((1.0, 0.3, 9.0, 0.2, 1.0), (0.3, 0.3, 2.0, 0.3, 0.3), "as-written"),
        ((1.0,), (0.05,), "joined"),
        ((0.01,), (0.0005,), "as-written"),
    ],
)
def test_a_time_decides_only_where_a_rank_test_tells_the_plans_apart(
    written: tuple[float, ...], other: tuple[float, ...], best: str
) -> None:
    """One run of each proves nothing, unless one takes many times as long, and long enough."""
    plans = [
        plan(name, median(times), times=times, **(OTHER if name == "joined" else {}))
        for name, times in (("as-written", written), ("joined", other))
    ]
    assert chosen(*plans) == best


def test_a_plan_that_costs_more_is_faster_by_chance() -> None:
    """As many queries, rows and cells, or more: counts decide."""
    fast = plan("joined", 0.1, times=(0.1,) * 5)
    assert chosen(plan("as-written", times=(1.0,) * 5, identical=None), fast) == "as-written"


NAMES = ("as-written", "joined", "selectin", "subquery", "lazy", "balanced")
COSTS = st.tuples(st.integers(1, 4), st.integers(1, 9), st.integers(1, 9))


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(COSTS, st.floats(0.71, 0.8)), min_size=1, max_size=5),
    st.booleans(),
    st.integers(0, 9999),
    st.integers(1, 7),
)
def test_noise_changes_no_verdict(
    others: list[tuple[tuple[int, int, int], float]], damaged: bool, seed: int, repeats: int
) -> None:
    """True times within 41 %, and a load of up to 40 %: the verdict is that of the counts."""
    noise = Random(seed)
    best = set()
    for _ in range(10):
        plans = []
        for name, (figures, share) in zip(NAMES, [((3, 9, 9), 1.0), *others], strict=False):
            counts = dict(zip(("queries", "rows", "cells"), figures, strict=True))
            times = tuple(share * noise.uniform(1.0, 1.4) for _ in range(repeats))
            plans.append(plan(name, median(times), times=times, **counts))
        best.add(chosen(*plans, damaged=damaged))
    untimed = [replace(each, seconds=1.0, times=()) for each in plans]
    assert best == {chosen(*untimed, damaged=damaged)}


@given(st.lists(TIMES, min_size=1, max_size=5), st.lists(TIMES, min_size=1, max_size=5))
def test_the_rank_test_counts_orders(late: list[float], early: list[float]) -> None:
    """Against all orders of so many repeats, one by one."""
    after = sum((b > a) + (b == a) / 2 for b in late for a in early)
    places = range(len(late) + len(early))
    orders = [set(each) for each in combinations(places, len(late))]
    counts = [sum(b > a for b in each for a in places if a not in each) for each in orders]
    assert chance(late, early) == sum(count >= after for count in counts) / len(counts)


@pytest.mark.parametrize("identical", [False, None])
def test_unproven_objects_are_never_recommended(identical: bool | None) -> None:
    """Different or incomparable, whatever it costs."""
    free = plan("immediate", 0.0001, identical=identical, cells=0)
    assert chosen(WRITTEN, free, damaged=True) == "as-written"


@pytest.mark.parametrize(
    ("level", "best"), [("error", "as-written"), ("warning", "as-written"), ("note", "lazy")]
)
def test_what_a_rule_rejects_is_never_recommended(level: str, best: str) -> None:
    """However fast it is here; a note rejects nothing."""
    found = Finding("QP201", "n-plus-one", level, "call", (), "", "", {}, None, "")
    written = plan("as-written", times=(1.0,) * 5)
    fast = plan("lazy", 0.1, times=(0.1,) * 5, findings=(found,), **OTHER)
    assert chosen(written, fast) == best


def test_a_warning_that_is_as_written_too_rejects_no_plan() -> None:
    """What no plan changes, as a missing index, speaks against none."""
    found = Finding("QP601", "full-scan", "warning", "call", (), "", "", {}, None, "same")
    written = plan("as-written", findings=(found,), times=(1.0,) * 5)
    fast = plan("selectin", 0.1, times=(0.1,) * 5, findings=(found,), **OTHER)
    assert chosen(written, fast) == "selectin"


def test_what_did_not_run_is_never_recommended() -> None:
    """A plan that is not applicable has no time."""
    refused = plan("lazy", None, status="not-applicable", identical=None)
    assert chosen(WRITTEN, refused) == "as-written"


def test_nothing_measured_recommends_nothing() -> None:
    """None, and the verdict says so."""
    assert chosen(plan("as-written", None, status="not-applicable")) is None


def test_a_plan_that_repeats_as_written_is_none_of_its_own() -> None:
    """The same strategies and counts: its time is noise."""
    same = plan("joined", 0.1, strategies=WRITTEN.strategies)
    assert chosen(WRITTEN, same, damaged=True) == "as-written"


@given(st.lists(st.tuples(TIMES, st.sampled_from([True, False, None]), st.booleans())), TIMES)
def test_the_recommended_is_proven_and_no_slower_than_as_written(
    others: list[tuple[float, bool | None, bool]], own: float
) -> None:
    """For any figures: no unproven plan, and none that takes over 1.1 times as long as written."""
    plans = [plan("as-written", own, identical=None, times=(own,) * 5)]
    plans += [
        plan(f"p{number}", seconds, identical=identical, rows=11, times=(seconds,) * 5)
        for number, (seconds, identical, _) in enumerate(others)
    ]
    best = recommended(plans, damaged=any(damaged for *_, damaged in others))
    proven = [each for each in plans if each.identical or each.plan == "as-written"]
    assert best in proven
    assert best.seconds <= own * 1.1 + 1e-12


@pytest.mark.parametrize(
    ("seconds", "times", "counts", "why"),
    [
        (1.2, (1.2,) * 5, {}, ""),
        (0.97, (0.97,) * 5, {}, "not clearly faster than balanced, so the counts decide"),
        (0.5, (0.4, 2.0, 0.5), {}, "not clearly faster than balanced, so the counts decide"),
        (0.7, (0.7,) * 5, {}, "faster than balanced by less than 2×, so the counts decide"),
        (0.2, (0.2,) * 5, {"cells": 101}, "faster, but it fetches no less"),
        (0.2, (0.2,) * 5, {"identical": False}, ""),
    ],
)
def test_a_faster_plan_says_why_it_is_not_the_one_to_use(
    seconds: float, times: tuple[float, ...], counts: dict[str, Any], why: str
) -> None:
    """Where the table shows it above the recommended one."""
    best = plan("balanced", 1.0, times=(1.0,) * 5)
    assert why_not_faster(plan("subquery", seconds, times=times, **counts), best) == why
