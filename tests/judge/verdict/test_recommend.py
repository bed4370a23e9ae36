"""Which plan is recommended, by hand-written figures."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qprof.domain.report import Finding, PlanReport
from qprof.judge.verdict.recommend import recommended
from tests.judge.verdict.plans import plan


def chosen(*plans: PlanReport, damaged: bool = False) -> str | None:
    """Return the name of the recommended plan."""
    best = recommended(plans, damaged=damaged)
    return best.plan if best else None


WRITTEN = plan("as-written", identical=None)


def test_the_fastest_wins() -> None:
    """More than 10 % faster is faster."""
    assert chosen(WRITTEN, plan("joined", 0.5, rows=9)) == "joined"


def test_within_ten_percent_as_written_stays() -> None:
    """Nobody changes code for noise."""
    assert chosen(WRITTEN, plan("joined", 0.95, rows=9)) == "as-written"


def test_a_damaged_call_does_not_stay() -> None:
    """With an error in it, an equally fast plan is better."""
    assert chosen(WRITTEN, plan("subquery", 0.95), damaged=True) == "subquery"


def test_a_damaged_call_stays_where_it_is_clearly_the_fastest() -> None:
    """Time decides before the preference does."""
    assert chosen(WRITTEN, plan("selectin", 2.0), damaged=True) == "as-written"


def test_balanced_wins_a_tie() -> None:
    """Among equally fast ones that are not as written."""
    plans = [plan("joined", 0.5, cells=1), plan("balanced", 0.52, cells=50)]
    assert chosen(plan("as-written", 2.0), *plans) == "balanced"


def test_fewer_cells_win_the_next_tie() -> None:
    """Neither is balanced."""
    plans = [plan("joined", 0.5, cells=60), plan("subquery", 0.52, cells=50)]
    assert chosen(plan("as-written", 2.0), *plans) == "subquery"


def test_fewer_queries_win_the_last_tie() -> None:
    """Cells are equal, too."""
    plans = [plan("lazy", 0.5, queries=9), plan("subquery", 0.52, queries=4)]
    assert chosen(plan("as-written", 2.0), *plans) == "subquery"


def test_overlapping_repeats_are_a_tie() -> None:
    """A fastest run within the other's range proves nothing."""
    shaky = plan("joined", 0.5, spread=(0.4, 1.1), rows=9)
    assert chosen(plan("as-written", 1.0, spread=(0.9, 1.2)), shaky) == "as-written"


@pytest.mark.parametrize(
    ("repeats", "fast", "best"),
    [
        ((1, 1), 0.5, "as-written"),
        ((2, 2), 0.5, "as-written"),
        ((3, 3), 0.5, "joined"),
        ((1, 5), 0.5, "as-written"),
        ((2, 5), 0.5, "joined"),
        ((5, 5), 0.94, "as-written"),
        ((1, 1), 0.2, "joined"),
    ],
)
def test_a_time_decides_only_where_a_rank_test_tells_the_plans_apart(
    repeats: tuple[int, int], fast: float, best: str
) -> None:
    """One run of each proves nothing, unless one takes several times as long as the other."""
    written = plan("as-written", 1.0, spread=(0.99, 1.1), repeats=repeats[0])
    other = plan("joined", fast, spread=(fast, fast + 0.01), repeats=repeats[1], rows=9)
    assert chosen(written, other) == best


def test_none_is_slower_than_the_call_as_written() -> None:
    """Repeats that vary may reach the fastest plan, and still take longer than as written."""
    written = plan("as-written", 1.0, spread=(0.95, 1.05), repeats=5)
    fastest = plan("selectin", 0.5, spread=(0.4, 0.6), repeats=5)
    shaky = plan("balanced", 1.2, spread=(0.55, 3.0), repeats=5)
    assert chosen(written, fastest, shaky) == "selectin"


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
    assert chosen(WRITTEN, plan("lazy", 0.1, findings=(found,))) == best


def test_a_warning_that_is_as_written_too_rejects_no_plan() -> None:
    """What no plan changes, as a missing index, speaks against none."""
    found = Finding("QP601", "full-scan", "warning", "call", (), "", "", {}, None, "same")
    written = plan("as-written", findings=(found,))
    assert chosen(written, plan("selectin", 0.1, findings=(found,))) == "selectin"


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


TIMES = st.floats(0.001, 10.0)


@given(st.lists(st.tuples(TIMES, st.sampled_from([True, False, None]), st.booleans())), TIMES)
def test_the_recommended_is_proven_and_near_the_fastest(
    others: list[tuple[float, bool | None, bool]], own: float
) -> None:
    """For any figures: no unproven plan, and none slower than 1.1 times the fastest proven."""
    plans = [plan("as-written", own, identical=None)]
    plans += [
        plan(f"p{number}", seconds, identical=identical, rows=11)
        for number, (seconds, identical, _) in enumerate(others)
    ]
    best = recommended(plans, damaged=any(damaged for *_, damaged in others))
    proven = [each for each in plans if each.identical or each.plan == "as-written"]
    assert best in proven
    assert best.seconds <= min(each.seconds for each in proven) * 1.1 + 1e-12
