"""Many calls in few lines: what needs attention, sorted, and the worst of it in full."""

from collections.abc import Iterator, Sequence
from textwrap import shorten

from qprof.domain.report import CallReport, Finding, Report
from qprof.reporters import sentences
from qprof.reporters.canvas import LEVEL_COLOURS, Canvas
from qprof.reporters.columns import Column
from qprof.reporters.escape import plain, prose
from qprof.reporters.figures import count, counted, milliseconds
from qprof.reporters.findings import code_lines, parts_of, severity
from qprof.reporters.grids import fit, paragraph

FEW = 5
"""Calls that are shown in full anyway: they fit on a page or two."""
IN_FULL = 3
"""Errors that are shown with their fix."""
_MESSAGE = 2
"""Lines of what is found."""
_MARKS = {"error": "E", "warning": "W"}


def applies(report: Report) -> bool:
    """Return whether a report is of many calls, and of nothing but what they cost."""
    others = (report.comparisons, report.predictions, report.growths, report.breaches)
    return len(report.calls) > FEW and not any((*others, report.changes))


def blocks(report: Report, canvas: Canvas) -> Iterator[list[str]]:
    """Yield the blocks of a brief report."""
    worst = _worst(report)
    serious = [each for each in report.findings if each.level in _MARKS]
    yield paragraph(_headline(report, worst, serious), canvas.width)
    yield _table(report, worst, canvas)
    order = [call.name for call in _sorted(report, worst)]
    errors = [each for each in serious if each.level == "error" and each.call in order]
    shown = sorted(errors, key=lambda each: order.index(each.call))[:IN_FULL]
    for finding in shown:
        yield _short(finding, canvas)
    yield [
        line
        for text in (*sentences.unmeasured(report), *_rest(report, shown), *report.notices)
        for line in paragraph(prose(text), canvas.width, "", "  ")
    ]
    parts = list(map(plain, sentences.environment(report.environment)))
    yield paragraph(", ".join(parts[1:-2] or parts[:1]), canvas.width)


def _short(finding: Finding, canvas: Canvas) -> list[str]:
    """Return a finding in few lines: where, what, and the fix."""
    place = f"  {finding.location.place}" if finding.location else ""
    lines = paragraph(f"{finding.level} {finding.rule} {finding.call}{place}", canvas.width)
    painted = canvas.paint(finding.level, LEVEL_COLOURS[finding.level])
    lines[0] = lines[0].replace(finding.level, painted, 1)
    message = shorten(prose(finding.message), _MESSAGE * (canvas.width - 10), placeholder=" …")
    lines += paragraph(message, canvas.width, "  ")
    for part in parts_of(finding):
        if part.is_diff:
            lines += [f"    {plain(each)}" for each in part.text.split("\n")]
        elif part.is_code:
            lines += code_lines(part.text, canvas.width, "    ")
        else:
            lines += paragraph(prose(part.text), canvas.width, "  ")
    return lines


def _worst(report: Report) -> dict[str, Finding]:
    """Return the worst finding of each call that has a warning or an error."""
    found: dict[str, Finding] = {}
    for each in sorted(report.findings, key=severity):
        if each.level in _MARKS:
            found.setdefault(each.call, each)
    return found


def _headline(report: Report, worst: dict[str, Finding], serious: Sequence[Finding]) -> str:
    calls = counted(len(report.calls), "call")
    if not worst:
        return f"{calls}, none needs attention."
    levels = [each.level for each in serious]
    parts = [counted(levels.count(each), each) for each in _MARKS if each in levels]
    return f"{len(worst):,} of {calls} need attention: {', '.join(parts)}."


def _table(report: Report, worst: dict[str, Finding], canvas: Canvas) -> list[str]:
    calls = _sorted(report, worst)
    if not calls:
        return []
    grid = fit(_columns(calls, worst), canvas.width)
    lines = [line for row in grid.rows for line in row]
    painted = [_painted(line, canvas) for line in lines]
    fine = len(report.calls) - len(calls)
    more = [f"  {counted(fine, 'call')} {'is' if fine == 1 else 'are'} fine"] if fine else []
    return [*grid.head, *painted, *more]


def _sorted(report: Report, worst: dict[str, Finding]) -> list[CallReport]:
    """Return the calls that need attention, the worst first."""
    calls = [call for call in report.calls if call.name in worst]
    return sorted(calls, key=lambda call: (severity(worst[call.name]), -call.cells, call.name))


def _painted(line: str, canvas: Canvas) -> str:
    levels = {mark: level for level, mark in _MARKS.items()}
    level = levels.get(line[:1]) if line[1:2] == " " else None
    return canvas.paint(line[0], LEVEL_COLOURS[level]) + line[1:] if level else line


def _columns(calls: Sequence[CallReport], worst: dict[str, Finding]) -> list[Column]:
    found = [worst[call.name] for call in calls]
    return [
        Column(
            "  call",
            tuple(f"{_MARKS[worst[call.name].level]} {call.name}" for call in calls),
            right=False,
        ),
        Column("problem", tuple(f"{each.rule} {each.name}" for each in found), right=False),
        Column("queries", tuple(count(call.queries) for call in calls)),
        Column("rows", tuple(count(call.rows) for call in calls)),
        Column("ms", tuple(milliseconds(call.seconds.wall) for call in calls), drop=1),
    ]


def _rest(report: Report, shown: Sequence[Finding]) -> list[str]:
    """Return what is not shown, and how to see it."""
    left = [each for each in report.findings if each not in shown]
    if not left:
        return []
    levels = [each.level for each in left]
    parts = [
        counted(levels.count(level), level)
        for level in ("error", "warning", "note")
        if level in levels
    ]
    return [f"{', '.join(parts)} not shown in full: qprof profile --full, or name a call."]
