"""Finds the loader paths of a call by running it once: which root statement loads what, and how."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session

from qprof.domain.plans import Plan
from qprof.domain.trace import Execution, Join, Path
from qprof.measure.capture.recording import Recording
from qprof.measure.capture.sites import shown
from qprof.measure.experiments.experiment import Experiment, Observation
from qprof.measure.experiments.failures import Failed
from qprof.measure.experiments.graph import Graph, Incomparable
from qprof.measure.experiments.readers import Reading
from qprof.measure.experiments.touch import Steps
from qprof.measure.experiments.unlimited import Unlimited
from qprof.measure.explain import Asked
from qprof.measure.orm.joined_aggregates import repeated_aggregates
from qprof.measure.orm.loader_options import options_of
from qprof.measure.orm.orders import aggregates_of, is_limited, is_nested, statement_order
from qprof.measure.orm.paths import hop_names, path_name, relationships
from qprof.measure.orm.roots import (
    Origin,
    RootPaths,
    Roots,
    all_paths,
    is_ordered,
    is_read,
    is_root,
    statement_key,
)


@dataclass(frozen=True)
class Discovery:
    """What the untimed first run found."""

    roots: Roots
    executions: tuple[Execution, ...]
    notes: tuple[str, ...] = ()
    """What the call did that no figure shows."""
    reading: Reading | None = None
    """What was read of the objects; None where others may read them later."""
    asked: tuple[Asked, ...] = ()
    """The SELECTs that filter or join, to be explained."""
    failed: tuple[Failed, ...] = ()
    """The lazy loads that raised what did not come out of the call."""
    unlimited: tuple[Unlimited, ...] = ()
    """The root SELECTs that nothing bounds."""

    objects: Graph | Incomparable | None = None
    """What the call returned."""
    several: tuple[tuple[Execution, Join, int, int], ...] = ()
    """The joined to-one paths that found several: their parents, and what they found."""

    @property
    def paths(self) -> tuple[Path, ...]:
        """Every path that the call loads."""
        return all_paths(self.roots)

    def steps(self, path: str) -> list[Steps]:
        """Return the relationships of `path`, for each root statement that loads it."""
        return [root.steps[path] for root in self.roots.values() if path in root.steps]

    def eager(self) -> tuple[Steps, ...]:
        """Return the paths that are loaded before the call returns."""
        return tuple(
            root.steps[name]
            for root in self.roots.values()
            for name, path in root.paths.items()
            if path.strategy != "lazy"
        )

    @property
    def ordered(self) -> bool:
        """Whether every root statement asks for an order."""
        return all(root.ordered for root in self.roots.values())

    @property
    def limited(self) -> bool:
        """Whether a LIMIT leaves it to the database which objects come: without a unique order."""
        return any(root.is_chosen for root in self.roots.values())

    def experiment(
        self, plan: Plan, because: str, *observe: Observation, touched: bool = False
    ) -> Experiment:
        """Return the call under `plan`.

        With `touched`, every path that the call as written loads eagerly is read in the run, so
        that a lazy strategy pays what it put off.
        """
        paths = self.eager() if touched else ()
        return Experiment(because, plan, self.roots, frozenset(observe), paths)


@contextmanager
def discovering(recording: Recording) -> Iterator[Roots]:
    """Yield the roots that statements in this block are found to load; filled when it ends.

    SQLAlchemy takes a statement that was compiled before, or that a plan rewrote, for an equal one,
    and loses the mark by which paths are found: what is discovered is compiled apart.
    """
    roots: Roots = {}
    compiled: dict[object, object] = {}

    def watch(state: ORMExecuteState) -> None:
        state.update_execution_options(compiled_cache=compiled)
        _watch(state, recording, roots)

    event.listen(Session, "do_orm_execute", watch)
    try:
        yield roots
    finally:
        event.remove(Session, "do_orm_execute", watch)
        recording.origin = None
        _add_joined(recording, roots)


def _watch(state: ORMExecuteState, recording: Recording, roots: Roots) -> None:
    """Say of which root the execution that follows is; each one of the ORM comes by here first.

    It is not run from here: on SQLAlchemy 2.0, a secondary load that is invoked in this event
    mistakes the yield_per of its root for its own, and fails.
    """
    if not is_read(state):
        recording.origin = None
    elif is_root(state):
        recording.origin = _new_root(state, roots)
    else:
        recording.origin = _origin(state)


def _origin(state: ORMExecuteState) -> object:
    found = [each for each in state.user_defined_options if isinstance(each, Origin)]
    return found[-1].payload if found else None


def _new_root(state: ORMExecuteState, roots: Roots) -> object:
    statement: Any = state.statement
    key = statement_key(statement)
    if key not in roots:
        mappers = tuple(state.all_mappers)
        roots[key] = RootPaths(
            is_ordered(statement),
            mappers,
            options_of(statement),
            order=statement_order(statement, mappers),
            limited=is_limited(statement),
            nested=is_nested(statement),
            aggregates=aggregates_of(statement),
            repeated=repeated_aggregates(statement),
        )
    state.statement = statement.options(Origin(key))
    return key


def _add_joined(recording: Recording, roots: Roots) -> None:
    """Assign each execution's own path and its joined paths to the root it belongs to."""
    for sent in recording.sent:
        root = roots.get(sent.origin) if sent.origin is not None else None
        if root is None:
            continue
        if root.site is None and sent.shape.path is None:
            root.site = shown(sent.site)
        # A refresh is a load of its own: the objects had the path already, or were to have it anew.
        if sent.shape.path is not None and sent.kind != "refresh":
            _add(root, sent.shape.steps, sent.strategy)
        for join, steps in zip(sent.shape.joins, sent.shape.join_steps, strict=True):
            _add(root, steps, join.strategy)


def _add(root: RootPaths, steps: object, strategy: str) -> None:
    chain = root.whole(relationships(steps))
    if chain is None:
        return
    to_many = bool(chain[-1].uselist)
    root.add(Path(path_name(chain), hop_names(chain), to_many, strategy), chain)
