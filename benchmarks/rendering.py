"""`make bench`: rendering a trace of 1,000 calls in each format, over the time of capturing it.

Every call of the built-in library is captured once on its smallest recipe, which is the least to
capture and as much to render as any; the time and the calls are then multiplied up to 1,000. Each
has a name and SQL of its own, so that nothing is looked up twice.
"""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from time import process_time
from typing import Any

from benchmarks.pages import publish
from qprof.domain.trace import Call, Trace
from qprof.judge.detectors import DETECTORS
from qprof.judge.rules.thresholds import Thresholds
from qprof.judge.verdict import against, judge
from qprof.reporters import REPORTERS, Canvas
from qprof.runs.preparing import prepared
from qprof.runs.profile import look
from qprof.runs.request import BUILT_IN, Request
from qprof.seeding.library.recipes import load_recipe
from qprof.seeding.library.seeding import seed

CALLS = 1_000


def captured(database: str) -> tuple[float, Trace]:
    """Return the seconds that so many calls take to capture, and the trace."""
    request = Request(target=BUILT_IN, database=database)
    with prepared(request, lambda line: None) as ready:
        started = process_time()
        trace = look(ready, lambda _: None).trace(ready.source)
        spent = process_time() - started
    calls: list[Call] = []
    while len(calls) < CALLS:
        calls.extend(_apart(trace.calls, len(calls)))
    return spent * CALLS / len(trace.calls), replace(trace, calls=tuple(calls[:CALLS]))


def _apart(calls: tuple[Call, ...], first: int) -> Iterator[Call]:
    for number, call in enumerate(calls, first):
        executions = (replace(each, sql=f"{each.sql} /* {number} */") for each in call.executions)
        yield replace(call, name=f"{call.name}_{number}", executions=tuple(executions))


def seconds(work: Callable[[], Any]) -> float:
    """Return the CPU time of one run."""
    started = process_time()
    work()
    return process_time() - started


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        database = f"sqlite:///{Path(folder) / 'tiny.db'}"
        seed(database, load_recipe("tiny", {}))
        spent, trace = captured(database)
    started = process_time()
    report = judge(trace, Thresholds(), DETECTORS)
    times = {"(judging)": process_time() - started}
    report = against("itself", replace(report, findings=()), "itself", report)
    for name, render in REPORTERS.items():
        times[name] = seconds(lambda render=render: render(report, Canvas()))
    rows = [(name, f"{each / spent:.2%}") for name, each in times.items()]
    found = f"{len(report.calls):,} calls, {len(report.findings):,} findings"
    publish("rendering", rows, (found, "of capturing"))


if __name__ == "__main__":
    main()
