"""A call whose own runs take long is shown with what is known by then; --timeout runs it all."""

from collections.abc import Callable
from dataclasses import replace
from math import inf

from qprof.domain.limits import LATE, MAX_SECONDS, Limits
from qprof.domain.report import Comparison
from qprof.runs.compare import compare
from qprof.runs.request import Request, from_config
from qprof.targets.config import Config
from tests.runs.reports import plan_of

Seeded = Callable[..., str]
CALL = "artists.search"


def compared(url: str, patience: float, call: str = CALL) -> tuple[Comparison, tuple[str, ...]]:
    limits = replace(Limits(), patience=patience)
    report = compare(Request([call], database=url, limits=limits), (), 2, str)
    return report.comparisons[0], report.calls[0].notes


def test_plans_without_time_are_left_to_their_predictions(seeded: Seeded) -> None:
    """The call as written is measured; the figures are those of a run; it says what to type."""
    url = seeded("audit")
    (late, notes), (whole, _) = compared(url, 0), compared(url, inf)
    written = plan_of(late, "as-written")
    assert (written.status, written.identical) == ("measured", True)
    assert written.seconds is not None
    assert {each.status for each in whole.plans} == {"measured"}
    others = [each for each in late.plans if each.strategies != written.strategies]
    assert len(others) > 1
    for each in others:
        assert (each.status, each.reason) == ("predicted", f"{LATE}.")
        theirs = plan_of(whole, each.plan)
        assert (each.queries, each.rows) == (theirs.queries, theirs.rows)
    assert late.recommended == "as-written"
    assert any(LATE in each for each in notes)


def test_a_plan_that_moves_nothing_is_the_call_as_written(seeded: Seeded) -> None:
    """It was measured: with it, what the objects need is known, and no time is spent."""
    report, notes = compared(seeded("audit"), 0, "artists.get_all")
    written = plan_of(report, "as-written")
    for name in ("selectin", "balanced"):
        same = plan_of(report, name)
        assert (same.status, same.identical) == ("measured", True)
        assert same.strategies == written.strategies
        assert (same.queries, same.rows, same.cells) == (
            written.queries,
            written.rows,
            written.cells,
        )
    assert plan_of(report, "joined").status == "predicted"
    assert not any("unknown" in each for each in notes)


def test_who_says_how_long_a_run_may_take_has_patience() -> None:
    """What the sentence says to type runs them all."""
    assert f"--timeout {MAX_SECONDS:g} " in LATE
    assert from_config(Config(), timeout=MAX_SECONDS).limits == Limits(patience=inf)
    assert from_config(Config()).limits == Limits()
