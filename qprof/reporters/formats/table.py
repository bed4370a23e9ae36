"""The report for people at a terminal."""

from collections.abc import Iterator

from qprof.domain.report import (
    Breach,
    Comparison,
    Finding,
    Growth,
    PlanReport,
    Prediction,
    Report,
    Search,
)
from qprof.reporters import brief, growing, pareto_front, sentences
from qprof.reporters.canvas import GREEN, LEVEL_COLOURS, RED, STATUS_COLOURS, Canvas
from qprof.reporters.changes import change_columns, change_sentences
from qprof.reporters.columns import (
    breach_columns,
    byte_columns,
    call_columns,
    did_run,
    plan_columns,
    prediction_columns,
)
from qprof.reporters.escape import plain, prose
from qprof.reporters.findings import FixPart, Group, code_lines, fix_parts, groups, parts_of
from qprof.reporters.grids import Grid, fit, packed, paragraph
from qprof.reporters.plot import plot
from qprof.reporters.worst_first import ended, fails

_MARGIN = "  "


def render(report: Report, canvas: Canvas) -> str:
    """Return tables, verdicts and findings, no line longer than the canvas is wide."""
    short = canvas.brief and brief.applies(report)
    found = brief.blocks(report, canvas) if short else _blocks(report, canvas)
    blocks = (block for block in found if block)
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _blocks(report: Report, canvas: Canvas) -> Iterator[list[str]]:
    if report.gate is not None:
        yield from _gate(report, canvas)
        return
    yield _environment(report, canvas)
    yield _calls(report, canvas)
    for group in groups(report):
        yield _group(group, canvas)
    yield _unmeasured(report, canvas)
    yield _breaches(report, canvas)
    yield _changes(report, canvas)
    yield _notices(report, canvas)
    yield paragraph(sentences.summary(report), canvas.width)
    for prediction in report.predictions:
        yield _prediction(prediction, report, canvas)
    for comparison in report.comparisons:
        yield _comparison(comparison, report, canvas)
    for growth in report.growths:
        yield from _growth(growth, canvas)


def _gate(report: Report, canvas: Canvas) -> Iterator[list[str]]:
    """Yield how it ended, what is over a limit and its causes; what passes is counted alone."""
    colour = GREEN if report.gate == "passed" else RED
    yield [canvas.paint(line, colour) for line in paragraph(ended(report), canvas.width)]
    yield [line for each in sorted(report.breaches, key=_gravity) for line in _told(each, canvas)]
    over = {each.call for each in report.breaches if fails(each)}
    for group in groups(report) if report.gate == "failed" else ():
        if not over or group.call in over:
            yield _group(group, canvas)
    yield _unmeasured(report, canvas)
    yield _notices(report, canvas)
    worse = {each.call for each in report.breaches if fails(each) and each.source == "baseline"}
    for call in sorted(worse):
        accept = f"qprof baseline update {call} --reason TEXT --by NAME --expires DAY"
        yield paragraph(f"Fix it, or accept the new cost: {accept}", canvas.width, "", _MARGIN)
    yield _environment(report, canvas)


def _gravity(breach: Breach) -> tuple[bool, bool]:
    """Return a rank: what fails first, what somebody let pass last."""
    return breach.acknowledged is not None, not fails(breach)


def _environment(report: Report, canvas: Canvas) -> list[str]:
    first, *others = map(plain, sentences.environment(report.environment))
    parts = [first, *(f" · {each}" for each in others)]
    lines = packed(parts, canvas.width)
    return [part for line in lines for part in paragraph(line.removeprefix(" · "), canvas.width)]


def _calls(report: Report, canvas: Canvas) -> list[str]:
    if report.predictions and not report.calls:
        return []
    if {call.name for call in report.calls} <= {each.call for each in report.comparisons}:
        return []
    grid = fit(call_columns(report.calls), canvas.width)
    lines = [*_lines(grid), *paragraph(sentences.legend(report.calls), canvas.width)]
    sizes = byte_columns(report.calls)
    return [*lines, "", *_lines(fit(sizes, canvas.width))] if sizes[0].cells else lines


