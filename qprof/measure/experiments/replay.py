"""Runs a call under a plan, with the work that it put off."""

import gc
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import Any, Protocol

from sqlalchemy.exc import SAWarning

from qprof.domain.plans import Plan
from qprof.domain.trace import Execution, Path
from qprof.measure.capture import record
from qprof.measure.experiments.detached import detached
from qprof.measure.experiments.discover import discovering
from qprof.measure.experiments.failures import Failed
from qprof.measure.experiments.graph import Graph, Incomparable, snapshot
from qprof.measure.experiments.readers import Seen, seen_in
from qprof.measure.experiments.reads import observing
from qprof.measure.experiments.statements import Statements
from qprof.measure.experiments.touch import Steps, touch
from qprof.measure.experiments.unlimited import Unlimited
from qprof.measure.experiments.unseen import unread
from qprof.measure.explain import Asked
from qprof.measure.orm.rewrite import applying
from qprof.measure.orm.roots import Roots, all_paths


class Ready(Protocol):
    """A call that is ready to run, once."""

    @property
    def invoke(self) -> Callable[[], Any]:
        """Run it to its end and return what its caller would get."""

    @property
    def reading(self) -> Callable[[Callable[[], Any]], Any]:
        """Run a function that may load lazily from the objects that the call returned."""

    @property
    def reader(self) -> str:
        """Who reads what the call returned, before `invoke` is done: touch, request, or nobody."""

    @property
    def gave(self) -> list[Any]:
        """What the touch gave for each object."""


Opening = Callable[[], AbstractContextManager[Ready]]
"""Opens a call for one run, and closes and rolls back all that it used."""


@dataclass(frozen=True)
class Discovery:
    """What the untimed first run found."""

    roots: Roots
    executions: tuple[Execution, ...]
    notes: tuple[str, ...] = ()
    """What the call did that no figure shows."""
    seen: Seen | None = None
    """What was read of the objects; None where others may read them later."""
    asked: tuple[Asked, ...] = ()
    """The SELECTs that filter or join, to be explained."""
    failed: tuple[Failed, ...] = ()
    """The lazy loads that raised what did not come out of the call."""
    unlimited: tuple[Unlimited, ...] = ()
    """The root SELECTs that nothing bounds."""

    @property
    def paths(self) -> tuple[Path, ...]:
        """Every path that the call loads."""
        return all_paths(self.roots)

    def steps(self, path: str) -> list[Steps]:
        """Return the relationships of `path`, for each root statement that loads it."""
        return [root.steps[path] for root in self.roots.values() if path in root.steps]

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
    engine: Any = None
    """The engine of the last execution."""


def discover(opening: Opening) -> Discovery:
    """Run a call once, untimed: its paths, and what its joined rows hold."""
    settle()
    kept = Statements()
    with opening() as ready, detached() as swallowed, record(into=kept) as recording:
        with discovering(recording) as roots, observing() as reads, quiet():
            value = ready.invoke()
        notes = (*swallowed(), *unread(value))
        seen = seen_in(ready, value, reads)
        return Discovery(
            roots,
            recording.executions(),
            notes,
            seen,
            asked=kept.asked(),
            failed=reads.failures.found,
            unlimited=kept.unlimited(),
        )


def first_run(opening: Opening) -> Measured:
    """Run a call for the first time: nothing of it is compiled, loaded or cached yet."""
    gc.collect()
    with opening() as ready, record() as recording, quiet():
        started = perf_counter()
        ready.invoke()
        seconds = perf_counter() - started
        return Measured(recording.executions(), seconds, None, recording.engine)


def settle() -> None:
    """Collect garbage, and keep what is left out of the collections that precede each run.

    Most of it are modules and mappers, which stay until the end anyhow.
    """
    gc.collect()
    gc.freeze()


def measure(
    opening: Opening,
    plan: Plan,
    found: Discovery,
    *,
    read: bool = True,
    keep: bool = False,
    tally: bool = False,
) -> Measured:
    """Run a call once under `plan`.

    With `read`, every path that the call as written loads eagerly is read inside the measurement,
    so that a lazy strategy pays what it put off. With `keep`, the objects are kept as a graph;
    `tally` looks into joined rows, for untimed runs. Raises whatever the call raises.
    """
    gc.collect()
    with opening() as ready:
        with applying(plan, found.roots), record(tally=tally) as recording, quiet():
            started = perf_counter()
            value = ready.invoke()
            if read and (eager := found.eager()):
                ready.reading(partial(touch, value, eager))
            seconds = perf_counter() - started
        graph = _graph(value) if keep else None
        return Measured(recording.executions(), seconds, graph, recording.engine)


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
