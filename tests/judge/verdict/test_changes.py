"""What changed between two reports, and when that cannot be said."""

from dataclasses import replace

import pytest

from qprof.domain.errors import QprofError
from qprof.domain.report import Report
from qprof.domain.trace import Cost, Library, Site, Unmeasured
from qprof.judge.verdict import against
from qprof.judge.verdict.comparable import changes
from tests.reporters.samples import (
    COUNT_CALL,
    ENVIRONMENT,
    EXPLOSION,
    GET_CALL,
    N_PLUS_ONE,
    SEARCH_CALL,
    call,
)

BEFORE = Report(
    ENVIRONMENT,
    (SEARCH_CALL, GET_CALL),
    findings=(EXPLOSION, replace(N_PLUS_ONE, evidence={"queries": 3_503, "rows": 3_510})),
    rules=("QP101", "QP201"),
)


def told(before: Report, after: Report) -> list[tuple[str, str, str | None, str | None]]:
    """Return status, call, rule and metric of each change."""
    return [(each.status, each.call, each.rule, each.metric) for each in changes(before, after)]


def test_nothing_changed_between_a_report_and_itself() -> None:
    """Lines may move, times and messages differ."""
    moved = replace(EXPLOSION, location=Site("other.py", 1, "f"), message="Moved.")
    after = replace(BEFORE, findings=(moved, *BEFORE.findings[1:]))
    assert changes(BEFORE, after) == ()


def test_a_finding_is_resolved_where_its_call_ran_without_it() -> None:
    """With the figures side by side."""
    fixed = call("artists.search", Cost(6, 9_120, 129_700), None, query="The")
    after = replace(BEFORE, calls=(fixed, GET_CALL), findings=BEFORE.findings[1:])
    assert told(BEFORE, after) == [
        ("worse", "artists.search", None, "queries"),
        ("better", "artists.search", None, "rows"),
        ("better", "artists.search", None, "cells"),
        ("resolved", "artists.search", "QP101", None),
    ]


@pytest.mark.parametrize(
    ("after", "reason"),
    [
        (replace(BEFORE, calls=(GET_CALL,), findings=BEFORE.findings[1:]), "was not measured."),
        (
            replace(
                BEFORE,
                calls=(GET_CALL,),
                findings=BEFORE.findings[1:],
                unmeasured=(Unmeasured("artists.search", "It raised KeyError.", True),),
            ),
            "was not measured: It raised KeyError.",
        ),
        (
            replace(BEFORE, findings=BEFORE.findings[1:], rules=("QP201",)),
            "its rule was not looked for.",
        ),
    ],
)
def test_what_was_not_looked_at_is_not_resolved(after: Report, reason: str) -> None:
    """The call was left out, it raised, or its rule was ignored."""
    found = [each for each in changes(BEFORE, after) if each.rule == "QP101"]
    assert [each.status for each in found] == ["not-run"]
    assert found[0].message.endswith(reason)


def test_a_finding_is_better_or_worse_by_its_level_then_by_its_figures() -> None:
    """The same defect, less or more of it."""
    milder = replace(BEFORE.findings[0], level="note")
    larger = replace(BEFORE.findings[1], evidence={"queries": 7_000, "rows": 3_510})
    found = changes(BEFORE, replace(BEFORE, findings=(milder, larger)))
    assert [(each.status, each.metric, each.before, each.after) for each in found] == [
        ("worse", "queries", 3_503, 7_000),
        ("better", "level", None, None),
    ]


def test_what_was_not_there_before_is_new() -> None:
    """A finding of a known call, and a call."""
    before = replace(BEFORE, findings=())
    after = replace(BEFORE, calls=(*BEFORE.calls, COUNT_CALL), findings=(EXPLOSION,))
    assert told(before, after) == [
        ("new", "artists.search", "QP101", None),
        ("new", "tracks.count", None, None),
    ]


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"library": Library("chinook", 1.0, 2)}, "the seed of the library (1 and 2)"),
        ({"library": Library("chinook", 2.0, 1)}, "the scale of the library (1.0 and 2.0)"),
        ({"library": None}, "the recipe of the library (chinook and none)"),
        ({"dialect": "mysql"}, "dialect (sqlite and mysql)"),
        ({"sqlalchemy": "2.0.51"}, "SQLAlchemy (2.1.9 and 2.0.51)"),
    ],
)
def test_what_speaks_for_something_else_is_refused(
    environment: dict[str, object], said: str
) -> None:
    """A difference that is not the code's would pass for one."""
    other = replace(BEFORE, environment=replace(ENVIRONMENT, **environment))
    with pytest.raises(QprofError) as refusal:
        against("a.json", BEFORE, "b.json", other)
    assert str(refusal.value).startswith("a.json and b.json cannot be compared; they differ in ")
    assert said in str(refusal.value)


def test_other_arguments_of_a_call_are_refused() -> None:
    """search('A') and search('The') are two things."""
    other = replace(BEFORE, calls=(replace(SEARCH_CALL, arguments={"query": "A"}), GET_CALL))
    with pytest.raises(QprofError, match=r"search \(query='The' and query='A'\)"):
        against("a.json", BEFORE, "b.json", other)


def test_a_report_without_calls_has_nothing_to_compare() -> None:
    with pytest.raises(QprofError, match=r"b\.json has no measured calls"):
        against("a.json", BEFORE, "b.json", replace(BEFORE, calls=()))


def test_a_patch_release_and_another_python_are_the_same_environment() -> None:
    """And what is said of the whole names the earlier file."""
    other = replace(ENVIRONMENT, sqlalchemy="2.1.12", python="3.10.1", database="sqlite:///b.db")
    report = against("a.json", BEFORE, "b.json", replace(BEFORE, environment=other))
    counts = "0 new, 0 worse, 0 not-run, 0 better, 0 resolved"
    assert report.notices == (f"Compared with a.json: {counts}.",)


def test_two_databases_of_the_users_own_are_compared_with_a_warning() -> None:
    """Nothing says whether they hold the same."""
    ours = replace(BEFORE, environment=replace(ENVIRONMENT, library=None))
    theirs = replace(
        ours, environment=replace(ENVIRONMENT, library=None, database="sqlite:///b.db")
    )
    (notice,) = against("a.json", ours, "b.json", theirs).notices
    assert notice.endswith("The databases differ: sqlite:///library.db and sqlite:///b.db.")