def _comparison(comparison: Comparison, report: Report, canvas: Canvas) -> list[str]:
    call = sentences.find(comparison.call, report.calls)
    needed = call.needed if call else None
    grid = fit(plan_columns(comparison, needed), canvas.width - len(_MARGIN))
    lines = _signature(comparison.call, report, canvas)
    lines += [_MARGIN + line for line in grid.head]
    for plan, row in zip(comparison.plans, grid.rows, strict=True):
        lines += _plan(plan, row, grid.offset, plan.plan == comparison.recommended, canvas)
    texts = [
        f"{sentences.needed(needed)} {sentences.repeats(comparison)}",
        "" if comparison.search else sentences.break_even(comparison.break_even),
        sentences.conclusion(comparison),
    ]
    lines += [
        line for text in texts if text for line in paragraph(prose(text), canvas.width, "", _MARGIN)
    ]
    return lines + (_search(comparison, comparison.search, canvas) if comparison.search else [])


def _search(comparison: Comparison, search: Search, canvas: Canvas) -> list[str]:
    lines = ["", *_lines(fit(pareto_front.front_columns(comparison, search), canvas.width))]
    lines = lines if search.front else []
    for text in (pareto_front.legend(comparison, search), *pareto_front.sentences(search)):
        lines += paragraph(prose(text), canvas.width, "", _MARGIN)
    for plan in pareto_front.spelled_out(comparison, search):
        lines += ["", *paragraph(prose(pareto_front.path_by_path(plan)), canvas.width, "", _MARGIN)]
        lines += _options(plan.options, canvas)
    lines += [""] if pareto_front.others(comparison, search) else []
    for plan in pareto_front.others(comparison, search):
        lines += paragraph(prose(pareto_front.path_by_path(plan)), canvas.width, "", _MARGIN)
    return lines


def _plan(
    plan: PlanReport, row: tuple[str, ...], offset: int, recommended: bool, canvas: Canvas
) -> list[str]:
    mark = "> " if recommended else _MARGIN
    lines = [mark + row[0], *(_MARGIN + line for line in row[1:])]
    hang = " " * (len(_MARGIN) + offset)
    beside = not did_run(plan) and len(lines[0]) < offset + len(_MARGIN)
    first = lines.pop().ljust(len(hang)) if beside else hang
    remark = paragraph(prose(sentences.remark(plan)), canvas.width, first, hang)
    return [canvas.paint(line, GREEN) if recommended else line for line in lines] + remark


def _prediction(prediction: Prediction, report: Report, canvas: Canvas) -> list[str]:
    return [
        *_signature(prediction.call, report, canvas),
        *_lines(fit(prediction_columns(prediction), canvas.width)),
        *paragraph(prose(sentences.worst_root(prediction)), canvas.width),
        *(
            line
            for text in sentences.unsure(prediction)
            for line in paragraph(prose(text), canvas.width, "", _MARGIN)
        ),
    ]


def _growth(growth: Growth, canvas: Canvas) -> Iterator[list[str]]:
    head = f"{sentences.called(growth.call, growth.arguments)}, {growing.heading(growth)}"
    lines = paragraph(head, canvas.width, "", _MARGIN)
    if growing.has_figures(growth):
        lines += _lines(fit(growing.growth_columns(growth), canvas.width))
        lines += paragraph(growing.legend(growth), canvas.width, "", _MARGIN)
    yield lines
    yield [
        line
        for text in (*growing.fit_sentences(growth), growing.reach(growth), *growth.conclusions)
        for line in paragraph(prose(text), canvas.width, "", _MARGIN)
    ]
    yield plot(growth, canvas.width)


