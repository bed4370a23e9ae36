"""The report for a pull request comment or a step summary, as GitHub shows it."""

from collections.abc import Iterator, Sequence

from tabulate import tabulate

from qprof.report import Comparison, Finding, Growth, Prediction, Report, Search
from qprof.reporters import growing, searching, sentences
from qprof.reporters.canvas import Canvas
from qprof.reporters.columns import (
    Column,
    breach_columns,
    call_columns,
    plan_columns,
    prediction_columns,
)
from qprof.reporters.escape import code_block, code_span, markdown
from qprof.reporters.findings import Group, fix_parts, groups


def render(report: Report, canvas: Canvas) -> str:
    """Return the same facts as the terminal's tables, at any width."""
    blocks = (block for block in _blocks(report) if block)
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _blocks(report: Report) -> Iterator[list[str]]:
    yield ["## qprof"]
    database, *others = sentences.environment(report.environment)
    yield [" · ".join([code_span(database), *map(markdown, others)])]
    yield from _calls(report)
    for comparison in report.comparisons:
        yield from _comparison(comparison, report)
    for prediction in report.predictions:
        yield from _prediction(prediction, report)
    for growth in report.growths:
        yield from _growth(growth)
    for group in groups(report):
        yield from _group(group)
    yield [f"- {markdown(text)}" for text in sentences.unmeasured(report)]
    yield from _breaches(report)
    yield [markdown(sentences.summary(report))]


def _calls(report: Report) -> Iterator[list[str]]:
    if {call.name for call in report.calls} <= {each.call for each in report.comparisons}:
        return
    yield _table(call_columns(report.calls))
    yield [markdown(sentences.legend(report.calls))]


def _comparison(comparison: Comparison, report: Report) -> Iterator[list[str]]:
    call = sentences.find(comparison.call, report.calls)
    needed = call.needed if call else None
    recommended = [plan.plan == comparison.recommended for plan in comparison.plans]
    yield [f"### {code_span(sentences.signature(comparison.call, report.calls))}"]
    yield _table(plan_columns(comparison, needed), recommended)
    yield [
        f"- {markdown(plan.plan)}: {markdown(sentences.remark(plan))}"
        for plan in comparison.plans
        if sentences.remark(plan)
    ]
    yield _bold(sentences.conclusion(comparison))
    if comparison.break_even and not comparison.search:
        yield [markdown(sentences.break_even(comparison.break_even))]
    yield [markdown(f"{sentences.needed(needed)} {sentences.repeats(comparison)}")]
    if comparison.search:
        yield from _search(comparison, comparison.search)


def _search(comparison: Comparison, search: Search) -> Iterator[list[str]]:
    if search.front:
        yield _table(searching.front_columns(comparison, search))
        yield [markdown(searching.legend(search))]
    yield [f"- {markdown(text)}" for text in searching.sentences(search)]
    for plan in searching.spelled_out(comparison, search):
        yield [markdown(searching.path_by_path(plan)), *_options(plan.options)]
    yield [f"- {markdown(searching.path_by_path(p))}" for p in searching.others(comparison, search)]


def _prediction(prediction: Prediction, report: Report) -> Iterator[list[str]]:
    yield [f"### {code_span(sentences.signature(prediction.call, report.calls))}"]
    yield _table(prediction_columns(prediction))
    yield [markdown(sentences.worst_root(prediction))]
    yield [f"- {markdown(text)}" for text in sentences.unsure(prediction)]


def _growth(growth: Growth) -> Iterator[list[str]]:
    yield [f"### {code_span(sentences.called(growth.call, growth.arguments))}"]
    yield [markdown(f"{growing.heading(growth).capitalize()}.")]
    if growing.has_figures(growth):
        yield _table(growing.growth_columns(growth))
        yield [markdown(growing.legend(growth))]
    yield [f"- {markdown(text)}" for text in (*growing.fit_sentences(growth), *growth.conclusions)]
    yield [markdown(growing.reach(growth))] if growing.reach(growth) else []


def _group(group: Group) -> Iterator[list[str]]:
    yield _bold(sentences.verdict(group))
    for finding in group.findings:
        yield _finding(finding)
    yield [f"- note: {markdown(note)}" for note in group.notes]


def _finding(finding: Finding) -> list[str]:
    head = f"- **{markdown(finding.level)} {markdown(finding.rule)}** {markdown(finding.name)}"
    if finding.location:
        function = code_span(finding.location.function)
        head += f" at {code_span(sentences.place(finding.location))} in {function}"
    message = f": {markdown(finding.message)}" if finding.message.strip() else ""
    return [head + message, *(f"  {line}".rstrip() for line in _fix(finding.fix))]


def _fix(fix: str) -> Iterator[str]:
    for number, part in enumerate(fix_parts(fix)):
        yield ""
        if part.is_code:
            yield from code_block(part.text)
        else:
            yield ("" if number else "Fix: ") + markdown(part.text)


def _options(text: str) -> Iterator[str]:
    for part in fix_parts(text):
        yield ""
        yield from code_block(part.text) if part.is_code else [markdown(part.text)]


def _breaches(report: Report) -> Iterator[list[str]]:
    if report.breaches:
        yield ["### Over budget"]
        yield _table(breach_columns(report.breaches))


def _table(columns: Sequence[Column], bold: Sequence[bool] = ()) -> list[str]:
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
    return text.split("\n")


def _bold(text: str) -> list[str]:
    return [f"**{markdown(text)}**"] if text.strip() else []
