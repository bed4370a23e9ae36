"""Runs a call under a plan: a session of its own, rolled back, with the work that it put off."""

import gc
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Protocol

from sqlalchemy import Engine
from sqlalchemy.exc import SAWarning
from sqlalchemy.orm import Session

from qprof.capture import record
from qprof.strategies.catalog import Plan
from qprof.strategies.discover import discovering
from qprof.strategies.graph import Graph, Incomparable, snapshot
from qprof.strategies.rewrite import applying
from qprof.strategies.roots import Roots, all_paths
from qprof.strategies.touch import Steps, touch
from qprof.trace import Execution, Path


class Call(Protocol):
    """What can be replayed."""

    def __call__(self, session: Session) -> Any:
        """Run once in `session` and return what the caller would get."""


Sessions = Callable[[], Session]


@dataclass(frozen=True)
class Discovery:
    """What the untimed first run found."""

    roots: Roots
    executions: tuple[Execution, ...]
    compiled: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)
    """The statements as written, compiled. SQLAlchemy takes a statement that a plan rewrote for
    an equal one of another call, and loses the mark by which that call's paths are found."""

    @property
    def paths(self) -> tuple[Path, ...]:
        """Every path that the call loads."""
        return all_paths(self.roots)

    def eager(self) -> list[Steps]:
        """Return the paths that are loaded before the call returns."""
        return [
            root.steps[name]
            for root in self.roots.values()
            for name, path in root.paths.items()
            if path.strategy != "lazy"
        ]

    @property
    def ordered(self) -> bool:
        """Whether every root statement asks for an order."""
        return all(root.ordered for root in self.roots.values())


@dataclass(frozen=True)
class Measured:
    """One run. `seconds` is the call and, where asked for, the reading of its eager paths."""

    executions: tuple[Execution, ...]
    seconds: float
    graph: Graph | Incomparable | None


@contextmanager
def fresh_session(engine: Engine, compiled: dict[Any, Any] | None = None) -> Iterator[Session]:
    """Yield a session that is rolled back and closed at the end, whatever happened.

    It keeps compiled statements in `compiled`, if one is given, in place of the engine's cache.
    """
    apart = {} if compiled is None else {"compiled_cache": compiled}
    session = Session(engine.execution_options(**apart))
    try:
        yield session
    finally:
        session.rollback()
        session.close()


def discover(call: Call, engine: Engine) -> Discovery:
    """Run `call` once, untimed: its paths, and what its joined rows hold."""
    compiled: dict[Any, Any] = {}
    with fresh_session(engine, compiled) as session, record(tally=True) as recording:
        with discovering(recording) as roots, quiet():
            call(session)
        return Discovery(roots, recording.executions(), compiled)


def measure(
    call: Call,
    engine: Engine,
    plan: Plan,
    found: Discovery,
    *,
    read: bool = True,
    keep: bool = False,
    tally: bool = False,
) -> Measured:
    """Run `call` once under `plan`.

    With `read`, every path that the call as written loads eagerly is read inside the measurement,
    so that a lazy strategy pays what it put off. With `keep`, the objects are kept as a graph;
    `tally` looks into joined rows, for untimed runs. Raises whatever the call raises.
    """
    gc.collect()
    with fresh_session(engine, None if plan.rewrites else found.compiled) as session:
        with applying(plan, found.roots), record(tally=tally) as recording, quiet():
            started = perf_counter()
            value = call(session)
            if read:
                touch(value, found.eager())
            seconds = perf_counter() - started
        return Measured(recording.executions(), seconds, _graph(value) if keep else None)


@contextmanager
def quiet() -> Iterator[None]:
    """Silence SQLAlchemy's warning of unlinked FROM elements: rule QP103 says it, once."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*has a cartesian product", SAWarning)
        yield


def _graph(value: Any) -> Graph | Incomparable:
    try:
        return snapshot(value)
    except Incomparable as reason:
        return reason
