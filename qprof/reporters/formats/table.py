"""The report for people: the verdict first, then the worst; each figure once."""

from collections.abc import Collection, Iterator, Sequence

from qprof.domain.report import Breach, Comparison, Growth, Prediction, Report, Search
from qprof.reporters import (
    comparing,
    gating,
    growing,
    growth_verdict,
    overview,
    pareto_front,
    sentences,
)
from qprof.reporters.canvas import LEVEL_COLOURS, STATUS_COLOURS, Canvas
from qprof.reporters.changes import change_columns, change_sentences
from qprof.reporters.columns import breach_columns, prediction_columns
from qprof.reporters.escape import prose
from qprof.reporters.findings import code_lines, fix_parts
from qprof.reporters.grids import Grid, fit, paragraph
from qprof.reporters.plot import plot
from qprof.reporters.worst_first import (
    Subject,
    headline,
    moved,
    subjects,
    title,
)

_MARGIN = "  "


def render(report: Report, canvas: Canvas) -> str:
    """Return the report, no line longer than the canvas is wide; code and SQL stay whole."""
    *body, last = _blocks(report, canvas)
    told = "\n".join(line for block in (*body, last) for line in block)
    last = [*last, *overview.footer(report, canvas, told)]
    blocks = (block for block in (*body, last) if block)
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _blocks(report: Report, canvas: Canvas) -> Iterator[list[str]]:
    """Yield all but the footer, which goes below the last."""
    if report.gate is not None:
        yield from gating.blocks(report, canvas)
        yield []
        return
    found = subjects(report)
    by_name = {each.name: each for each in found}
    others = [each for each in found if not each.comparisons]
    yield [*_verdict(report, found, canvas), *_overview(report, others, canvas)]
    yield _changes(report, canvas)
    yield from _comparisons(report, by_name, canvas)
    yield from _calls(report, others, canvas)
    yield _breaches(report, canvas)
    for prediction in report.predictions:
        yield _prediction(prediction, report, canvas)
    yield from _growths(report, found, canvas)
    yield from overview.sql(report.calls, canvas)
    shown = overview.defects(report, found, canvas)
    listed = _judged(others) if report.environment.dialect else []
    yield overview.rest(report, listed, shown, canvas)


def _verdict(report: Report, found: Sequence[Subject], canvas: Canvas) -> list[str]:
    """Return the first line: of one comparison its verdict, else how many calls need attention."""
    if len(report.comparisons) == 1 == len(found):
        return comparing.verdict(report.comparisons[0], canvas)
    whole = len(report.comparisons) == len(found) > 0
    text = comparing.headline(report.comparisons) if whole else headline(report, found)
    text = f"{moved(found)}; {text[:1].lower()}{text[1:]}" if report.changes else text
    return [canvas.paint(line, "bold") for line in paragraph(prose(text), canvas.width)]


# --- calls ----------------------------------------------------------------------------------------


def _overview(report: Report, found: Sequence[Subject], canvas: Canvas) -> list[str]:
    """Return the table of the calls; one call has a table of its statements instead."""
    judged = _judged(found)
    single = len(judged) == 1 and judged[0].calls
    return overview.table(judged, canvas) if report.environment.dialect and not single else []


def _calls(report: Report, found: Sequence[Subject], canvas: Canvas) -> Iterator[list[str]]:
    judged = _judged(found)
    yield overview.sizes(report, canvas)
    yield from overview.blocks(judged, overview.defects(report, judged, canvas), canvas)
    if len(judged) == 1 and judged[0].call is not None:
        yield overview.statements(judged[0].call, canvas)


def _judged(found: Sequence[Subject]) -> list[Subject]:
    return [each for each in found if each.calls or each.findings]


# --- limits that a test or an old report has -----------------------------------------------------


def _breaches(report: Report, canvas: Canvas) -> list[str]:
    if not report.breaches:
        return []
    lines = ["Over the limit", *_lines(fit(breach_columns(report.breaches), canvas.width))]
    return lines + [line for each in report.breaches for line in _told(each, canvas)]


def _told(breach: Breach, canvas: Canvas) -> list[str]:
    head, text = sentences.told(breach)
    told = paragraph(prose(f"{head}: {text}"), canvas.width, _MARGIN, _MARGIN * 2)
    painted = canvas.paint(breach.level, LEVEL_COLOURS.get(breach.level))
    return [told[0].replace(breach.level, painted, 1), *told[1:]]


# --- comparisons ----------------------------------------------------------------------------------


