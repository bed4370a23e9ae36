"""The text of a broken limit: the figures, what was sent, and the fix. No line is over 80 wide."""

import re
from collections.abc import Iterator, Sequence

from qprof.domain.report import Breach, CallReport, ExecutionReport, Report
from qprof.domain.sql.reading import beyond_columns
from qprof.pytest_plugin.limits import Figures
from qprof.reporters.canvas import Canvas
from qprof.reporters.columns import Column
from qprof.reporters.defects import block
from qprof.reporters.escape import prose
from qprof.reporters.figures import TIMES, count, counted, measure, ratio
from qprof.reporters.grids import fit, paragraph, shortened

WIDTH = 80
_MOST = 10
_SITE = 34
_JOIN = re.compile(r"\s(?:LEFT OUTER |INNER )?JOIN\s")
_CLAUSE = re.compile(r"\s(?:WHERE|GROUP BY|ORDER BY|HAVING|LIMIT|OFFSET)\s")


def failure_text(report: Report, figures: Figures, refusal: str) -> str:
    """Return why a test is over its limits; the first line can be understood alone."""
    call = report.calls[0]
    blocks = [
        paragraph(refusal or _head(report.breaches), WIDTH),
        _limits(call, report.breaches),
        list(_chunks(call, report.breaches, figures)),
        _executions(call),
        [line for each in report.findings for line in block(each, call, Canvas(WIDTH))],
        list(_notes(call, refusal)),
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block)


def _head(breaches: Sequence[Breach]) -> str:
    parts = [
        f"{_said(each.measured, each.metric)}, limit {_amount(each.limit, each.metric)}"
        for each in breaches
    ]
    return f"qprof: {'; '.join(parts)}."


def _said(value: float, metric: str) -> str:
    """Return "1,000 rows", or "rows 3.85×" of what is needed."""
    kind, _, is_ratio = metric.partition("-")
    return f"{kind} {_amount(value, metric)}" if is_ratio else f"{_amount(value, metric)} {kind}"


def _amount(value: float, metric: str) -> str:
    return f"{_figure(value, metric)}{TIMES}" if "-" in metric else _figure(value, metric)


def _name(metric: str) -> str:
    kind, _, is_ratio = metric.partition("-")
    return f"{TIMES}{kind}" if is_ratio else kind


def _figure(value: float, metric: str) -> str:
    return ratio(value) if "-" in metric else measure(value)


def _limits(call: CallReport, breaches: Sequence[Breach]) -> list[str]:
    if not breaches:
        return []
    kinds = [each.metric.partition("-")[0] for each in breaches]
    columns = [
        Column("over", tuple(_name(each.metric) for each in breaches), right=False),
        Column("limit", tuple(_figure(each.limit, each.metric) for each in breaches)),
        Column("measured", tuple(_figure(each.measured, each.metric) for each in breaches)),
        Column("fetched", tuple(count(getattr(call, kind)) for kind in kinds)),
        Column("needed", tuple(count(getattr(call.needed, kind, None)) for kind in kinds)),
    ]
    return _lines(columns)


def _chunks(call: CallReport, breaches: Sequence[Breach], figures: Figures) -> Iterator[str]:
    """Say what is to be known of a limit on queries."""
    if not any(each.metric == "queries" for each in breaches):
        return
    if figures.queries < call.queries:
        yield from paragraph("The chunks of one selectin count as one query.", WIDTH)
    if call.needed is not None and figures.queries <= call.needed.queries:
        text = (
            f"The test sends no more queries than its objects need, one for each collection. "
            f"Set queries={figures.queries}."
        )
        yield from paragraph(text, WIDTH)


def _executions(call: CallReport) -> list[str]:
    if not call.executions:
        return []
    most = sorted(call.executions, key=lambda each: (-each.cells, -each.count))
    shown, rest = most[:_MOST], most[_MOST:]
    columns = [
        Column("sent", tuple(map(_statement, shown)), right=False),
        Column("by", tuple(each.strategy for each in shown), right=False),
        Column("queries", tuple(count(each.count) for each in shown)),
        Column("rows", tuple(count(each.rows) for each in shown)),
        Column("cells", tuple(count(each.cells) for each in shown)),
        Column("at", tuple(map(_place, shown)), right=False),
    ]
    return [*_lines(columns), *_left_out(rest)]


def _statement(execution: ExecutionReport) -> str:
    """Return the path that it loads, or else what it selects from, with the number of joins."""
    if execution.path is not None:
        return execution.path
    first, *joined = _JOIN.split(beyond_columns(execution.sql))
    source = _CLAUSE.split(first)[0].strip()
    return f"{source}, {counted(len(joined), 'join')}" if joined else source


def _place(execution: ExecutionReport) -> str:
    site = execution.site
    return shortened(site.place, _SITE) if site is not None else ""


def _left_out(rest: Sequence[ExecutionReport]) -> list[str]:
    if not rest:
        return []
    queries, rows = sum(each.count for each in rest), sum(each.rows for each in rest)
    return [
        f"and {counted(len(rest), 'statement')} more: "
        f"{counted(queries, 'query', 'queries')}, {counted(rows, 'row')}"
    ]


def _notes(call: CallReport, refusal: str) -> Iterator[str]:
    for note in call.notes:
        if note not in refusal:
            yield from paragraph(f"note: {prose(note)}", WIDTH)


def _lines(columns: Sequence[Column]) -> list[str]:
    grid = fit(columns, WIDTH)
    return [*grid.head, *(line for row in grid.rows for line in row)]
