"""A report as a piece of HTML for a notebook's cell: tables as tables, the rest as text."""

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from qprof.domain.report import Comparison, Report
from qprof.reporters import sentences
from qprof.reporters.columns import Column, call_columns, plan_columns, prediction_columns
from qprof.reporters.escape import plain, prose
from qprof.reporters.findings import fix_parts, groups


def report_html(report: Report) -> str:
    """Return `report` without script, style sheet or link; what is the user's is escaped."""
    return f'<div class="qprof">{"".join(_blocks(report))}</div>'


def _blocks(report: Report) -> Iterator[str]:
    if report.calls and not report.comparisons:
        yield _table(call_columns(report.calls))
    for prediction in report.predictions:
        yield _table(prediction_columns(prediction))
        yield from map(_text, sentences.unsure(prediction))
    for comparison in report.comparisons:
        call = sentences.find(comparison.call, report.calls)
        needed = call.needed if call else None
        yield _table(plan_columns(comparison, needed), _place(comparison))
        yield _text(comparison.reason)
    yield from _findings(report)
    yield from map(_text, (*sentences.unmeasured(report), *report.notices))
    yield _text(" · ".join(sentences.environment(report.environment)))


def _place(comparison: Comparison) -> int | None:
    """Return which row is the recommended plan; None where there is none."""
    names = [each.plan for each in comparison.plans]
    best = comparison.recommended
    return names.index(best) if best in names else None


def _findings(report: Report) -> Iterator[str]:
    for group in groups(report):
        if not report.comparisons:
            yield _text(sentences.verdict(group))
        for each in group.findings:
            site = each.location
            where = f" {site.place} in {site.function}" if site else ""
            yield (
                f"<p><b>{_safe(each.level)} {_safe(each.rule)} {_safe(each.name)}</b>"
                f"<code>{_safe(where)}</code><br>{_safe(each.message)}</p>"
            )
            for part in fix_parts(each.fix):
                yield _code(part.text) if part.is_code else _text(part.text)
        yield from (_text(f"note: {note}") for note in group.notes)


def _table(columns: Sequence[Column], marked: int | None = None) -> str:
    head = "".join(f"<th>{_safe(each.title)}</th>" for each in columns)
    rows = zip(*(each.cells for each in columns), strict=True)
    body = "".join(_row(cells, number == marked) for number, cells in enumerate(rows))
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _row(cells: Iterable[str], is_marked: bool) -> str:
    shown = (f"<b>{_safe(cell)}</b>" if is_marked else _safe(cell) for cell in cells)
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in shown)}</tr>"


def _text(text: str) -> str:
    return f"<p>{_safe(text)}</p>" if text else ""


def _code(text: str) -> str:
    lines = "\n".join(escape(plain(line)) for line in text.split("\n"))
    return f"<pre>{lines}</pre>"


def _safe(text: str) -> str:
    return escape(prose(text))
