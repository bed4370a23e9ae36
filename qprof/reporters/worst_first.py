"""What a report says of each call, the worst call first; and of all of them in one line."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeVar

from qprof.domain.report import (
    LEVELS,
    Breach,
    CallReport,
    Change,
    Comparison,
    Finding,
    Growth,
    Prediction,
    Report,
)
from qprof.reporters import growth_verdict, sentences
from qprof.reporters.figures import counted, short_ratio
from qprof.reporters.findings import severity

Part = TypeVar("Part", Finding, Breach, Change, Comparison, Prediction, Growth)
FINE = "fine"
"""The level of a call that was judged, and has no finding."""
UNJUDGED = "not-judged"
"""That of a call that was not run as it is written: it was predicted, or its growth measured."""
EMPTY = "empty"
"""That of a call that returned no row: there was nothing to judge."""
STOPPED = "stopped"
"""That of a call whose run was stopped at a limit, and of which no finding is known."""
ATTENTION = ("error", "warning")
"""The levels of a finding that somebody has to look at."""


@dataclass(frozen=True)
class Subject:
    """All that a report says of one call."""

    name: str
    calls: tuple[CallReport, ...]
    findings: tuple[Finding, ...]
    breaches: tuple[Breach, ...]
    changes: tuple[Change, ...]
    comparisons: tuple[Comparison, ...]
    predictions: tuple[Prediction, ...]
    growths: tuple[Growth, ...]

    @property
    def call(self) -> CallReport | None:
        """What it cost; None where it was not run as it is written."""
        return next(iter(self.calls), None)

    @cached_property
    def level(self) -> str:
        """Return the worst level of its findings and broken limits, else what else is known."""
        worst = next((each for each in reversed(LEVELS) if each in self.levels), None)
        stopped = any(each.exactness == "at least" for each in self.calls)
        if stopped and worst not in ATTENTION:
            return STOPPED
        empty = bool(self.calls) and all(each.is_empty for each in self.calls)
        if empty and worst not in ATTENTION:
            return EMPTY
        return worst or (FINE if self.calls else UNJUDGED)

    @property
    def needs_attention(self) -> bool:
        """Whether somebody has to look at it: for a finding, or since it did not end."""
        return self.level in (*ATTENTION, STOPPED)

    @property
    def levels(self) -> list[str]:
        """The level of each finding and of each broken limit."""
        return [*map(_level, self.standing), *map(_level, self.findings)]

    @property
    def standing(self) -> tuple[Breach, ...]:
        """The broken limits that nobody let pass."""
        return tuple(each for each in self.breaches if each.acknowledged is None)

    @property
    def excess(self) -> int:
        """Return the cells beyond what it needs, or all of them where that is unknown."""
        call = self.call
        if call is None:
            return 0
        return call.cells - (call.needed.cells if call.needed else 0)

    @property
    def worst(self) -> Finding | None:
        """Return the worst finding that is no note; None if there is none."""
        return next((each for each in self.findings if _level(each) in ATTENTION), None)

    @property
    def trouble(self) -> str:
        """Return the worst problem in a few words, with the figure that shows it."""
        over = [f"{each.metric} over the limit" for each in self.standing]
        if self.level == STOPPED:
            return "stopped at a limit"
        if self.level == EMPTY:
            return "no row came back"
        first = self.worst or next(iter(self.findings), None)
        return next(iter(over), in_words(first, self.call) if first else "")

    @property
    def problem(self) -> str:
        """Return the names of what is wrong, the worst first; notes only where nothing is worse."""
        over = [f"{each.metric} over the limit" for each in self.standing]
        shown = [each for each in self.findings if each.level != "note" or self.level == "note"]
        return ", ".join(dict.fromkeys([*over, *(each.name for each in shown)]))


def subjects(report: Report) -> list[Subject]:
    """Return what there is to say of each call: by level, then by the cells that it wastes."""
    names = dict.fromkeys(_names(report))
    findings = _by_call(report.findings)
    breaches, changes = _by_call(report.breaches), _by_call(report.changes)
    comparisons = _by_call(report.comparisons)
    predictions, growths = _by_call(report.predictions), _by_call(report.growths)
    calls: dict[str, list[CallReport]] = {}
    for call in report.calls:
        calls.setdefault(call.name, []).append(call)
    found = [
        Subject(
            name,
            tuple(calls.get(name, ())),
            tuple(sorted(findings.get(name, ()), key=severity)),
            tuple(breaches.get(name, ())),
            tuple(changes.get(name, ())),
            tuple(comparisons.get(name, ())),
            tuple(predictions.get(name, ())),
            tuple(growths.get(name, ())),
        )
        for name in names
    ]
    return sorted(found, key=lambda each: (_rank(each.level), -each.excess))


def headline(report: Report, found: Sequence[Subject]) -> str:
    """Return how many calls need attention, and why, in one line; of a gate, how it ended."""
    if report.gate is not None:
        return ended(report)
    levels = Counter(each for subject in found for each in subject.levels)
    failed = sum(each.raised for each in report.unmeasured)
    if not report.environment.dialect:
        return _scanned(levels, failed)
    told = ", ".join(counted(levels[each], each) for each in reversed(LEVELS[1:]) if levels[each])
    missed = f"; {counted(failed, 'call')} could not be measured" if failed else ""
    needing = sum(each.needs_attention for each in found)
    stopped = sum(each.level == STOPPED for each in found)
    if not found:
        return f"Nothing was measured{missed}"
    if not needing:
        return f"{_calm(found)}{missed}"
    verb = "needs" if needing == 1 else "need"
    subject = title(found[0]) if len(found) == 1 else f"{needing:,} of {len(found):,} calls"
    parts = [each for each in (told, f"{stopped:,} stopped at a limit" if stopped else "") if each]
    return f"{subject} {verb} attention: {', '.join(parts)}{missed}"


_CLEAN = "No risky loader options"
"""Of a scan, which looks at nothing else."""


def _scanned(levels: Mapping[str, int], failed: int) -> str:
    told = ", ".join(counted(levels[each], each) for each in reversed(LEVELS) if levels[each])
    found = f"Found {counted(sum(levels.values()), 'problem')}: {told}" if told else _CLEAN
    missed = f"; {counted(failed, 'file')} could not be scanned" if failed else ""
    return f"{found}{missed}"


def ended(report: Report) -> str:
    """Return how a gate ended, and what failed it, in one line."""
    passed = exceptions(report.breaches)
    excused = f", {counted(len(passed), 'exception')}" if passed else ""
    if report.gate == "passed":
        return f"passed: {counted(len(report.calls), 'call')} within {_theirs(report)}{excused}"
    broken = {each.call for each in report.breaches if fails(each)}
    failed = sum(each.raised for each in report.unmeasured)
    parts = [
        f"{len(broken):,} of {counted(len(report.calls), 'call')} {_over(report, len(broken))}"
    ]
    parts = parts if broken else []
    parts += [f"{counted(failed, 'call')} could not be measured"] if failed else []
    levels = Counter(each.level for each in report.findings)
    found = [counted(levels[each], each) for each in reversed(LEVELS) if levels[each]]
    return f"FAILED: {', '.join(parts or found)}{excused}"


def _theirs(report: Report) -> str:
    return "its limits" if len(report.calls) == 1 else "their limits"


def _over(report: Report, calls: int) -> str:
    failing = [each for each in report.breaches if fails(each)]
    if all(each.source == "baseline" and is_figure(each) for each in failing):
        return "got worse than the baseline"
    if not any(map(is_figure, failing)):
        return f"{'does' if calls == 1 else 'do'} not match the baseline"
    return f"{'is' if calls == 1 else 'are'} over a limit"


def is_figure(breach: Breach) -> bool:
    """Return whether a count or a ratio is over its limit; else its message says what is wrong."""
    return breach.measured > breach.limit and " " not in breach.metric


def exceptions(breaches: Sequence[Breach]) -> list[list[Breach]]:
    """Return what is let pass of calls that do not fail, together by call and reason."""
    failing = {each.call for each in breaches if fails(each)}
    groups: dict[object, list[Breach]] = {}
    for each in breaches:
        if each.acknowledged is not None and each.call not in failing:
            groups.setdefault((each.call, each.acknowledged), []).append(each)
    return list(groups.values())


def fails(breach: Breach) -> bool:
    """Return whether a broken limit fails the gate."""
    return breach.level == "error" and breach.acknowledged is None


def _calm(found: Sequence[Subject]) -> str:
    name = title(found[0]) if len(found) == 1 else f"{len(found):,} calls"
    if all(each.growths for each in found):
        return _grown(found)
    if not any(each.calls for each in found):
        return f"{name} predicted, not run"
    if len(found) > 1:
        return calm(found)
    return f"{name} {'returned no row' if found[0].level == EMPTY else 'is fine'}"


def calm(subjects: Sequence[Subject]) -> str:
    """Return how many calls are fine, and of how many no row came back: "" where there is none."""
    empty = sum(each.level == EMPTY for each in subjects)
    fine = len(subjects) - empty
    parts = [f"{counted(fine, 'call')} {'is' if fine == 1 else 'are'} fine"] if fine else []
    if empty:
        parts.append(
            f"{empty:,} returned no row" if fine else f"{counted(empty, 'call')} returned no row"
        )
    return ", ".join(parts)


def _grown(found: Sequence[Subject]) -> str:
    growths = [growth for each in found for growth in each.growths]
    if len(growths) == 1:
        return f"{title(found[0])}: {growth_verdict.verdict(growths[0])}"
    return growth_verdict.headline(growths)


def compared(changes: Sequence[Change]) -> str:
    """Return how many figures and findings changed, by status; "" where nothing was compared."""
    counts = Counter(each.status for each in changes)
    told = ", ".join(f"{count:,} {status}" for status, count in counts.items())
    return f"Figures and findings, against the earlier report: {told}." if told else ""


_WORDS = {
    "QP101": "explosion",
    "QP102": "duplication",
    "QP201": "N+1",
    "QP301": "never read",
    "QP302": "only counted",
    "QP401": "join under LIMIT",
}
"""Shorter than the name of the rule."""
_METRICS: Mapping[str, Literal["queries", "rows", "cells"]] = {
    "QP101": "cells",
    "QP102": "cells",
    "QP201": "queries",
}
"""What the damage of a rule shows in."""
_LEAST = 1.5
"""A smaller overhead is not worth a word."""


def in_words(finding: Finding, call: CallReport | None) -> str:
    """Return "N+1: 138\N{MULTIPLICATION SIGN} the queries": a rule in words, and how bad it is."""
    words = _WORDS.get(finding.rule, finding.name.replace("-", " "))
    metric = _METRICS.get(finding.rule)
    over = getattr(call.amplification, metric) if call and metric else None
    if over and over >= _LEAST:
        return f"{words}: {short_ratio(over)} the {metric}"
    wasted = finding.evidence.get("rows")
    if finding.rule in ("QP301", "QP302") and call and call.rows and isinstance(wasted, int):
        return f"{words}: {100 * wasted / call.rows:.0f} % of rows"
    return words


_BETTER = ("better", "resolved")


def moved(found: Sequence[Subject]) -> str:
    """Return how many calls are better, worse and unchanged since an earlier report, in one line.

    What a finding tells of a call goes before its figures: a fix may send a query more. A call with
    both is worse; one that was not run is none of them.
    """
    kinds = Counter(map(_moved, found))
    better, worse = kinds["better"], kinds["worse"]
    missed = f", {counted(kinds['not-run'], 'call')} not run" if kinds["not-run"] else ""
    return f"{counted(better, 'call')} better, {worse:,} worse, {kinds['']:,} unchanged{missed}"


def _moved(subject: Subject) -> str:
    found = {each.status for each in subject.changes if each.rule is not None}
    seen = found or {each.status for each in subject.changes}
    if seen & {"worse", "new"}:
        return "worse"
    if seen & {*_BETTER}:
        return "better"
    return "not-run" if seen else ""


def title(subject: Subject) -> str:
    """Return the call with its arguments."""
    return sentences.signature(subject.name, subject.calls)


def _names(report: Report) -> Iterator[str]:
    yield from (each.name for each in report.calls)
    for calls in (
        [each.call for each in report.comparisons],
        [each.call for each in report.predictions],
        [each.call for each in report.growths],
        [each.call for each in report.findings],
        [each.call for each in report.breaches],
        [each.call for each in report.changes],
    ):
        yield from calls


def _by_call(parts: Sequence[Part]) -> Mapping[str, list[Part]]:
    found: dict[str, list[Part]] = {}
    for each in parts:
        found.setdefault(each.call, []).append(each)
    return found


def _level(of: Finding | Breach) -> str:
    """Return the level; one that is none of ours, of a rule of somebody's own, warns."""
    return of.level if of.level in LEVELS else "warning"


def _rank(level: str) -> int:
    return ["error", "warning", STOPPED, "note", EMPTY, UNJUDGED, FINE].index(level)
