"""All rules together: order, identity, and the way through JSON."""

from dataclasses import replace

from qprof.domain.jsonvalue import from_json, to_json
from qprof.domain.report import Finding
from qprof.domain.trace import Call
from qprof.judge.detectors import DETECTORS, findings
from qprof.judge.rules.thresholds import Thresholds
from tests.judge.detectors.traces import call_from


def messy(name: str) -> Call:
    lookup = {"sql": "SELECT a FROM t WHERE a = 1", "count": 9, "repeats": 1, "rows": 9}
    album = {"hops": "Track.album", "to_many": False, "required": True}
    return call_from(
        {
            "name": name,
            "executions": [
                {**lookup, "site": "a.py:3:f"},
                {"rows": 6, "unlinked": ["log"], "joins": [album]},
                {"hops": "Artist.albums", "strategy": "lazy", "to_many": True, "count": 3},
            ],
        }
    )


def test_errors_come_first_then_calls_then_rules() -> None:
    found = findings([messy("b.call"), messy("a.call")], Thresholds())
    assert [(each.level, each.call, each.rule) for each in found] == [
        ("error", "a.call", "QP103"),
        ("error", "a.call", "QP201"),
        ("error", "a.call", "QP201"),
        ("error", "b.call", "QP103"),
        ("error", "b.call", "QP201"),
        ("error", "b.call", "QP201"),
        ("warning", "a.call", "QP202"),
        ("warning", "b.call", "QP202"),
        ("note", "a.call", "QP402"),
        ("note", "b.call", "QP402"),
    ]


def test_only_the_chosen_rules_look() -> None:
    chosen = [each for each in DETECTORS if each.id == "QP103"]
    assert {each.rule for each in findings([messy("a.call")], Thresholds(), chosen)} == {"QP103"}


def test_ids_are_in_order_and_unique() -> None:
    ids = [each.id for each in DETECTORS]
    assert ids == sorted(set(ids))


def test_identity_ignores_counts_lines_literals_and_columns() -> None:
    def prints(call: Call) -> set[str]:
        return {each.fingerprint for each in findings([call], Thresholds())}

    call = messy("a.call")
    first = call.executions[0]
    assert first.site is not None
    moved = replace(
        first,
        sql="SELECT a, b FROM t WHERE a = 2",
        count=first.count + 7,
        rows=99,
        site=replace(first.site, line=80),
    )
    again = replace(call, executions=(moved, *call.executions[1:]))
    assert prints(again) == prints(call)
    assert len(prints(call)) == len(findings([call], Thresholds()))
    assert not prints(replace(call, name="other.call")) & prints(call)


def test_two_selects_of_one_table_are_two_defects() -> None:
    cost = {"queries": 2, "rows": 4000, "cells": 8000}
    whole = {"table": "t", "key": ["T.id"], "roots": 2000, "rows": 2000, "table_rows": 2000}
    call = call_from({"unbounded": [{**whole, "cost": cost, "page": 50, "reason": "none"}] * 2})
    assert len({each.fingerprint for each in findings([call], Thresholds())}) == 2


def test_findings_survive_json() -> None:
    for finding in findings([messy("a.call")], Thresholds()):
        assert from_json(Finding, to_json(finding)) == finding