def _comparisons(report: Report, found: dict[str, Subject], canvas: Canvas) -> Iterator[list[str]]:
    """Yield what to change first; of many calls, a line for those that are best as they are."""
    several = len(found) > 1
    many = len(report.comparisons) > overview.FEW
    kept: list[str] = []
    for each in sorted(report.comparisons, key=comparing.is_settled):
        if comparing.is_settled(each) and (many or not comparing.has_choice(each)) and several:
            kept += comparing.verdict(each, canvas, each.call)
            kept += comparing.reasons(found[each.call], canvas)
            continue
        if several:
            yield comparing.verdict(each, canvas, title(found[each.call]))
        if comparing.has_choice(each):
            yield from comparing.block(each, found[each.call], canvas)
        else:
            yield comparing.remarks(each, canvas)
        if each.search is not None:
            yield from _search(each, each.search, canvas)
    yield kept


def _search(comparison: Comparison, search: Search, canvas: Canvas) -> Iterator[list[str]]:
    lines = _lines(fit(pareto_front.front_columns(comparison, search), canvas.width))
    lines = lines if search.front else []
    for text in (pareto_front.legend(comparison, search), *pareto_front.sentences(search)):
        lines += paragraph(prose(text), canvas.width, "", _MARGIN)
    yield lines
    for plan in pareto_front.spelled_out(comparison, search):
        told = paragraph(prose(pareto_front.path_by_path(plan)), canvas.width, "", _MARGIN)
        yield [*told, *_options(plan.options, canvas)]
    yield [
        line
        for plan in pareto_front.others(comparison, search)
        for line in paragraph(prose(pareto_front.path_by_path(plan)), canvas.width, "", _MARGIN)
    ]


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


# --- predictions and growth -----------------------------------------------------------------------


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


def _growths(report: Report, found: Sequence[Subject], canvas: Canvas) -> Iterator[list[str]]:
    """Yield what grows most first; of many calls, those that do not grow are counted."""
    shown = sorted(report.growths, key=growth_verdict.gravity)
    hidden: set[str] = set()
    if not canvas.every and len(found) > overview.FEW:
        grown = {each.call for each in shown if not growth_verdict.is_constant(each)}
        hidden = {each.call for each in shown} - grown
    said = len(report.growths) == 1 == len(found)
    for growth in shown:
        if growth.call not in hidden:
            yield from _growth(growth, canvas, said=said)
    yield list(_below_growths(report, hidden, canvas))


def _growth(growth: Growth, canvas: Canvas, *, said: bool) -> Iterator[list[str]]:
    """Yield one growth; `said` of one whose verdict is the first line of all."""
    head = f"{sentences.called(growth.call, growth.arguments)}, {growing.heading(growth)}"
    lines = paragraph(prose(head), canvas.width, "", _MARGIN)
    if not said:
        verdict = paragraph(prose(growth_verdict.verdict(growth)), canvas.width, "", _MARGIN)
        lines += [canvas.paint(line, "bold") for line in verdict]
    if growing.has_figures(growth):
        lines += _lines(fit(growing.glance_columns(growth), canvas.width))
    yield lines
    if canvas.formulas and growing.has_figures(growth):
        told = (growing.legend([growth]), *growing.formulas(growth))
        yield [line for each in told for line in paragraph(prose(each), canvas.width, "", _MARGIN)]
        yield plot(growth, canvas.width)
    yield [
        line
        for each in (*growth.conclusions, *growing.remarks(growth), growing.reach(growth))
        for line in paragraph(prose(each), canvas.width, "", _MARGIN)
    ]


def _below_growths(report: Report, hidden: Collection[str], canvas: Canvas) -> Iterator[str]:
    """Yield what is not shown, how to see it, and what the figures are."""
    option = " (`--all`)" if canvas.options else ""
    if hidden:
        yield f"{len(hidden):,} {'call does' if len(hidden) == 1 else 'calls do'} not grow{option}"
    if any(map(growing.has_figures, report.growths)) and not canvas.formulas:
        hint = "`--formulas` prints the fitted formulas"
        for text in (growing.glance_legend(report.growths), hint if canvas.options else ""):
            yield from (canvas.paint(line, "dim") for line in paragraph(text, canvas.width))


# --- what changed ---------------------------------------------------------------------------------


def _changes(report: Report, canvas: Canvas) -> list[str]:
    if not report.changes:
        return []
    columns = change_columns(report.changes)
    lines = _lines(fit(columns, canvas.width)) if columns[0].cells else []
    for status, text in change_sentences(report.changes):
        told = paragraph(prose(f"{status}: {text}"), canvas.width, _MARGIN, _MARGIN * 2)
        painted = canvas.paint(status, STATUS_COLOURS.get(status))
        lines += [told[0].replace(status, painted, 1), *told[1:]]
    return lines


def _signature(name: str, report: Report, canvas: Canvas) -> list[str]:
    return paragraph(sentences.signature(name, report.calls), canvas.width, "", _MARGIN)


def _lines(grid: Grid) -> list[str]:
    return [*grid.head, *(line for row in grid.rows for line in row)]
