"""A hand-written trace to a report."""

from dataclasses import replace
from typing import Any

from qprof.domain.report import Report
from qprof.domain.trace import (
    Call,
    Cost,
    Environment,
    Execution,
    Join,
    PlanRun,
    PlanRuns,
    Root,
    Tally,
    Trace,
)
from qprof.judge.detectors import DETECTORS
from qprof.judge.rules.thresholds import Thresholds
from qprof.judge.verdict import judge

ENVIRONMENT = Environment("0", "3", "2", "sqlite", "pysqlite", "sqlite:///x.db")


def joined(albums: int) -> Execution:
    """Return the audited search over 20 artists with 45 track genres and some albums each."""
    tracks, genres = (
        Join("Artist.tracks", ("Artist.tracks",), True),
        Join("Artist.tracks.genres", ("Artist.tracks", "Track.genres"), True),
    )
    own = Join("Artist.albums", ("Artist.albums",), True)
    rows = 900 * max(1, albums)
    pairs = {"Artist.tracks": 300, "Artist.tracks.genres": 900, "Artist.albums": 20 * albums}
    tally = Tally(
        roots=20,
        pairs=pairs,
        alone={"Artist.tracks.genres": 900, "Artist.albums": 20 * max(1, albums)},
        worst=Root("Artist", (1,), rows // 20),
        apart=Cost(4, 20 + sum(pairs.values()), 9000),
    )
    return Execution(
        sql="SELECT 1",
        count=1,
        rows=rows,
        columns=23,
        cells=rows * 23,
        entities=True,
        joins=(tracks, genres, own),
        tally=tally,
    )


def traced(albums: int, *runs: PlanRun) -> Report:
    """Return the report on a search over that many albums for each artist."""
    execution = joined(albums)
    assert execution.tally is not None
    call = Call("artists.search", {}, (execution,), 0.5, (), execution.tally.apart)
    comparisons = (PlanRuns("artists.search", runs),) if runs else ()
    return judge(Trace(ENVIRONMENT, (call,), comparisons), Thresholds(), DETECTORS)


def ran(name: str, seconds: float, **given: Any) -> PlanRun:
    """Return a measured run."""
    cost = given.pop("cost", Cost(1, 1800, 41400))
    return PlanRun(name, "measured", None, cost, seconds, (seconds, seconds), **given)


def levels(report: Report) -> dict[str, str]:
    """Return the level of each rule that was broken."""
    return {each.rule: each.level for each in report.findings}


def test_three_albums_each_are_an_error() -> None:
    """2,700 rows for 1,280 is over the threshold of 1.5."""
    assert levels(traced(3))["QP101"] == "error"


def test_without_albums_it_is_no_error() -> None:
    """Nothing multiplies; the cells are said by QP102."""
    found = levels(traced(0))
    assert found["QP101"] != "error"


def test_the_call_carries_its_figures() -> None:
    """Measured, needed and the ratio of both."""
    (call,) = traced(2).calls
    assert (call.rows, call.needed and call.needed.rows, call.amplification.rows) == (
        1800,
        1260,
        1.4286,
    )


def test_the_recommended_plan_is_written_down() -> None:
    """By name, with the reason."""
    runs = [ran("as-written", 1.0), ran("balanced", 0.1, identical=True, cost=Cost(4, 1260, 9000))]
    (comparison,) = traced(3, *runs).comparisons
    assert comparison.recommended == "balanced"
    assert comparison.reason.startswith("use balanced")


def test_a_faster_plan_says_why_it_is_not_recommended() -> None:
    """The recommended plan and the call as written need no such reason."""
    runs = [
        ran("as-written", 1.0),
        ran("balanced", 0.1, identical=True, cost=Cost(4, 1260, 9000)),
        ran("subquery", 0.08, identical=True, cost=Cost(4, 1260, 9100)),
    ]
    (comparison,) = traced(3, *runs).comparisons
    assert [each.reason for each in comparison.plans] == [
        None,
        None,
        "not clearly faster than balanced, so the counts decide",
    ]


def test_a_different_graph_is_shown_and_not_recommended() -> None:
    """It keeps its figures, and its reason."""
    wrong = replace(ran("immediate", 0.001, identical=False), reason="Artist 1 has 3 objects")
    (comparison,) = traced(3, ran("as-written", 1.0), wrong).comparisons
    assert comparison.recommended == "as-written"
    assert comparison.plans[1].reason == "Artist 1 has 3 objects"


def test_each_plan_has_findings_of_its_own() -> None:
    """What the rules say of the executions that the plan sent."""
    lazy = Execution(
        sql="SELECT 2",
        count=40,
        rows=40,
        columns=1,
        cells=40,
        path="Artist.albums",
        hops=("Artist.albums",),
        strategy="lazy",
        to_many=True,
    )
    run = ran("lazy", 2.0, identical=True, executions=(lazy,))
    (comparison,) = traced(0, ran("as-written", 1.0), run).comparisons
    (finding,) = comparison.plans[1].findings
    assert (finding.rule, finding.evidence["queries"]) == ("QP201", 40)


def test_unselected_rules_are_silent() -> None:
    """No rule, no finding."""
    call = Call("c", {}, (joined(3),), 0.5)
    assert judge(Trace(ENVIRONMENT, (call,)), Thresholds(), ()).findings == ()


def test_a_fetch_that_was_not_timed_leaves_the_sum_unknown() -> None:
    """A sum over some of the executions would be wrong."""
    call = Call("c", {}, (joined(0), replace(joined(0), fetch=None)), 0.5)
    (report,) = judge(Trace(ENVIRONMENT, (call,)), Thresholds(), ()).calls
    assert report.seconds.fetch is None


def test_a_report_has_the_tree_of_what_is_joined():
    """With what each path holds, and which of them multiply each other."""
    report = traced(2)
    tree = report.calls[0].executions[0].tree
    assert tree is not None
    assert tree.parents == 20
    assert [(each.path, each.pairs, each.multiplied) for each in tree.paths] == [
        ("Artist.tracks", 300, True),
        ("Artist.tracks.genres", 900, False),
        ("Artist.albums", 40, True),
    ]


def test_siblings_that_multiply_nothing_are_not_marked() -> None:
    """One album each: the rows are those of the tracks, and the note says so."""
    report = traced(1)
    tree = report.calls[0].executions[0].tree
    assert tree is not None
    assert [each.multiplied for each in tree.paths] == [False, False, False]
    (note,) = [each for each in report.findings if each.rule == "QP101"]
    assert "do not multiply on this data" in note.message
