"""What is wrong, in one list for the formats that machines read: broken limits and findings."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from qprof.domain.report import LEVELS, Breach, Finding, Report
from qprof.domain.trace import Site
from qprof.judge.rules.broken_limit import BrokenLimit
from qprof.judge.rules.rule import finding_fingerprint
from qprof.reporters import sentences
from qprof.reporters.findings import site_of, whole_fix

LIMIT = BrokenLimit()
"""The rule that stands for every broken limit: of a budget, the baseline, or a test."""


@dataclass(frozen=True)
class Problem:
    """A finding, or a limit that was broken."""

    rule: str
    name: str
    level: str
    call: str
    message: str
    fix: str
    site: Site | None
    """The line to edit; else that of the call's dearest statement; None where neither is known."""
    fingerprint: str
    """The same for the same defect in another run: of no count and no line."""
    acknowledged: str | None = None

    @property
    def title(self) -> str:
        """Return "QP101 cartesian-explosion"."""
        return f"{self.rule} {self.name}"

    @property
    def fails(self) -> bool:
        """Whether it is an error that nobody let pass."""
        return self.level == "error" and self.acknowledged is None


def problems(report: Report) -> list[Problem]:
    """Return what is wrong: errors first, broken limits before findings, acknowledged ones last."""
    sites = _dearest(report)
    found = [*map(_broken, report.breaches), *map(_found, report.findings)]
    placed = (_placed(each, sites) for each in found)
    return sorted(placed, key=lambda each: (each.acknowledged is not None, _severity(each)))


def level(problem: Problem) -> str:
    """Return the problem's level; one that is none of ours, of a rule of somebody's own, warns."""
    return problem.level if problem.level in LEVELS else "warning"


def by_call(found: list[Problem]) -> Mapping[str, list[Problem]]:
    """Return the problems of each call, in the same order."""
    calls: dict[str, list[Problem]] = {}
    for each in found:
        calls.setdefault(each.call, []).append(each)
    return calls


def _severity(problem: Problem) -> int:
    return -LEVELS.index(level(problem))


def _broken(breach: Breach) -> Problem:
    subject = f"{breach.metric} {breach.source}"
    return Problem(
        rule=LIMIT.id,
        name=LIMIT.name,
        level=breach.level,
        call=breach.call,
        message=sentences.breach(breach),
        fix="",
        site=breach.location,
        fingerprint=finding_fingerprint(LIMIT.id, breach.call, (), subject),
        acknowledged=breach.acknowledged,
    )


def _found(finding: Finding) -> Problem:
    return Problem(
        rule=finding.rule,
        name=finding.name,
        level=finding.level,
        call=finding.call,
        message=finding.message,
        fix=whole_fix(finding),
        site=site_of(finding),
        fingerprint=finding.fingerprint,
    )


def _placed(problem: Problem, sites: Mapping[str, Site]) -> Problem:
    if problem.site is not None or problem.call not in sites:
        return problem
    return replace(problem, site=sites[problem.call])


def _dearest(report: Report) -> Mapping[str, Site]:
    """Return for each call the line of its statement with the most cells."""
    return {call: site for _, call, site in sorted(_sites(report), key=lambda each: each[0])}


def _sites(report: Report) -> Iterator[tuple[int, str, Site]]:
    for call in report.calls:
        for each in call.executions:
            if each.site is not None:
                yield each.cells, call.name, each.site
