"""Findings by call, the most severe first; and which of a fix is code."""

import re
from dataclasses import dataclass

from qprof.domain.report import LEVELS, CallReport, Finding, Report

_CODE = re.compile(r"\s*(\.\w|[A-Za-z_][\w.]*(\(|(:\s[^=]+)?\s=\s)|[@#]|from\s\S+\simport\s)")
_GOES_ON = re.compile(r"\s|[)\]}]|$")


@dataclass(frozen=True)
class Group:
    """What there is to say about one call."""

    call: str
    verdict: str
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class FixPart:
    """A sentence, or lines of Python to paste."""

    text: str
    is_code: bool


def groups(report: Report) -> list[Group]:
    """Return a group for every call that has findings or notes, the most severe first."""
    calls: dict[str, list[CallReport]] = {}
    findings: dict[str, list[Finding]] = {}
    for call in report.calls:
        calls.setdefault(call.name, []).append(call)
    for each in report.findings:
        findings.setdefault(each.call, []).append(each)
    names = dict.fromkeys([*calls, *findings])
    told = [_group(name, calls.get(name, []), findings.get(name, [])) for name in names]
    return sorted((each for each in told if each.findings or each.notes), key=_worst)


def severity(finding: Finding) -> int:
    """Return a rank that sorts errors before warnings before notes before anything else."""
    return -LEVELS.index(finding.level) if finding.level in LEVELS else 1


def fix_parts(fix: str) -> list[FixPart]:
    """Return a fix as sentences, one for each line, and blocks of code."""
    parts: list[FixPart] = []
    for line in fix.strip("\n").split("\n"):
        after_code = bool(parts) and parts[-1].is_code
        is_code = _CODE.match(line) or (after_code and _GOES_ON.match(line))
        if is_code and after_code:
            parts[-1] = FixPart(f"{parts[-1].text}\n{line}", is_code=True)
        elif line.strip():
            parts.append(FixPart(line, is_code=bool(is_code)))
    return parts


def _group(name: str, calls: list[CallReport], found: list[Finding]) -> Group:
    notes = dict.fromkeys(note for call in calls for note in call.notes)
    findings = tuple(sorted(found, key=severity))
    return Group(name, _verdict(calls) if found else "", findings, tuple(notes))


def _verdict(calls: list[CallReport]) -> str:
    return calls[0].verdict if calls else ""


def _worst(group: Group) -> int:
    return min((severity(each) for each in group.findings), default=2)
