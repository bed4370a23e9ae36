"""The report for a pull request comment or a step summary, as GitHub shows it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tabulate import tabulate

from qprof.domain.report import CallReport, Comparison, Finding, Growth, Prediction, Report, Search
from qprof.reporters import growing, growth_verdict, pareto_front, sentences
from qprof.reporters.canvas import Canvas
from qprof.reporters.changes import change_columns, change_sentences
from qprof.reporters.columns import (
    Column,
    breach_columns,
    byte_columns,
    call_columns,
    plan_columns,
    prediction_columns,
)
from qprof.reporters.escape import code_block, code_span, markdown
from qprof.reporters.figures import counted
from qprof.reporters.findings import FixPart, Group, fix_parts, groups, parts_of

MOST = 65_000
"""Bytes; GitHub refuses a comment of more than 65,536 characters."""
_RESERVED = 300
"""Bytes kept free for the line that says what was cut."""


@dataclass(frozen=True)
class Section:
    """Lines that belong together."""

    lines: Sequence[str]
    what: str = "paragraph"
    """What a reader would call it, were it cut; of a table, each row."""
    head: int | None = None
    """How many lines of a table stand above its rows; None for what cannot be divided."""


def bounded(blocks: Iterable[Section], most: int) -> str:
    """Return the blocks with an empty line between, at most `most` bytes of UTF-8.

    The last lines are cut: rows of a table, else whole blocks.
    """
    filled = [block for block in blocks if block.lines]
    if _size(filled) <= most:
        return _text(filled)
    kept: list[Section] = []
    room = most - _RESERVED
    while filled and (fits := _fitting(filled[0], room)) is not None:
        kept.append(fits)
        room -= _size([fits]) + 1
        if len(fits.lines) < len(filled[0].lines):
            filled[0] = Section(filled[0].lines[len(fits.lines) :], filled[0].what, 0)
            break
        del filled[0]
    return _text([*kept, Section([_cut(filled, most)])])


def _fitting(block: Section, room: int) -> Section | None:
    """Return the block, or as many rows of a table as there is room for; None where none fits."""
    if _size([block]) <= room:
        return block
    if block.head is None:
        return None
    number = 0
    for number, line in enumerate(block.lines):  # noqa: B007
        room -= len(line.encode()) + 1
        if room < 0:
            break
    return Section(block.lines[:number], block.what, block.head) if number > block.head else None


def _cut(blocks: Sequence[Section], most: int) -> str:
    counts: Counter[str] = Counter()
    for block in blocks:
        counts[block.what] += 1 if block.head is None else len(block.lines) - block.head
    parts = ", ".join(counted(number, what) for what, number in counts.items())
    return (
        f"**Cut at {most / 1000:.0f} kB: {parts} left out.** "
        "`--format json` has all, and `qprof report` renders it."
    )


def _size(blocks: Sequence[Section]) -> int:
    return len(_text(blocks).encode())


def _text(blocks: Sequence[Section]) -> str:
    return "\n\n".join("\n".join(block.lines) for block in blocks) + "\n"


def render(report: Report, canvas: Canvas) -> str:
    """Return the same facts as the terminal's tables, the worst first, at most 65 kB."""
    return bounded(_blocks(report), MOST)


def _blocks(report: Report) -> Iterator[Section]:
    yield Section(["## qprof"])
    yield Section([markdown(sentences.summary(report))])
    yield from _breaches(report)
    yield Section([f"- {markdown(text)}" for text in sentences.unmeasured(report)])
    yield Section([f"- {markdown(text)}" for text in report.notices])
    yield from _changes(report)
    for group in groups(report):
        yield from _group(group)
    yield from _figures(report)
    database, *others = sentences.environment(report.environment)
    yield Section([" · ".join([code_span(database), *map(markdown, others)])])


def _figures(report: Report) -> Iterator[Section]:
    yield from _calls(report)
    calls = {call.name: call for call in reversed(report.calls)}
    for comparison in report.comparisons:
        yield from _comparison(comparison, calls.get(comparison.call))
    for prediction in report.predictions:
        yield from _prediction(prediction, report)
    for growth in report.growths:
        yield from _growth(growth)


def _calls(report: Report) -> Iterator[Section]:
    if {call.name for call in report.calls} <= {each.call for each in report.comparisons}:
        return
    yield _table(call_columns(report.calls), "call")
    yield Section([markdown(sentences.legend(report.calls))])
    sizes = byte_columns(report.calls)
    if sizes[0].cells:
        yield _table(sizes, "statement")


