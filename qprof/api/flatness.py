"""`qprof.flat()`: a call at several sizes of its data, which a factory of the user's makes."""

import inspect
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from html import escape
from itertools import pairwise
from typing import Any, Protocol

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import Session, sessionmaker

from qprof.api.given import (
    Sessions,
    Subject,
    bind_of,
    call_of,
    in_own_thread,
    is_async,
    lent,
)
from qprof.api.recorded import RecordResult
from qprof.api.results import Printed
from qprof.domain.errors import MeasureError, QprofError
from qprof.domain.registry import lookup
from qprof.domain.report import Report
from qprof.domain.trace import Cost
from qprof.forecast.bench.growth_kind import KINDS, GrowthKind, growth_kind, is_clear, rate
from qprof.measure.capture import record as capture
from qprof.reporters import Canvas
from qprof.reporters.columns import Column
from qprof.reporters.defects import block
from qprof.reporters.grids import fit, paragraph
from qprof.targets.code import Source
from qprof.targets.code.loop import Loop
from qprof.targets.code.makers import Maker

SIZES = (5, 10, 20)
"""Small, since a factory makes them in a test; where they do not tell, they are doubled."""
_MOST_SIZES = 5
_WIDTH = 80
METRICS = ("queries", "rows", "cells")
Factory = Callable[..., Any]
"""Makes so many more things: it takes their number, and before it a session, if it takes two."""


