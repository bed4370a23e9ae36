"""A whole program, profiled from inside."""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from qprof.domain.errors import QprofError
from qprof.domain.loaders import OF_ONE_PARENT
from qprof.domain.sql.literals import REST, UNWRITTEN
from qprof.domain.sql.reading import reads_tables, takes_pages
from qprof.domain.trace import Call, Execution, Trace, Unmeasured, at
from qprof.domain.words import counted
from qprof.targets.program.attribution import ELSEWHERE
from qprof.targets.program.launch import launch
from qprof.targets.program.traces import ProgramTraces, read_traces

UNTRIED = "a program is not run again"
"""Why no fix was tried."""
OFTEN = 50
"""How often one statement is sent, spread over transactions, before it is worth a note."""


@dataclass(frozen=True)
class Ran:
    """A program that has ended."""

    code: int
    """Its own exit code; 128 + n where signal n ended it."""
    trace: Trace | None
    """None where nothing was seen; the last remark says why."""
    remarks: tuple[str, ...]
    """Who was seen, and what was missed."""


def run_program(command: Sequence[str], calls: Sequence[str] = (), *, sizes: bool = False) -> Ran:
    """Run `command` with qprof inside, and return what it sent, by functions matching `calls`.

    With `sizes`, the bytes of what it fetches are counted, too.

    Raises QprofError where the command cannot be started.
    """
    if not command:
        raise QprofError("No command to run. Write qprof run -- python -m app, for example.")
    with tempfile.TemporaryDirectory(prefix="qprof-", ignore_cleanup_errors=True) as folder:
        code = launch(command, Path(folder), calls, sizes=sizes)
        seen = read_traces(Path(folder))
    failures = [
        f"qprof itself failed inside of the program, which went on; the figures lack what it "
        f"could not count ({each})."
        for each in seen.failures
    ]
    if seen.trace is None:
        return Ran(code, None, (*failures, _why_nothing(command[0], seen)))
    noted = Trace(
        seen.trace.environment,
        tuple(_noted(call) for call in seen.trace.calls),
        unmeasured=tuple(Unmeasured(INCOMPLETE, each, raised=True) for each in failures),
        notices=tuple(_missed(seen)),
    )
    who = [_who(seen)] if seen.processes > 1 else []
    return Ran(code, noted, (*who, *_unmatched(noted, calls)))


INCOMPLETE = "what was not counted"
"""Stands where the name of a call does, for what a program sent and qprof could not count."""


def _missed(seen: ProgramTraces) -> Iterator[str]:
    """Yield what was sent, or fetched, and is in no figure."""
    if seen.open_results:
        results = counted(seen.open_results, "result")
        yield (
            f"Rows may lack: {results} had not been closed when the process ended, or was killed. "
            "The queries are counted."
        )
    if seen.pings:
        yield (
            "pool_pre_ping is on: each checkout of a connection that was in use before sends a "
            "ping of its own, a round trip that is not counted."
        )


def _why_nothing(command: str, seen: ProgramTraces) -> str:
    if not seen.processes:
        return (
            f"No Python process was seen in {command}, so nothing was measured. qprof comes in by "
            "PYTHONPATH: python -I, -E and -S, tox and sudo keep it out."
        )
    return (
        f"{_processes(seen.processes)} ran, and no statement was sent through SQLAlchemy: nothing "
        "was measured."
    )


def _who(seen: ProgramTraces) -> str:
    return f"{_processes(seen.processes)} ran, and {seen.senders:,} of them sent statements."


def _processes(count: int) -> str:
    return "1 Python process" if count == 1 else f"{count:,} Python processes"


def _unmatched(trace: Trace, calls: Sequence[str]) -> Iterator[str]:
    if calls and {call.name for call in trace.calls} == {ELSEWHERE}:
        patterns = ", ".join(repr(each) for each in calls)
        yield (
            f"No function matched {patterns}: the names are package.module.Class.method. Without "
            "--calls they are shown."
        )


def _noted(call: Call) -> Call:
    notes = [note for each in call.executions for note in _spread(each)]
    if any(each.fetch is None for each in call.executions):
        notes.append("Rows that were taken one by one are counted, but the time to fetch is not.")
    if any(each.sql == UNWRITTEN for each in call.executions):
        notes.append(
            "The disk had no room to keep these statements apart; they are counted in one line, "
            "for whichever function sent them."
        )
    if any(each.sql == REST for each in call.executions):
        notes.append("It sent more different statements than are kept apart; the rest is one line.")
    return replace(call, notes=tuple(dict.fromkeys(notes)), untried=UNTRIED)


def _spread(execution: Execution) -> Iterator[str]:
    """Yield a note where one statement is sent often and nothing proves that a loop sends it."""
    most = execution.together.count
    if execution.count < OFTEN or most * 2 > OFTEN or execution.strategy not in OF_ONE_PARENT:
        return
    if not reads_tables(execution.sql) or takes_pages(execution.sql, execution.offset):
        return
    what = f"{execution.path} was loaded" if execution.path else "One SELECT was sent"
    yield (
        f"{what} {execution.count:,} times{at(execution.site)}, at most {most:,} in one "
        "transaction: right for as many requests, an N+1 across sessions if a loop sends them."
    )
