"""How a gate ended: what is over a limit, its causes, and what to type."""

from collections.abc import Iterator, Sequence

from qprof.domain.report import Breach, Finding, Report
from qprof.domain.words import first_listed
from qprof.reporters import sentences
from qprof.reporters.canvas import Canvas, Colour
from qprof.reporters.columns import Column
from qprof.reporters.defects import block, folded
from qprof.reporters.escape import plain, prose
from qprof.reporters.figures import count, counted, measure
from qprof.reporters.grids import fit, paragraph
from qprof.reporters.worst_first import ended, exceptions, fails, is_figure, subjects

_MARGIN = "  "
_RATIO = "-amplification"


def blocks(report: Report, canvas: Canvas) -> Iterator[list[str]]:
    """Yield how it ended, what is over a limit and its causes; what passes is counted alone."""
    calls = {each.name: each for each in reversed(report.calls)}
    colour: Colour = "bold green" if report.gate == "passed" else "bold red"
    yield [canvas.paint(line, colour) for line in paragraph(ended(report), canvas.width)]
    causes = _causes(report)
    at_causes = {each.call for each, *_ in causes}
    for name, broken in _by_call(report.breaches):
        yield _over(name, broken, canvas, placed=name not in at_causes)
    yield [line for each in _accepted(report.breaches) for line in _indented(each, canvas)]
    for first, *others in causes:
        yield block(first, calls.get(first.call), canvas, others)
    yield [
        line
        for text in (*sentences.unmeasured(report), *(f"note: {each}" for each in _notes(report)))
        for line in paragraph(prose(text), canvas.width, "", _MARGIN)
    ]
    worse = {
        each.call
        for each in report.breaches
        if fails(each) and is_figure(each) and each.source == "baseline"
    }
    for call in sorted(worse):
        accept = f"qprof baseline update {call} --reason TEXT --by NAME --expires DAY"
        yield paragraph(f"Fix it, or accept the new cost: {accept}", canvas.width, "", _MARGIN)


def _notes(report: Report) -> Iterator[str]:
    """Yield what passes with a finding, what was not judged, and what else is to be known."""
    limited = {each.call for each in report.breaches}
    passing = [each for each in subjects(report) if each.worst and each.name not in limited]
    if passing and report.gate == "passed":
        shown = first_listed([f"{each.name} ({each.trouble})" for each in passing], sentences.NAMED)
        one = len(passing) == 1
        yield (
            f"{counted(len(passing), 'call')} {'passes' if one else 'pass'} with a finding that no "
            f"limit forbids: {shown}. See {'it' if one else 'them'}: qprof profile."
        )
    yield from sentences.empty(report.calls)
    yield from report.notices


def _causes(report: Report) -> list[list[Finding]]:
    """Return the findings of the calls that fail; of all calls where no limit is broken."""
    over = {each.call for each in report.breaches if fails(each)}
    return [
        group
        for subject in (subjects(report) if report.gate == "failed" else ())
        if not over or subject.name in over
        for group in folded(subject.findings)
    ]


def _by_call(breaches: Sequence[Breach]) -> list[tuple[str, list[Breach]]]:
    """Return what nobody let pass, by call: the calls that fail the gate first."""
    broken = [each for each in breaches if each.acknowledged is None]
    failing = {each.call for each in broken if fails(each)}
    names = dict.fromkeys(each.call for each in broken)
    return [
        (name, [each for each in broken if each.call == name])
        for name in sorted(names, key=lambda name: name not in failing)
    ]


def _over(name: str, broken: Sequence[Breach], canvas: Canvas, *, placed: bool) -> list[str]:
    """Return a call and its limits, with its line where no finding below shows one."""
    sites = [each.location for each in broken if each.location] if placed else []
    place = f"  {sites[0].place}" if sites else ""
    lines = [canvas.paint(line, "bold") for line in paragraph(plain(name) + place, canvas.width)]
    figures = [each for each in broken if is_figure(each)]
    if figures:
        grid = fit(_columns(figures), canvas.width)
        lines += [*grid.head, *(line for row in grid.rows for line in row)]
    for each in broken:
        text = each.lapsed if each in figures else _without_name(sentences.breach(each), name)
        lines += _indented(text[:1].upper() + text[1:], canvas) if text else []
    return lines


def _columns(broken: Sequence[Breach]) -> list[Column]:
    columns = [
        Column("", tuple(f"{_MARGIN}{_name(each)}" for each in broken), right=False),
        Column("limit", tuple(_figure(each, each.limit) for each in broken)),
        Column("now", tuple(_figure(each, each.measured) for each in broken)),
        Column("", tuple(map(_by_how_much, broken)), drop=1),
        Column("limit of", tuple(each.source for each in broken), right=False, drop=2),
        Column("level", tuple(each.level for each in broken), right=False),
    ]
    return columns if {each.level for each in broken} != {"error"} else columns[:-1]


def _name(breach: Breach) -> str:
    return breach.metric.removesuffix(_RATIO)


def _figure(breach: Breach, value: float) -> str:
    times = "\N{MULTIPLICATION SIGN}" if breach.metric.endswith(_RATIO) else ""
    return f"{measure(value)}{times}"


def _by_how_much(breach: Breach) -> str:
    """Return what a ratio counts, or by how much a count is over its limit."""
    if breach.enough is not None:
        return f"{count(breach.enough)} are enough"
    return f"+{100 * (breach.measured / breach.limit - 1):,.0f} %" if breach.limit else ""


def _accepted(breaches: Sequence[Breach]) -> Iterator[str]:
    """Yield one sentence for each exception."""
    for group in exceptions(breaches):
        figures = ", ".join(
            f"{_name(each)} {_figure(each, each.measured)} (limit {_figure(each, each.limit)})"
            for each in group
        )
        yield f"accepted: {group[0].call}: {figures}. {group[0].acknowledged}"


def _without_name(text: str, name: str) -> str:
    return text.removeprefix(f"{name}: ")


def _indented(text: str, canvas: Canvas) -> list[str]:
    return paragraph(prose(text), canvas.width, _MARGIN, _MARGIN * 2)
