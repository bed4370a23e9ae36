"""What is a symptom of another finding is no finding of its own; what costs little is a note."""

from dataclasses import replace
from typing import Any

from qprof.domain.report import Finding
from qprof.domain.trace import Call, Site
from qprof.judge.rules.thresholds import Thresholds
from qprof.judge.verdict.noise import quieted
from tests.judge.detectors.traces import call_from

HERE = Site("artists.py", 5, "search")


def made(
    rule: str, level: str = "warning", call: str = "artists.search", **evidence: Any
) -> Finding:
    """Return a finding about Artist.albums."""
    return Finding(
        rule, rule, level, call, ("Artist.albums",), "So.", "", evidence, HERE, rule + call
    )


def call(**more: Any) -> Call:
    """Return a call that joins albums."""
    joins = [{"hops": "Artist.albums"}]
    sql = "SELECT a FROM artists LEFT OUTER JOIN albums ON b = c"
    site = "artists.py:5:search"
    one = {"sql": sql, "rows": 900, "columns": 9, "joins": joins, "site": site}
    return call_from({"executions": [one], **more})


def rules(*found: Finding, **more: Any) -> list[tuple[str, str]]:
    """Return the rule and the level of what is left."""
    calls = [call(**more)]
    return [(each.rule, each.level) for each in quieted(found, calls, Thresholds())]


NEEDED = {"needed": {"queries": 2, "rows": 300, "cells": 900}}


def test_a_sibling_is_a_sentence_in_what_was_measured() -> None:
    """The finding names the model, and there is no other one."""
    sibling = made("QP501", model="artists.get_all")
    (one,) = quieted([made("QP101", "error"), sibling], [call(**NEEDED)], Thresholds())
    assert one.rule == "QP101"
    assert one.message == "So. artists.get_all loads the same paths at less cost."


def test_a_sibling_that_loads_some_of_the_paths_is_a_model_for_those() -> None:
    """It is not said to load what it does not: it costs less for loading less."""
    both = replace(made("QP101", "error"), paths=("Artist.albums", "Artist.tracks"))
    sibling = made("QP501", model="artists.get_all")
    (one,) = quieted([both, sibling], [call(**NEEDED)], Thresholds())
    assert sibling.paths == ("Artist.albums",)
    assert one.message == "So. artists.get_all loads Artist.albums at less cost."


def test_a_sibling_alone_is_a_finding_if_it_costs_much() -> None:
    """Of 900 rows 300 are needed; below all floors nothing is said."""
    assert rules(made("QP501"), **NEEDED) == [("QP501", "warning")]
    little = {"needed": {"queries": 1, "rows": 899, "cells": 8_000}}
    assert rules(made("QP501"), **little) == []


def test_a_scan_of_a_joined_table_is_a_symptom_of_the_join() -> None:
    """The root's own table is none."""
    join = made("QP101", "error")
    assert rules(join, made("QP601", table="albums"), **NEEDED) == [("QP101", "error")]
    assert len(rules(join, made("QP601", table="artists"), **NEEDED)) == 2


def test_what_costs_little_is_a_note() -> None:
    """Fewer than 5 queries, 100 rows and 1,000 cells."""
    assert rules(made("QP301", queries=1, rows=99, cells=999)) == [("QP301", "note")]
    assert rules(made("QP301", queries=1, rows=100, cells=100)) == [("QP301", "warning")]
    assert rules(made("QP202", repeats=5, repeated_rows=1, repeated_cells=1)) == [
        ("QP202", "warning")
    ]


def test_code_of_two_names_has_one_finding() -> None:
    """It says by which other name the code is reached."""
    found = [made("QP101", "error"), made("QP101", "error", "Repository.search")]
    calls = [call(), call(name="Repository.search")]
    (one,) = quieted(found, calls, Thresholds())
    assert one.message == "So. Repository.search is the same code."


def test_two_requests_are_no_two_names_of_one_method() -> None:
    """Each was asked for, so each has its finding, also where both cost the same."""
    found = [made("QP101", "error", "GET /a"), made("QP101", "error", "GET /a?plain")]
    calls = [call(name="GET /a"), call(name="GET /a?plain")]
    assert [each.call for each in quieted(found, calls, Thresholds())] == ["GET /a", "GET /a?plain"]
