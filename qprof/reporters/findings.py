"""Findings by call, worst first; and their code in lines, broken only where people would."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from qprof.domain.report import LEVELS, CallReport, Finding, Report, Tried
from qprof.domain.trace import Site
from qprof.reporters.escape import plain
from qprof.reporters.figures import counted

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
    is_diff: bool = False
    """Lines of a diff, below the place that they are at."""


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


def outcome(tried: Tried | None) -> str:
    """Return a sentence on what came of a fix; "" where there is nothing to say."""
    if tried is None or tried.status == "refused":
        return ""
    if tried.status == "not-tried":
        return f"Not tried: {tried.reason}."
    figures = (
        counted(tried.queries or 0, "query", "queries"),
        counted(tried.rows or 0, "row"),
        counted(tried.cells or 0, "cell"),
    )
    if tried.same:
        return f"With this: {', '.join(figures)}, and the same result."
    return f"With this: {', '.join(figures)}; {tried.reason}."


def parts_of(finding: Finding) -> list[FixPart]:
    """Return the fix of a finding as a diff where its place is known, and what came of it."""
    if not finding.diff:
        return fix_parts(whole_fix(finding))
    told = fix_parts("\n".join((finding.fix.strip("\n"), outcome(finding.tried))))
    sentences = [each for each in told if not each.is_code]
    seal = fix_parts(sealing(finding.tried))
    return [*(FixPart(each, True, True) for each in _diffs(finding.diff)), *sentences, *seal]


def site_of(finding: Finding) -> Site | None:
    """Return the line to edit: of the only change of a diff, else of the options, or where sent."""
    site = finding.place or finding.location
    diffs = [*_diffs(finding.diff)]
    if site is None or len(diffs) != 1:
        return site
    file, _, line = diffs[0].partition("\n")[0].rpartition(":")
    return replace(site, file=file, line=int(line))


def _diffs(diff: str) -> Iterator[str]:
    """Yield the place and each block of changed lines, without their common indentation."""
    file, line, at = "", 0, 0
    changed: list[str] = []
    for each in [*diff.splitlines(), "@@ -0 +0 @@"]:
        if each.startswith(("@@", "--- ", " ")):
            if changed:
                yield "\n".join([f"{file}:{at}", *_dedented(changed)])
            changed = []
        if each.startswith("--- "):
            file = each.removeprefix("--- ").removeprefix("a/")
        elif each.startswith("@@"):
            line = int(_HUNK.findall(each)[0])
        elif each.startswith(("-", "+")) and not each.startswith("+++ "):
            at = at if changed else line
            changed.append(each)
        line += each.startswith((" ", "-")) and not each.startswith("--- ")


_HUNK = re.compile(r"-(\d+)")


def _dedented(lines: list[str]) -> list[str]:
    own = [each[1:] for each in lines if each[1:].strip()]
    least = min((len(each) - len(each.lstrip()) for each in own), default=0)
    return [f"{each[0]} {each[1 + least :]}".rstrip() for each in lines]


def whole_fix(finding: Finding) -> str:
    """Return the fix of a finding, with what came of it."""
    tried = finding.tried
    parts = (finding.fix.strip("\n"), outcome(tried), sealing(tried))
    return "\n".join(each for each in parts if each)


def sealing(tried: Tried | None) -> str:
    """Return the sealed options below a sentence, or why there are none; "" if nobody asked."""
    if tried is not None and tried.sealed:
        return (
            "Sealed, with the same result: this run reads nothing else, and another lazy load "
            f"raises.\n{tried.sealed}"
        )
    return f"Not sealed: {tried.unsealed}." if tried is not None and tried.unsealed else ""


def _group(name: str, calls: list[CallReport], found: list[Finding]) -> Group:
    notes = dict.fromkeys(note for call in calls for note in call.notes)
    findings = tuple(sorted(found, key=severity))
    return Group(name, _verdict(calls) if found else "", findings, tuple(notes))


def _verdict(calls: list[CallReport]) -> str:
    return calls[0].verdict if calls else ""


def _worst(group: Group) -> int:
    return min((severity(each) for each in group.findings), default=2)


# A quoted text is one part, so that a comma or a bracket inside it counts for nothing.
_PART = re.compile(r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|.""", re.DOTALL)
_STEP = "    "


def code_lines(text: str, width: int, indent: str) -> list[str]:
    """Return lines of code, broken inside their largest brackets and after commas.

    A token longer than `width` stays whole: the code must still run when it is pasted.
    """
    return [line for each in text.split("\n") for line in _broken(indent + plain(each), width)]


def _broken(line: str, width: int) -> list[str]:
    brackets = _largest_brackets(line)
    if len(line.rstrip()) <= width or brackets is None:
        return [line.rstrip()]
    start, end = brackets
    indent = line[: len(line) - len(line.lstrip())]
    arguments = _arguments(line[start + 1 : end])
    inside = [each for one in arguments for each in _broken(indent + _STEP + one, width)]
    return [line[: start + 1], *inside, *_broken(indent + line[end:], width)]


def _largest_brackets(line: str) -> tuple[int, int] | None:
    pairs: list[tuple[int, int]] = []
    start = 0
    for position, part, depth in _tokens(line):
        if part in "([{" and depth == 1:
            start = position
        elif part in ")]}" and depth == 0 and line[start + 1 : position].strip():
            pairs.append((start, position))
    return max(pairs, key=lambda pair: pair[1] - pair[0], default=None)


def _arguments(inside: str) -> list[str]:
    commas = [at for at, part, depth in _tokens(inside) if part == "," and depth == 0]
    starts = [0, *(at + 1 for at in commas)]
    ends = [*starts[1:], len(inside)]
    parts = [inside[start:end].strip() for start, end in zip(starts, ends, strict=True)]
    return [part for part in parts if part]


def _tokens(line: str) -> Iterator[tuple[int, str, int]]:
    """Yield the place of each part, the part, and how many brackets are open after it."""
    depth = 0
    for match in _PART.finditer(line):
        part = match.group()
        depth += (part in "([{") - (part in ")]}")
        yield match.start(), part, depth
