"""What the processes of a program left in their folder, read into a `Trace`."""

import json
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from qprof import __version__
from qprof.domain.jsonvalue import from_json
from qprof.domain.merging import environments, merged_calls
from qprof.domain.trace import Burst, Call, Cost, Environment, Execution, Root, Tally, Trace
from qprof.measure.capture.sites import shown
from qprof.targets.program.folder import failures
from qprof.targets.program.store import AT, DOUBLE, FIGURES, LINES, PATHS, WORST, size

PROCESSES = "processes"
"""Python's own start in a process adds a line to this file."""


@dataclass(frozen=True)
class ProgramTraces:
    """What came of a program: the trace, and who was there."""

    trace: Trace | None
    """None where no process sent a statement."""
    processes: int
    """Python processes that started; forked ones have no start of their own."""
    senders: int
    """Processes that sent a statement."""
    failures: tuple[str, ...]
    """What went wrong inside of qprof, each once."""
    open_results: int
    """Results that were open when their process ended, or that nobody closed: rows may lack."""
    pings: bool
    """Whether a pool asks each connection that is taken out of it again whether it is alive."""


def read_traces(folder: Path) -> ProgramTraces:
    """Return what is in `folder`. A process that is still running is read as it stands."""
    found = [_process(file) for file in sorted(folder.glob(f"*{LINES}"))]
    sent = [each for each in found if each is not None and each.calls]
    trace = None
    if sent:
        calls = merged_calls(call for each in sent for call in each.calls)
        trace = Trace(environments([each.environment for each in sent]), calls)
    started = len(_texts(folder / PROCESSES))
    return ProgramTraces(
        trace,
        max(started, len(sent)),
        len(sent),
        failures(folder),
        sum(each.open_results for each in sent),
        any(each.pings for each in sent),
    )


@dataclass(frozen=True)
class _Process:
    environment: Environment
    calls: Sequence[Call]
    open_results: int
    pings: bool


def _texts(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8", errors="replace").splitlines() if file.exists() else []


def _process(file: Path) -> _Process | None:
    lines = [json.loads(line) for line in _whole(file.read_text(encoding="utf-8"))]
    if not lines:
        return None
    figures = file.with_suffix(FIGURES)
    numbers = figures.read_bytes() if figures.exists() else b""
    read = [(each, _figures(each, numbers)) for each in lines if "execution" in each]
    executions = [(line["call"], _execution(line, figures)) for line, figures in read]
    calls = [_call(name, each) for name, each in executions if each.count]
    open_results = sum(figures.number("open") for _, figures in read)
    return _Process(
        _environment(lines), calls, open_results, any(each.get("pings") for each in lines)
    )


def _whole(text: str) -> list[str]:
    """Return the lines that were written to their end."""
    return text.split("\n")[:-1]


def _call(name: str, execution: Execution) -> Call:
    return Call(name, {}, (execution,), None)


def _environment(lines: Sequence[Mapping[str, Any]]) -> Environment:
    databases = [each for each in lines if "database" in each]
    return Environment(
        qprof=__version__,
        python=lines[0]["python"],
        sqlalchemy=lines[0]["sqlalchemy"],
        dialect=_joined(each["dialect"] for each in databases),
        driver=_joined(each["driver"] for each in databases),
        database=_joined(each["database"] for each in databases),
    )


def _joined(names: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(names))


def _figures(line: Mapping[str, Any], numbers: bytes) -> "_Figures":
    count = size(len(line["pairs"]), len(line["alone"]), tallied=line["tallied"])
    start = line["at"] * DOUBLE
    room = numbers[start : start + count * DOUBLE].ljust(count * DOUBLE, b"\0")
    return _Figures(struct.unpack(f"={count}d", room), room)


def _execution(line: Mapping[str, Any], figures: "_Figures") -> Execution:
    bare = from_json(Execution, line["execution"])
    return replace(_filled(bare, figures, sized=line["sized"]), tally=_tally(line, figures))


@dataclass(frozen=True)
class _Figures:
    doubles: tuple[float, ...]
    raw: bytes

    def number(self, name: str) -> int:
        return int(self.doubles[AT[name]])

    def seconds(self, name: str) -> float:
        return self.doubles[AT[name]]

    def worst(self) -> list[Any]:
        text = self.raw[WORST * DOUBLE : PATHS * DOUBLE].rstrip(b"\0")
        try:
            return list(json.loads(text)) if text else []
        except ValueError:  # The process was killed while it wrote.
            return []


def _filled(bare: Execution, figures: _Figures, *, sized: bool) -> Execution:
    number = figures.number
    return replace(
        bare,
        bytes=number("bytes") if sized else None,
        count=number("count"),
        chunks=number("chunks"),
        rows=number("rows"),
        columns=number("columns"),
        cells=number("cells"),
        repeats=number("repeats"),
        repeated=Cost(number("repeats"), number("repeated_rows"), number("repeated_cells")),
        burst=Burst(number("most"), number("different")),
        site=shown(bare.site),
        execute=figures.seconds("execute"),
        fetch=None if number("one_by_one") else figures.seconds("fetch"),
    )


def _tally(line: Mapping[str, Any], figures: _Figures) -> Tally | None:
    """Return what the rows held; None where those of some execution were not looked at."""
    number = figures.number
    if not line["tallied"] or number("tallied") != number("count"):
        return None
    counts = [int(each) for each in figures.doubles[PATHS:]]
    pairs, alone = counts[: len(line["pairs"])], counts[len(line["pairs"]) :]
    identity = figures.worst()
    return Tally(
        roots=number("roots"),
        longest=number("longest"),
        doubled=number("doubled"),
        pairs=dict(zip(line["pairs"], pairs, strict=True)),
        alone=dict(zip(line["alone"], alone, strict=True)),
        worst=Root(line["entity"], tuple(identity), number("worst_rows")) if identity else None,
        apart=Cost(number("apart_queries"), number("apart_rows"), number("apart_cells")),
    )
