"""`qprof.record()`: what a block, or each call of a function, sends to the database."""

import inspect
import platform
import sys
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from functools import wraps
from html import escape
from pathlib import Path
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

import sqlalchemy

from qprof import __version__
from qprof.api.results import Printed
from qprof.domain.errors import MeasureError, QprofError
from qprof.domain.report import Amplification, Finding, Report, amplification
from qprof.domain.trace import Call, Cost, Environment, Execution, Trace, bytes_of
from qprof.measure.capture import record as capture
from qprof.measure.derived.needed import Derived, derived_needed
from qprof.measure.derived.nested import NestedRecording
from qprof.runs.stored import judge_trace
from qprof.targets.config import read_config
from qprof.targets.database import shown_url

P = ParamSpec("P")
R = TypeVar("R")


class RecordResult(Printed):
    """What one block sent so far; exact at any time, also after its end.

    Rows are those fetched from the driver, cells are rows times columns. `needed` is what the
    objects that were loaded cost with to-one paths joined and to-many paths by selectin.
    """

    def __init__(self, name: str, root: Path | None = None, *, sizes: bool = False) -> None:
        self.name = name
        """What the report calls it."""
        self.recording = NestedRecording(sizes=sizes)
        self._root = root

    @property
    def queries(self) -> int:
        """Cursor executions."""
        return self.cost.queries

    @property
    def rows(self) -> int:
        """Rows that were fetched, RETURNING included."""
        return self.cost.rows

    @property
    def cells(self) -> int:
        """Rows times columns."""
        return self.cost.cells

    @property
    def cost(self) -> Cost:
        """All three."""
        self._refuse_broken()
        sent = self.recording.snapshots()
        cells = sum(each.rows * each.columns for each in sent)
        return Cost(len(sent), sum(each.rows for each in sent), cells)

    @property
    def bytes(self) -> int | None:
        """The size of the fetched values, in bytes; None without `record(bytes=True)`."""
        self._refuse_broken()
        return bytes_of(self.executions) if self.recording.sizes else None

    @property
    def executions(self) -> tuple[Execution, ...]:
        """What was sent, by statement, path, strategy and line."""
        return self.recording.executions()

    @property
    def needed(self) -> Cost | None:
        """What the loaded objects would have to cost; None where the rows do not tell."""
        return self.derived.cost

    @property
    def derived(self) -> Derived:
        """What was needed, or why it is unknown."""
        return derived_needed(self.recording.snapshots())

    @property
    def amplification(self) -> Amplification:
        """Measured divided by needed: `.queries`, `.rows`, `.cells`; None where unknown."""
        return amplification(self.cost, self.needed)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What breaks a rule of `qprof rule`, by the settings of the project."""
        return self.report.findings

    @property
    def trace(self) -> Trace:
        """What was seen, as one call."""
        derived = self.derived
        notes = (derived.reason,) if derived.reason else ()
        # Its wall time would be ours as well: rows were looked at meanwhile.
        call = Call(
            self.name,
            {},
            self.executions,
            None,
            needed=derived.cost,
            notes=notes,
            untried="what is recorded is not run again",
        )
        return Trace(_environment(self.recording), (call,))

    @property
    def report(self) -> Report:
        """Everything that was concluded, by the settings of this folder."""
        self._refuse_broken()
        settings = read_config(None, self._root or Path.cwd())
        return judge_trace(self.trace, settings, None, None)

    def __str__(self) -> str:
        if not self.recording.sent:
            return f"{self.name} sent no statement through SQLAlchemy."
        return super().__str__()

    def html(self) -> str:
        """Return what a notebook shows."""
        return super().html() if self.recording.sent else f"<p>{escape(str(self))}</p>"

    def _refuse_broken(self) -> None:
        """Raise MeasureError where qprof could not count something."""
        if self.recording.errors:
            error = self.recording.errors[0]
            raise MeasureError(
                f"qprof itself failed, so nothing is certain: {type(error).__name__}: {error}."
            )


def _environment(recording: NestedRecording) -> Environment:
    engines = recording.engines.values()
    return Environment(
        qprof=__version__,
        python=platform.python_version(),
        sqlalchemy=sqlalchemy.__version__,
        dialect=_joined(each.dialect.name for each in engines),
        driver=_joined(each.dialect.driver for each in engines),
        database=_joined(shown_url(each.url) for each in engines),
    )


def _joined(names: Iterable[str]) -> str:
    return ", ".join(sorted(set(names)))


Then = Callable[[RecordResult], object]
"""What is called with each result when its block ends."""


class RecordBlock:
    """What `record()` returns: for `with` and `async with`, and in front of a function."""

    def __init__(self, name: str | None, then: Then | None, *, sizes: bool) -> None:
        self._name, self._then, self._sizes = name, then, sizes
        self._open: list[tuple[RecordResult, AbstractContextManager[Any]]] = []

    def __enter__(self) -> RecordResult:
        result = RecordResult(self._name or "block", sizes=self._sizes)
        block = capture(into=result.recording)
        block.__enter__()
        self._open.append((result, block))
        return result

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        result, block = self._open.pop()
        block.__exit__(kind, error, traceback)
        if self._then is not None:
            self._then(result)

    async def __aenter__(self) -> RecordResult:
        return self.__enter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.__exit__(kind, error, traceback)

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        """Return `function` with a recording around each call."""
        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            raise QprofError(
                f"{function.__name__} is a generator: what its caller sends between two values "
                "would count as its own. Use `with qprof.record():` inside of it."
            )
        name, then = self._name or _name(function), self._then or _print
        sizes = self._sizes

        @wraps(function)
        async def awaited(*args: P.args, **kwargs: P.kwargs) -> Any:
            with RecordBlock(name, then, sizes=sizes):
                return await function(*args, **kwargs)  # type: ignore[misc]

        @wraps(function)
        def called(*args: P.args, **kwargs: P.kwargs) -> R:
            with RecordBlock(name, then, sizes=sizes):
                return function(*args, **kwargs)

        return awaited if inspect.iscoroutinefunction(function) else called  # type: ignore[return-value]


def record(
    name: str | None = None, *, then: Then | None = None, bytes: bool = False
) -> RecordBlock:
    """Record what a block sends: `with qprof.record() as seen:`, then read `seen.rows`.

    `@qprof.record()` in front of a function, be it plain or `async`, records each of its calls.
    `then` is called with each result when its block ends; of a function, results are printed to
    stderr where nothing else is asked for. Blocks may be nested, and count for what is around them.
    With `bytes`, the size of the fetched values is counted, too.
    """
    if callable(name):
        raise QprofError("Write @qprof.record() with its brackets.")
    return RecordBlock(name, then, sizes=bytes)


def _name(function: Callable[..., Any]) -> str:
    return getattr(function, "__qualname__", "call").rpartition("<locals>.")[2]


def _print(result: RecordResult) -> None:
    sys.stderr.write(f"{result}\n")