def _comparison(comparison: Comparison, call: CallReport | None) -> Iterator[Section]:
    needed = call.needed if call else None
    name = sentences.called(call.name, call.arguments) if call else comparison.call
    recommended = [plan.plan == comparison.recommended for plan in comparison.plans]
    yield Section([f"### {code_span(name)}"])
    yield _table(plan_columns(comparison, needed), "plan", recommended)
    remarks = [(plan.plan, sentences.remark(plan)) for plan in comparison.plans]
    yield Section([f"- {markdown(name)}: {markdown(text)}" for name, text in remarks if text])
    yield _bold(sentences.conclusion(comparison))
    if not comparison.search:
        yield _paragraph(sentences.break_even(comparison.break_even))
    yield _paragraph(f"{sentences.needed(needed)} {sentences.repeats(comparison)}")
    if comparison.search:
        yield from _search(comparison, comparison.search)


def _search(comparison: Comparison, search: Search) -> Iterator[Section]:
    if search.front:
        yield _table(pareto_front.front_columns(comparison, search), "plan of the front")
        yield _paragraph(pareto_front.legend(comparison, search))
    yield Section([f"- {markdown(text)}" for text in pareto_front.sentences(search)])
    for plan in pareto_front.spelled_out(comparison, search):
        yield Section([markdown(pareto_front.path_by_path(plan)), *_options(plan.options)])
    others = map(pareto_front.path_by_path, pareto_front.others(comparison, search))
    yield Section([f"- {markdown(text)}" for text in others])


def _prediction(prediction: Prediction, report: Report) -> Iterator[Section]:
    yield Section([f"### {code_span(sentences.signature(prediction.call, report.calls))}"])
    yield _table(prediction_columns(prediction), "plan")
    yield _paragraph(sentences.worst_root(prediction))
    yield Section([f"- {markdown(text)}" for text in sentences.unsure(prediction)])


def _growth(growth: Growth) -> Iterator[Section]:
    yield Section([f"### {code_span(sentences.called(growth.call, growth.arguments))}"])
    yield _bold(growth_verdict.verdict(growth))
    yield _paragraph(f"{growing.heading(growth).capitalize()}.")
    if growing.has_figures(growth):
        yield _table(growing.growth_columns(growth), "figure")
        yield _paragraph(growing.legend([growth]))
    told = (*growing.fit_sentences(growth), *growth.conclusions)
    yield Section([f"- {markdown(text)}" for text in told])
    yield _paragraph(growing.reach(growth))


def _group(group: Group) -> Iterator[Section]:
    yield _bold(sentences.verdict(group))
    for finding in group.findings:
        yield Section(_finding(finding), "finding")
    yield Section([f"- note: {markdown(note)}" for note in group.notes])


def _finding(finding: Finding) -> list[str]:
    head = f"- **{markdown(finding.level)} {markdown(finding.rule)}** {markdown(finding.name)}"
    if finding.location:
        function = code_span(finding.location.function)
        head += f" at {code_span(finding.location.place)} in {function}"
    message = f": {markdown(finding.message)}" if finding.message.strip() else ""
    return [head + message, *(f"  {line}".rstrip() for line in _fix(parts_of(finding)))]


def _fix(parts: list[FixPart]) -> Iterator[str]:
    for number, part in enumerate(parts):
        yield ""
        if part.is_code:
            yield from code_block(part.text, "diff" if part.is_diff else "python")
        else:
            yield ("" if number else "Fix: ") + markdown(part.text)


def _options(text: str) -> Iterator[str]:
    for part in fix_parts(text):
        yield ""
        yield from code_block(part.text) if part.is_code else [markdown(part.text)]


def _breaches(report: Report) -> Iterator[Section]:
    if report.breaches:
        yield Section(["### Over the limit"])
        yield _table(breach_columns(report.breaches), "broken limit")
        told = (sentences.told(each) for each in report.breaches)
        yield Section([f"- **{markdown(head)}** {markdown(text)}" for head, text in told])


def _changes(report: Report) -> Iterator[Section]:
    if report.changes:
        yield Section(["### Changes"])
        columns = change_columns(report.changes)
        yield _table(columns, "change") if columns[0].cells else Section([])
        told = change_sentences(report.changes)
        yield Section([f"- **{markdown(status)}** {markdown(text)}" for status, text in told])


def _table(columns: Sequence[Column], what: str, bold: Sequence[bool] = ()) -> Section:
    rows = [list(map(markdown, row)) for row in zip(*(c.cells for c in columns), strict=True)]
    for row, is_bold in zip(rows, bold, strict=False):
        row[0] = f"**{row[0]}**" if is_bold else row[0]
    text = tabulate(
        rows,
        headers=[column.title for column in columns],
        tablefmt="pipe",
        colalign=["right" if column.right else "left" for column in columns] if rows else None,
        disable_numparse=True,
    )
    return Section(text.split("\n"), what, head=2)


def _paragraph(text: str) -> Section:
    return Section([markdown(text)] if text.strip() else [])


def _bold(text: str) -> Section:
    return Section([f"**{markdown(text)}**"] if text.strip() else [])
