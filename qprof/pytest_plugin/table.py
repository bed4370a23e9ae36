"""The summary of a session: the tests that fetched the most, totals, and each defect once."""

from collections.abc import Iterator

from qprof.domain.report import CallReport, Finding, Report
from qprof.reporters.columns import call_columns
from qprof.reporters.figures import counted
from qprof.reporters.grids import fit
from qprof.reporters.wrapping import paragraph

WIDTH = 80


def summary_lines(report: Report, top: int) -> Iterator[str]:
    """Yield the `top` tests by cells, the totals and the findings; with 0, the totals alone."""
    calls = sorted(report.calls, key=lambda call: (-call.cells, -call.queries, call.name))
    if top > 0:
        grid = fit(call_columns(calls[:top]), WIDTH)
        yield from grid.head
        yield from (line for row in grid.rows for line in row)
        if len(calls) > top:
            yield f"and {counted(len(calls) - top, 'test')} more; --qprof-top N shows more"
        yield ""
        yield from _findings(report)
    yield from paragraph(_totals(calls, report), WIDTH)


def _totals(calls: list[CallReport], report: Report) -> str:
    queries, rows, cells = (
        sum(getattr(call, name) for call in calls) for name in ("queries", "rows", "cells")
    )
    found = counted(len(_by_place(report)), "finding")
    return (
        f"{counted(len(calls), 'test')} sent {counted(queries, 'query', 'queries')}, fetched "
        f"{counted(rows, 'row')} and {counted(cells, 'cell')}; {found}."
    )


def _findings(report: Report) -> Iterator[str]:
    for each, tests in _by_place(report).values():
        site = each.location
        where = f"{site.file}:{site.line} in {site.function}" if site else each.call
        paths = f" ({', '.join(each.paths)})" if each.paths else ""
        times = f"; {counted(tests, 'test')}" if tests > 1 else ""
        head = f"{each.level} {each.rule} {each.name}  {where}{paths}{times}"
        yield from paragraph(head, WIDTH, "", "  ")
    if report.findings:
        yield ""


def _by_place(report: Report) -> dict[object, tuple[Finding, int]]:
    """Return each defect once, with the number of tests that meet it."""
    found: dict[object, tuple[Finding, int]] = {}
    for each in report.findings:
        key = (each.rule, each.paths, each.location)
        first, tests = found.get(key, (each, 0))
        found[key] = (first, tests + 1)
    return found
