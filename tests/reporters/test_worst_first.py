"""The calls of a report, worst first, and all of them in one line."""

from dataclasses import replace

from qprof.domain.report import Breach, Change, Finding
from qprof.domain.trace import Cost, Unmeasured
from qprof.reporters import REPORTERS, Canvas
from qprof.reporters.worst_first import compared, ended, headline, moved, subjects
from tests.judge.budgets.reports import execution
from tests.reporters.samples import SAMPLES, call

EMPTY = SAMPLES["empty"]
CALLS = (
    call("cheap", Cost(1, 10, 20), Cost(1, 10, 20)),
    call("dear", Cost(1, 90, 900), Cost(1, 10, 20)),
    call("waste", Cost(1, 50, 500), Cost(1, 10, 20)),
)


def finding(name: str, level: str, rule: str = "QP101") -> Finding:
    """Return a finding of a call."""
    return Finding(rule, f"named-{rule}", level, name, (), "", "", {}, None, name)


def test_the_level_decides_and_then_the_cells_that_are_wasted() -> None:
    """A warning stands before what wastes more and breaks no rule."""
    report = replace(EMPTY, calls=CALLS, findings=(finding("cheap", "warning"),))
    found = subjects(report)
    assert [each.name for each in found] == ["cheap", "dear", "waste"]
    assert [each.level for each in found] == ["warning", "fine", "fine"]
    assert headline(report, found) == "1 of 3 calls needs attention: 1 warning"


def test_a_note_asks_for_no_attention() -> None:
    """It is named where nothing is worse."""
    both = (finding("dear", "note", "QP401"), finding("dear", "error"))
    report = replace(EMPTY, calls=CALLS, findings=(*both, finding("waste", "note", "QP401")))
    found = subjects(report)
    assert headline(report, found) == "1 of 3 calls needs attention: 1 error"
    assert [each.problem for each in found] == ["named-QP101", "named-QP401", ""]


def test_a_call_that_was_stopped_is_not_called_fine() -> None:
    """It asks for attention, before what is a note."""
    stopped = replace(CALLS[0], exactness="at least")
    report = replace(EMPTY, calls=(stopped, *CALLS[1:]), findings=(finding("waste", "note"),))
    found = subjects(report)
    assert [each.level for each in found] == ["stopped", "note", "fine"]
    assert headline(report, found) == "1 of 3 calls needs attention: 1 stopped at a limit"
    assert found[0].trouble == "stopped at a limit"
    assert "! cheap  stopped at a limit" in REPORTERS["table"](report, Canvas(80))


def test_a_limit_that_somebody_let_pass_asks_for_none() -> None:
    """One that nobody did is an error, also of a call that is not in the report."""
    passed = Breach("dear", "rows", 1, 2, "budget", acknowledged="until then")
    report = replace(EMPTY, calls=CALLS, breaches=(passed,))
    assert headline(report, subjects(report)) == "3 calls are fine"
    broken = Breach("gone", "rows", 1, 2, "budget")
    report = replace(report, breaches=(passed, broken))
    assert headline(report, subjects(report)) == "1 of 4 calls needs attention: 1 error"
    assert subjects(report)[0].problem == "rows over the limit"


def test_what_was_not_run_is_not_called_fine() -> None:
    """Growth and predictions judge nothing."""
    growth = SAMPLES["growth"]
    assert headline(growth, subjects(growth)).startswith("3 calls: none grows ")
    compare = SAMPLES["compare"]
    predicted = replace(EMPTY, predictions=compare.predictions)
    assert headline(predicted, subjects(predicted)) == "artists.search predicted, not run"
    assert subjects(predicted)[0].level == "not-judged"
    assert headline(EMPTY, subjects(EMPTY)) == "Nothing was measured"


def test_changes_are_counted_by_status() -> None:
    """In the order in which the report has them; nothing where nothing was compared."""
    assert compared(()) == ""
    assert compared(SAMPLES["changes"].changes).startswith(
        "Figures and findings, against the earlier report: "
    )
    changes = SAMPLES["changes"]
    first, *_ = REPORTERS["table"](changes, Canvas(200)).splitlines()
    assert first.startswith("1 call better, 1 worse, 0 unchanged, 1 call not run; 2 of 3 calls")


def test_a_call_whose_defect_is_gone_is_better_though_it_sends_more_queries() -> None:
    """A finding tells more than a figure; one that is new is worse, whatever the figures say."""
    fewer = Change("better", "dear", None, "cells", 900, 90, "", None)
    more = Change("worse", "dear", None, "queries", 1, 4, "", None)
    gone = Change("resolved", "dear", "QP101", None, None, None, "", "f")
    new = replace(gone, status="new")
    for changes, said in (
        ((more, fewer, gone), "1 call better, 0 worse"),
        ((fewer, new), "0 calls better, 1 worse"),
        ((more, fewer), "0 calls better, 1 worse"),
    ):
        report = replace(EMPTY, calls=CALLS, changes=changes)
        assert moved(subjects(report)).startswith(said)


def test_a_gate_says_how_it_ended_in_its_first_line() -> None:
    """And what failed it: a limit, a finding, or a call that could not be measured."""
    passed = Breach("dear", "rows", 1, 2, "budget", acknowledged="until then")
    broken = Breach("waste", "rows", 1, 2, "budget")
    milder = Breach("cheap", "rows", 1, 2, "budget", "warning")
    report = replace(EMPTY, calls=CALLS, breaches=(passed, milder), gate="passed")
    assert ended(report) == "passed: 3 calls within their limits, 1 exception"
    failed = replace(report, breaches=(broken, passed, milder), gate="failed")
    assert ended(failed) == "FAILED: 1 of 3 calls is over a limit, 1 exception"
    assert headline(failed, subjects(failed)) == ended(failed)
    found = replace(EMPTY, calls=CALLS, findings=(finding("dear", "error"),), gate="failed")
    assert ended(found) == "FAILED: 1 error"
    missed = replace(EMPTY, unmeasured=(Unmeasured("dear", "it raised", True),), gate="failed")
    assert ended(missed) == "FAILED: 1 call could not be measured"
    for each in (report, failed, found, missed):
        first, *_ = REPORTERS["table"](each, Canvas()).splitlines()
        assert first == ended(each)


def test_a_gate_shows_the_causes_of_what_fails_alone() -> None:
    """A finding of a call that passes fails nothing, and is for profile to show."""
    findings = (finding("dear", "error"), finding("cheap", "error", "QP103"))
    broken = Breach("dear", "rows", 1, 2, "budget")
    report = replace(EMPTY, calls=CALLS, findings=findings, breaches=(broken,), gate="failed")
    text = REPORTERS["table"](report, Canvas())
    assert "QP101" in text
    assert "QP103" not in text
    assert "QP101" not in REPORTERS["table"](replace(report, breaches=(), gate="passed"), Canvas())


def test_no_row_is_told_of_what_qprof_ran() -> None:
    """A program that finds nothing costs what it costs; of many calls, three are named."""
    nothing = replace(CALLS[0], rows=0, executions=(execution(rows=0, cells=0),))
    traced = replace(nothing, seconds=replace(nothing.seconds, wall=None))
    report = replace(EMPTY, calls=tuple(replace(nothing, name=each) for each in "abcde"))
    assert headline(report, subjects(report)) == "5 calls returned no row"
    assert "from a, b, c and 2 more, so" in " ".join(REPORTERS["table"](report, Canvas()).split())
    report = replace(EMPTY, calls=(traced,))
    assert headline(report, subjects(report)) == "cheap is fine"
