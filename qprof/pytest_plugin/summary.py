"""`--qprof` and `--qprof-report`: the figures of all tests, from all processes of xdist."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from qprof.domain.errors import QprofError
from qprof.domain.files import write_whole
from qprof.domain.jsonvalue import from_json
from qprof.domain.merging import environments
from qprof.domain.report import Breach, CallReport, Finding, Report
from qprof.domain.trace import Trace
from qprof.pytest_plugin.recorder import BREACHED, REPORTED
from qprof.pytest_plugin.seen import judged
from qprof.reporters.columns import call_columns
from qprof.reporters.figures import counted
from qprof.reporters.grids import fit, paragraph

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
        where = f"{site.place} in {site.function}" if site else each.call
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


class Summary:
    """Collects the traces that tests' reports carry, and shows or writes what they come to."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._traces: dict[str, Trace] = {}
        self._breaches: dict[str, list[Breach]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the figures of one test; of one that ran again, the last."""
        text = getattr(report, REPORTED, None)
        if text is not None:
            self._traces[report.nodeid] = _trace(text)
            breaches = getattr(report, BREACHED, ())
            self._breaches[report.nodeid] = [Breach(*each) for each in breaches]

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the tests that fetched the most, and where the report went."""
        config = self._config
        file, report = config.getoption("qprof_report"), self._report()
        if config.getoption("qprof") and config.get_verbosity() > -2:
            lines = self._summary(report)
            if lines:
                terminalreporter.section("qprof")
                for line in lines:
                    terminalreporter.write_line(line)
        if file is not None:
            terminalreporter.write_line(_written(report, file))

    def _report(self) -> Report | None:
        if not self._traces:
            return None
        traces = [self._traces[name] for name in sorted(self._traces)]
        breaches = tuple(each for name in sorted(self._breaches) for each in self._breaches[name])
        return replace(judged(_added_up(traces), self._config.rootpath), breaches=breaches)

    def _summary(self, report: Report | None) -> Sequence[str]:
        if report is None:
            return ["No test sent a statement through SQLAlchemy, so nothing was measured."]
        top = self._config.getoption("qprof_top") if self._config.get_verbosity() >= 0 else 0
        return list(summary_lines(report, top))


def _trace(text: str) -> Trace:
    value = json.loads(text)
    del value["schema"]
    return from_json(Trace, value)


def _added_up(traces: Sequence[Trace]) -> Trace:
    calls = tuple(call for trace in traces for call in trace.calls)
    return Trace(environments([trace.environment for trace in traces]), calls)


def _written(report: Report | None, target: str) -> str:
    from qprof.reporters import REPORTERS, Canvas

    name, equals, rest = target.partition("=")
    form, file = (name, rest) if equals and name in REPORTERS else ("json", target)
    if report is None:
        return f"qprof: nothing was measured, and {file} was not written."
    try:
        write_whole(Path(file), REPORTERS[form](report, Canvas()))
    except QprofError as error:
        return f"qprof: {error}"
    shows = f"; qprof report {file} shows them" if form == "json" else ""
    return f"qprof: all figures are in {file}{shows}."
