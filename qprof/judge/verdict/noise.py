"""What is said of findings beside each other: a symptom of another one is a note, or nothing."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import astuple, replace

from qprof.domain.report import Finding
from qprof.domain.trace import Call, Cost
from qprof.judge.rules.thresholds import Thresholds

_OF_JOINS = ("QP101", "QP102", "QP401")
_MEASURED = (*_OF_JOINS, "QP201")
_FLOORED = ("QP102", "QP202", "QP301", "QP302", "QP501")
"""Warnings about cost alone."""


def quieted(
    found: Sequence[Finding], calls: Sequence[Call], thresholds: Thresholds
) -> tuple[Finding, ...]:
    """Return `found` without symptoms of others, and with those as notes that cost little."""
    by_name = {call.name: call for call in calls}
    return tuple(
        told for each in found for told in _told(each, found, by_name.get(each.call), thresholds)
    )


def _told(
    finding: Finding, found: Sequence[Finding], call: Call | None, thresholds: Thresholds
) -> Iterator[Finding]:
    beside = [each for each in found if each.call == finding.call and each is not finding]
    cost = _cost(finding, call)
    floors = (thresholds.floor_queries, thresholds.floor_rows, thresholds.floor_cells)
    little = cost is not None and all(
        of < floor for of, floor in zip(astuple(cost), floors, strict=True)
    )
    if finding.rule == "QP601" and call is not None and _is_of_a_join(finding, beside, call):
        return
    if finding.rule == "QP501":
        paths = {path for each in beside if each.rule in _MEASURED for path in each.paths}
        if paths & {*finding.paths}:
            yield replace(finding, level="note")
        elif not little:
            yield finding
    elif finding.rule in _FLOORED and little:
        yield replace(finding, level="note")
    else:
        yield finding


def _is_of_a_join(finding: Finding, beside: Sequence[Finding], call: Call) -> bool:
    """Return whether a table is read by a JOIN that another finding is about."""
    lines = {each.location for each in beside if each.rule in _OF_JOINS}
    table = re.escape(str(finding.evidence.get("table")))
    joined = re.compile(rf"\bJOIN\s+\(?[\"`]?{table}\b", re.IGNORECASE)
    return finding.location in lines and any(
        each.site == finding.location and joined.search(each.sql) for each in call.executions
    )


def _cost(finding: Finding, call: Call | None) -> Cost | None:
    """Return what a finding costs; None where that is unknown."""
    of = finding.evidence
    if finding.rule in ("QP301", "QP302"):
        return _counts(of.get("queries"), of.get("rows"), of.get("cells"))
    if finding.rule == "QP202":
        return _counts(of.get("repeats"), of.get("repeated_rows"), of.get("repeated_cells"))
    if call is None or call.needed is None:
        return None
    return call.cost - call.needed


def _counts(*numbers: object) -> Cost | None:
    known = [each for each in numbers if isinstance(each, int)]
    return Cost(*known) if len(known) == len(numbers) else None