class Runs(Protocol):
    """What runs a coroutine to its end."""

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Return what it returns."""


class NotFlat(AssertionError):
    """The cost of a call grows faster than it may; the text has the figures and the fix."""

    def __init__(self, result: "FlatResult", broken: Sequence[str]) -> None:
        super().__init__(f"{'; '.join(broken)}.\n\n{result}")
        self.result = result


@dataclass(repr=False)
class FlatResult(Printed):
    """What a call costs at each size, and how that grows."""

    name: str
    runs: dict[int, RecordResult] = field(default_factory=dict)
    """By size, ascending."""
    costs: dict[int, Cost] = field(default_factory=dict)
    """By size; all chunks of one load are one query, as in every limit."""

    def add(self, size: int, run: RecordResult) -> None:
        """Take the run at one size."""
        loads = sum(each.loads for each in run.executions)
        self.runs[size] = run
        self.costs[size] = Cost(loads, run.rows, run.cells)

    @property
    def growth(self) -> Mapping[str, GrowthKind]:
        """How queries, rows and cells grow: constant, batched, sublinear, linear or worse."""
        sizes = list(self.costs)
        return {metric: growth_kind(sizes, self.counts(metric)) for metric in METRICS}

    def counts(self, metric: str) -> list[int]:
        """Return one figure at each size."""
        return [int(getattr(cost, metric)) for cost in self.costs.values()]

    def is_clear(self) -> bool:
        """Return whether no further size is needed to tell how it grows."""
        enough = len(self.costs) >= _MOST_SIZES
        return enough or all(is_clear(self.counts(metric)) for metric in METRICS)

    def of(self, metric: str) -> str:
        """Return "queries are linear: 1 more for each"."""
        kind = self.growth[metric]
        text = f"{metric} are {kind}" if kind != "worse" else f"{metric} grow worse than linearly"
        if kind in ("linear", "batched"):
            each = rate(list(self.costs), self.counts(metric))
            text += f": {each:.3g} more for each"
        return text

    @property
    def report(self) -> Report:
        """Everything that was concluded of the largest size."""
        return self._last.report

    @property
    def _last(self) -> RecordResult:
        return list(self.runs.values())[-1]

    def _columns(self) -> list[Column]:
        sizes = Column("size", tuple(f"{size:,}" for size in self.costs))
        return [
            sizes,
            *(
                Column(metric, tuple(f"{each:,}" for each in self.counts(metric)))
                for metric in METRICS
            ),
        ]

    def _verdict(self) -> str:
        return f"{self.name}: {', '.join(map(self.of, METRICS))}."

    def __str__(self) -> str:
        grid = fit(self._columns(), _WIDTH)
        lines = [*paragraph(self._verdict(), _WIDTH), "", *grid.head]
        lines += [line for row in grid.rows for line in row]
        for finding in self.report.findings if self._last.recording.sent else ():
            lines += ["", *block(finding, None, Canvas(_WIDTH))]
        return "\n".join(lines)

    def html(self) -> str:
        """Return what a notebook shows."""
        return f"<p>{escape(self._verdict())}</p>{super().html()}"


def flat(
    call: Subject,
    session: Sessions | None = None,
    *,
    over: Factory,
    sizes: Sequence[int] | None = None,
    arguments: Mapping[str, Any] | None = None,
    name: str | None = None,
    queries: GrowthKind = "batched",
    rows: GrowthKind = "linear",
    cells: GrowthKind = "linear",
) -> FlatResult:
    """Assert that what `call` costs does not grow with its data, and return how it does grow.

    `over` makes so many more things as it is told: `over(n)`, or `over(session, n)`. With
    `session`, it and the call share a transaction, which is rolled back after each size. Without,
    both bring their own; the data then adds up, and stays. `queries`, `rows` and `cells` are the
    worst growth that passes. Raises NotFlat, an AssertionError, for a worse one; QprofError for
    what cannot be run; MeasureError where nothing was sent.
    """
    most = {
        metric: lookup("growth", kind, {each: each for each in KINDS})
        for metric, kind in zip(METRICS, (queries, rows, cells), strict=True)
    }
    wanted = _ascending(sizes)
    asynchronous = is_async(call, session) or is_async(over, session)
    work = _Work(call, over, arguments, name, asynchronous)

    def run() -> FlatResult:
        with work.measuring(session) as at:
            return measured_at(work.name, wanted, at, further=sizes is None)

    result = in_own_thread(run) if asynchronous else run()
    refuse_growth(result, most)
    return result


def measured_at(
    name: str, sizes: Sequence[int], at: Callable[[int], RecordResult], *, further: bool
) -> FlatResult:
    """Return the call at `sizes`, and at `further` ones where they do not tell.

    Raises MeasureError where no statement was sent.
    """
    result = FlatResult(name)
    for size in sizes:
        result.add(size, at(size))
    while further and not result.is_clear():
        size = 2 * max(result.costs)
        result.add(size, at(size))
    if not any(run.recording.sent for run in result.runs.values()):
        raise MeasureError(f"No statement was seen in {name}, so nothing is known of its growth.")
    return result


def refuse_growth(result: FlatResult, most: Mapping[str, GrowthKind]) -> None:
    """Raise NotFlat where a figure grows faster than `most` says."""
    growth = result.growth
    broken = [
        f"{result.of(metric)}, at most {kind}"
        for metric, kind in most.items()
        if KINDS.index(growth[metric]) > KINDS.index(kind)
    ]
    if broken:
        raise NotFlat(result, [f"{result.name}: {broken[0]}", *broken[1:]])


def _ascending(sizes: Sequence[int] | None) -> Sequence[int]:
    if sizes is None:
        return SIZES
    if len(sizes) < 2 or sizes[0] < 1 or any(a >= b for a, b in pairwise(sizes)):
        raise QprofError(
            f"sizes={list(sizes)!r}: give two sizes or more, ascending from 1 on, such as [5, 10, "
            "20]; three tell a fixed part from one that grows."
        )
    return sizes


@dataclass(frozen=True)
class _Work:
    """What is run at each size."""

    call: Subject
    over: Factory
    arguments: Mapping[str, Any] | None
    given_name: str | None
    asynchronous: bool

    @property
    def name(self) -> str:
        return str(self._call().name)

    def _call(self) -> Any:
        return call_of(
            self.call,
            is_async=self.asynchronous,
            name=self.given_name,
            arguments=self.arguments,
            whole=False,
        )

    @contextmanager
    def measuring(self, session: Sessions | None) -> Iterator[Callable[[int], RecordResult]]:
        """Yield what runs the call at a size."""
        with ExitStack() as stack:
            if session is None:
                yield GrowingData(self.over, self._own, stack.enter_context(_loop())).at
                return
            # Not entered: its guard would refuse to write to the connection that is rolled back.
            source = Source(None, None)
            stack.callback(source.loop.close)
            within = _within_async if self.asynchronous else _within
            connected = stack.enter_context(within(session, source.loop))
            yield lambda size: self._shared(size, connected(), source)

    def _own(self, loop: Loop) -> None:
        if not callable(self.call):
            raise QprofError("A statement needs a session; give it, as qprof.flat(statement, ...).")
        settled(self.call(**(self.arguments or {})), loop)

    def _shared(self, size: int, transaction: Any, source: Source) -> RecordResult:
        with transaction as maker:
            takes_session = len(_asked(self.over)) > 1
            made = maker()
            given = (made, size) if takes_session else (size,)
            settled(self.over(*given), source.loop)
            settled(made.flush(), source.loop)
            settled(made.close(), source.loop)
            source.own = maker
            result = RecordResult(self.name)
            with self._call().open(source) as opened, capture(into=result.recording):
                opened.invoke()
            return result


def _asked(function: Callable[..., Any]) -> list[str]:
    """Return the parameters that have no default."""
    signature = Maker(function).signature
    return [name for name, each in signature.items() if each.default is each.empty]


def settled(value: Any, loop: Runs) -> None:
    """Wait for what a function gave, if that is to be awaited."""
    if inspect.isawaitable(value):
        loop.run(_awaited(value))


async def _awaited(value: Any) -> Any:
    return await value


@contextmanager
def _loop() -> Iterator[Loop]:
    loop = Loop()
    try:
        yield loop
    finally:
        loop.close()


class GrowingData:
    """A factory and a call that bring sessions of their own; the data adds up from size to size."""

    def __init__(self, over: Factory, call: Callable[[Any], None], loop: Runs) -> None:
        self._over, self._call, self._loop = over, call, loop
        self._there = 0

    def at(self, size: int) -> RecordResult:
        """Return what the call sends once there are `size` things."""
        with forgetting() as forget:
            settled(self._over(size - self._there), self._loop)
            forget()
        self._there = size
        result = RecordResult("call")
        with capture(into=result.recording):
            self._call(self._loop)
        return result


@contextmanager
def forgetting() -> Iterator[Callable[[], None]]:
    """Yield what has the sessions that were used since forget what they hold.

    The factory may share its session with the call, which would find all that is new in memory. A
    request finds nothing.
    """
    made: dict[Session, list[Any]] = {}

    def attach(session: Session, instance: Any) -> None:
        made.setdefault(session, []).append(instance)

    def forget() -> None:
        for session, instances in made.items():
            session.flush()
            for each in instances:
                if each in session:
                    session.expunge(each)
            session.expire_all()

    event.listen(Session, "after_attach", attach)
    try:
        yield forget
    finally:
        event.remove(Session, "after_attach", attach)


@contextmanager
def _within(given: Sessions, loop: Loop) -> Iterator[Callable[[], Any]]:
    """Yield what begins a transaction, within which it makes sessions, and rolls it back."""
    bind, maker, own = _bound(given)
    with ExitStack() as stack:
        if own:
            stack.callback(bind.dispose)
        connection = bind if isinstance(bind, Connection) else stack.enter_context(bind.connect())

        @contextmanager
        def transaction() -> Iterator[Any]:
            inner = connection.in_transaction()
            outer = connection.begin_nested() if inner else connection.begin()
            with lent(connection):
                try:
                    yield _making(maker, connection)
                finally:
                    if outer.is_active:
                        outer.rollback()

        yield transaction


@contextmanager
def _within_async(given: Sessions, loop: Loop) -> Iterator[Callable[[], Any]]:
    bind, maker, own = _bound(given, asynchronous=True)
    connection: AsyncConnection = bind.connect()
    loop.run(_awaited(connection.start()))

    @contextmanager
    def transaction() -> Iterator[Any]:
        outer = connection.begin()
        loop.run(_awaited(outer.start()))
        with lent(connection.sync_connection):
            try:
                yield _making(maker, connection)
            finally:
                loop.run(outer.rollback())

    try:
        yield transaction
    finally:
        loop.run(connection.close())
        loop.run(bind.dispose()) if own else None


def _making(maker: Any, connection: Any) -> Any:
    # A commit of the factory's or the call's is none: no savepoint is asked of the driver, since
    # SQLite's begins no transaction before one, and then commits where it is released.
    kind = async_sessionmaker if isinstance(connection, AsyncConnection) else sessionmaker
    options = {key: value for key, value in maker.kw.items() if key not in ("bind", "binds")}
    options |= {"class_": maker.class_, "join_transaction_mode": "rollback_only"}
    return kind(connection, **options)


def _bound(given: Sessions, *, asynchronous: bool = False) -> tuple[Any, Any, bool]:
    """Return the engine or connection, a maker of sessions, and whether the engine is ours."""
    if isinstance(given, (str, URL)):
        made = create_async_engine(given) if asynchronous else create_engine(given)
        return made, async_sessionmaker() if asynchronous else sessionmaker(), True
    if isinstance(given, Session):
        bind = given.connection() if given.in_transaction() else bind_of(given)
        return bind, sessionmaker(class_=type(given)), False
    if isinstance(given, AsyncSession):
        return given.bind, async_sessionmaker(class_=type(given)), False
    if isinstance(given, (Engine, AsyncEngine)):
        return given, async_sessionmaker() if asynchronous else sessionmaker(), False
    maker = getattr(given, "session_factory", given)
    bind = getattr(maker, "kw", {}).get("bind")
    if bind is None:
        raise QprofError(
            "flat() needs to roll back what its factory makes. Give an engine, a URL, a session, "
            "or a sessionmaker that is bound to one; or neither, and a call without parameters."
        )
    return bind, maker, False
