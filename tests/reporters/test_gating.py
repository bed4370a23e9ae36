"""How a gate ended, as text."""

from dataclasses import replace

from qprof.domain.report import Breach, Report
from qprof.reporters.canvas import Canvas
from qprof.reporters.gating import blocks
from qprof.reporters.worst_first import ended
from tests.reporters.samples import GATE

ROWS = Breach(
    "shop.orders", "rows-amplification", 1.5, 3.5176, "qprof's default", enough=4_076, message="m"
)
BASELINE = Breach("shop.orders", "rows", 13_000, 14_344, "baseline", message="m")
COVERED = replace(ROWS, acknowledged="The baseline covers this call.")


def drawn(*breaches: Breach, width: int = 80) -> list[str]:
    """Return the lines of a gate with these limits and no finding."""
    failed = any(each.acknowledged is None for each in breaches)
    report = replace(
        GATE, breaches=breaches, findings=(), notices=(), gate="failed" if failed else "passed"
    )
    return [line for each in blocks(report, Canvas(width=width)) for line in each]


def first(*breaches: Breach) -> str:
    """Return the first line of the same."""
    return drawn(*breaches)[0]


def test_a_ratio_says_what_would_be_enough() -> None:
    """The count itself stands in the finding."""
    assert "  rows  1.50×  3.52×  4,076 are enough  qprof's default" in drawn(ROWS)


def test_a_count_says_by_how_much_it_is_over() -> None:
    """In percent of the limit; of a limit of 0 there is none."""
    lines = drawn(BASELINE, replace(BASELINE, metric="cells", limit=0, measured=5))
    assert [line.split() for line in lines[3:5]] == [
        ["rows", "13,000", "14,344", "+10", "%", "baseline"],
        ["cells", "0", "5", "baseline"],
    ]


def test_what_is_no_figure_is_said_in_words() -> None:
    """An entry that is missing, rows that did not come; and an exception that expired."""
    gone = Breach("shop.old", "entries without a call", 0, 3, "baseline", message="shop.old: gone.")
    empty = replace(BASELINE, measured=0, message="shop.orders: no rows came.")
    lapsed = replace(ROWS, lapsed="the exception of Ada for 4 expired on 2026-01-31")
    assert "  Gone." in drawn(gone)
    assert "  No rows came." in drawn(empty)
    assert "  The exception of Ada for 4 expired on 2026-01-31" in drawn(lapsed)


def test_only_what_got_worse_than_the_baseline_is_called_so() -> None:
    """A budget is a limit, and an entry that is missing is none."""
    gone = Breach("shop.old", "entries without a call", 0, 3, "baseline", message="m")
    assert "got worse than the baseline" in first(BASELINE)
    assert "over a limit" in first(BASELINE, ROWS)
    assert "over a limit" in first(gone, ROWS)
    assert "does not match the baseline" in first(gone)


def test_an_exception_of_a_call_that_fails_is_not_said() -> None:
    """Accepted and refused at once is no verdict: the baseline covers what does not get worse."""
    assert "exception" not in first(BASELINE, COVERED)
    assert not [line for line in drawn(BASELINE, COVERED) if "accepted" in line]
    cells = replace(COVERED, metric="cells-amplification", limit=3.0, measured=8.6)
    assert first(COVERED, cells).endswith("1 exception")
    accepted = drawn(COVERED, cells, width=140)[1]
    assert accepted == (
        "  accepted: shop.orders: rows 3.52× (limit 1.50×), cells 8.60× (limit 3×). "
        "The baseline covers this call."
    )


def test_a_report_without_limits_is_ended_too() -> None:
    """By its findings, where those fail it."""
    report: Report = replace(GATE, breaches=(), gate="failed")
    assert ended(report).startswith("FAILED: ")