def _group(group: Group, canvas: Canvas) -> list[str]:
    lines = paragraph(prose(sentences.verdict(group)), canvas.width, "", _MARGIN)
    for finding in group.findings:
        lines += finding_lines(finding, canvas)
    for note in group.notes:
        lines += paragraph(f"note: {prose(note)}", canvas.width, _MARGIN, _MARGIN * 2)
    return lines


def finding_lines(finding: Finding, canvas: Canvas) -> list[str]:
    """Return a finding with its fix, indented."""
    head = f"{finding.level} {finding.rule} {finding.name}"
    if finding.location:
        head += f"  {finding.location.place} in {finding.location.function}"
    lines = paragraph(head, canvas.width, _MARGIN, _MARGIN * 2)
    painted = canvas.paint(finding.level, LEVEL_COLOURS.get(finding.level, ""))
    lines[0] = lines[0].replace(finding.level, painted, 1)
    lines += paragraph(prose(finding.message), canvas.width, _MARGIN * 2)
    return lines + _fix(parts_of(finding), canvas)


def _fix(parts: list[FixPart], canvas: Canvas) -> list[str]:
    lines: list[str] = []
    label, indent = f"{_MARGIN * 2}fix:", _MARGIN * 3
    for part in parts:
        if part.is_diff:
            lines += [] if lines else [label]
            lines += [f"{indent}{plain(each)}" for each in part.text.split("\n")]
        elif part.is_code:
            lines += [] if lines else [label]
            lines += code_lines(part.text, canvas.width, indent)
        else:
            first = indent if lines else f"{label} "
            lines += paragraph(prose(part.text), canvas.width, first, indent)
    return lines


def _options(text: str, canvas: Canvas) -> list[str]:
    return [
        line
        for part in fix_parts(text)
        for line in (
            code_lines(part.text, canvas.width, _MARGIN)
            if part.is_code
            else paragraph(prose(part.text), canvas.width, _MARGIN)
        )
    ]


def _unmeasured(report: Report, canvas: Canvas) -> list[str]:
    return [
        line
        for text in sentences.unmeasured(report)
        for line in paragraph(prose(text), canvas.width, "", _MARGIN)
    ]


def _breaches(report: Report, canvas: Canvas) -> list[str]:
    if not report.breaches:
        return []
    lines = ["Over budget", *_lines(fit(breach_columns(report.breaches), canvas.width))]
    return lines + [line for each in report.breaches for line in _told(each, canvas)]


def _told(breach: Breach, canvas: Canvas) -> list[str]:
    head, text = sentences.told(breach)
    told = paragraph(prose(f"{head}: {text}"), canvas.width, _MARGIN, _MARGIN * 2)
    painted = canvas.paint(breach.level, LEVEL_COLOURS.get(breach.level, ""))
    return [told[0].replace(breach.level, painted, 1), *told[1:]]


def _changes(report: Report, canvas: Canvas) -> list[str]:
    if not report.changes:
        return []
    columns = change_columns(report.changes)
    lines = ["Changes", *(_lines(fit(columns, canvas.width)) if columns[0].cells else [])]
    for status, text in change_sentences(report.changes):
        told = paragraph(prose(f"{status}: {text}"), canvas.width, _MARGIN, _MARGIN * 2)
        painted = canvas.paint(status, STATUS_COLOURS.get(status, ""))
        lines += [told[0].replace(status, painted, 1), *told[1:]]
    return lines


def _notices(report: Report, canvas: Canvas) -> list[str]:
    return [
        line
        for text in report.notices
        for line in paragraph(f"note: {prose(text)}", canvas.width, "", _MARGIN)
    ]


def _signature(name: str, report: Report, canvas: Canvas) -> list[str]:
    return paragraph(sentences.signature(name, report.calls), canvas.width, "", _MARGIN)


def _lines(grid: Grid) -> list[str]:
    return [*grid.head, *(line for row in grid.rows for line in row)]
