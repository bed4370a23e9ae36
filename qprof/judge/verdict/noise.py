"""What is said of findings beside each other: a symptom of another one is a note, or nothing."""

import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import astuple, replace

from qprof.domain.report import Finding
from qprof.domain.trace import Call, Cost
from qprof.domain.words import listed
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
    kept = [t for each in found for t in _told(each, found, by_name.get(each.call), thresholds)]
    folded = {id(beside): each for each in found for beside in _folds(each, kept)[:1]}
    once = _once([_with_sibling(each, folded.get(id(each))) for each in kept], by_name)
    return tuple(once)


def _once(found: Sequence[Finding], calls: Mapping[str, Call]) -> Iterator[Finding]:
    """Yield each defect once, whose code is reached by several names."""
    names: dict[Hashable, list[str]] = {}
    for each in found:
        names.setdefault(_code_of(each, calls), []).append(each.call)
    seen: set[Hashable] = set()
    for each in found:
        key = _code_of(each, calls)
        others = [name for name in dict.fromkeys(names[key]) if name != each.call]
        if key not in seen or not others or each.call == names[key][0]:
            seen.add(key)
            verb = "is" if len(others) == 1 else "are"
            also = f" {listed(others)} {verb} the same code." if others else ""
            yield replace(each, message=each.message + also)


def _code_of(finding: Finding, calls: Mapping[str, Call]) -> Hashable:
    """Return what is equal for findings of one defect: method, place, paths, and what calls cost.

    Two requests are no two names of one method, whatever they cost: each was asked for.
    """
    call = calls.get(finding.call)
    if call is None or finding.location is None:
        return finding.fingerprint
    is_request = " " in call.name
    method = call.name if is_request else call.name.rpartition(".")[2]
    sites = frozenset((each.site, each.sql, each.rows) for each in call.executions)
    where = (finding.rule, finding.paths, finding.location, finding.message)
    return (method, *where, call.cost, sites)


def _folds(finding: Finding, kept: Sequence[Finding]) -> list[Finding]:
    """Return what a QP501 is a symptom of: what was measured of the same paths."""
    if finding.rule != "QP501":
        return []
    return [
        each
        for each in kept
        if each.call == finding.call and each.rule in _MEASURED and {*each.paths} & {*finding.paths}
    ]


def _with_sibling(finding: Finding, sibling: Finding | None) -> Finding:
    """Return a finding that says which call does it better, and of which paths."""
    if sibling is None:
        return finding
    model = sibling.evidence.get("model")
    whole = {*finding.paths} <= {*sibling.paths}
    better = "the same paths at less cost" if whole else f"{listed(sibling.paths)} at less cost"
    said = f"{finding.message} {model} loads {better}."
    return replace(finding, message=said, evidence={**finding.evidence, "model": model})


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
        if not little and not _folds(finding, beside):
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
