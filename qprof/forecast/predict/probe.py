"""Runs a call with nothing multiplied, to learn which statements it sends.

What a statement would join is read off its compiled form, which is not executed. First the roots
alone are loaded. Where the call reads on from there, or asks for SELECTs that only their own rows
bring about, it is run again with each joined collection in a SELECT of its own: the same objects.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, event
from sqlalchemy.orm import ORMExecuteState, Session

from qprof.domain.limits import Limits
from qprof.domain.loaders import OWN_SELECTS
from qprof.domain.plans import AS_WRITTEN, Plan, named_plan
from qprof.domain.trace import Path
from qprof.forecast.predict.doubts import changed_later, schemas_of
from qprof.forecast.predict.root import Execution
from qprof.measure.capture import record
from qprof.measure.capture.bounded import BoundedRecording
from qprof.measure.capture.sent import Sent
from qprof.measure.experiments.ahead import RowsAhead
from qprof.measure.experiments.experiment import Experiment, Opening
from qprof.measure.experiments.runner import Runner
from qprof.measure.orm.compiled import read_shape
from qprof.measure.orm.loader_options import elements_of, loader_word
from qprof.measure.orm.paths import hop_names, path_name, relationships
from qprof.measure.orm.rewrite import rewritten
from qprof.measure.orm.roots import Origin, RootPaths, Roots, is_ordered, is_read, statement_key
from qprof.measure.orm.shape import Shape

Answering = Callable[[Execution, Any], None]
"""Is given each root statement before it is sent, and the connection that it will be sent on."""

_PROBE = Experiment(
    "which statements it sends", named_plan(AS_WRITTEN, ()), {}, frozenset({"value"})
)


class _Again(BaseException):
    """Ends a run that has to be run in another way; the user's `except Exception` lets it pass."""


@dataclass
class Probed:
    """One run of a call: its statements, and what it returned."""

    roots: Roots
    sent: list[Sent] = field(default_factory=list)
    engine: Any = None
    value: object = None

    def path_of(self, sent: Sent) -> str | None:
        """Return which path of a root statement `sent` loaded; None for anything else."""
        root = self.roots.get(sent.origin) if sent.origin is not None else None
        if root is None or sent.shape.path is None:
            return None
        chain = root.whole(relationships(sent.shape.steps))
        return path_name(chain) if chain is not None else None


def probe(opening: Opening, answering: Callable[[], Answering], limits: Limits) -> Probed:
    """Run the call; `answering` makes what is told of each root statement, anew for each run.

    Raises whatever the call raises, and LimitReached where one of the runs exceeds `limits`.
    """
    roots: Roots = {}
    ahead = RowsAhead(limits)
    alone = _Run(roots, answering(), limits, ahead, roots_alone=True)
    found = alone.run(opening)
    if found is not None:
        return found
    while _Run(roots, None, limits, ahead).run(opening) is None:
        pass
    while True:
        known = {key: set(root.paths) for key, root in roots.items()}
        last = _Run(roots, answering(), limits, ahead).run(opening)
        if last is not None and known == {key: set(root.paths) for key, root in roots.items()}:
            return last


class _Run:
    def __init__(
        self,
        roots: Roots,
        answering: Answering | None,
        limits: Limits,
        ahead: RowsAhead,
        *,
        roots_alone: bool = False,
    ) -> None:
        self._roots, self._answering, self._roots_alone = roots, answering, roots_alone
        self._compiled: dict[object, object] = {}
        self._shapes: dict[object, Shape] = {}
        self._stopped = False
        self._limits = limits
        self._recording = BoundedRecording(limits, ahead=ahead)

    def run(self, opening: Opening) -> Probed | None:
        """Return what was seen; None where the call has to be run again."""
        probed = Probed(self._roots)
        try:
            runner = Runner(opening, self._limits)
            result = runner.run(_PROBE, into=self._recording, within=self._listening())
            probed.value = result.value
        except BaseException:
            # A framework may wrap what ended the run in an error of its own.
            if not self._stopped:
                raise
        probed.sent, probed.engine = self._recording.sent, self._recording.engine
        for sent in probed.sent:
            self._assign(sent)
        return None if self._stopped else probed

    @contextmanager
    def _listening(self) -> Iterator[None]:
        event.listen(Session, "do_orm_execute", self._watch)
        try:
            yield
        finally:
            event.remove(Session, "do_orm_execute", self._watch)

    def _watch(self, state: ORMExecuteState) -> None:
        # Origin is lost where SQLAlchemy takes a statement for one that was compiled before.
        state.update_execution_options(compiled_cache=self._compiled)
        if not is_read(state):
            self._recording.origin = None
        elif state.is_relationship_load:
            self._recording.origin = self._origin(state)
            self._look_at(state)
        else:
            self._root(state)

    def _origin(self, state: ORMExecuteState) -> object:
        found = [each for each in state.user_defined_options if isinstance(each, Origin)]
        return found[-1].payload if found else None

    def _root(self, state: ORMExecuteState) -> None:
        statement: Any = state.statement
        key = statement_key(statement)
        new = key not in self._roots
        root = self._roots.setdefault(
            key, RootPaths(is_ordered(statement), tuple(state.all_mappers))
        )
        shape = self._shape(state, key)
        if new:
            _add_joins(root, shape)
        if self._roots_alone and not _is_plain(statement, root):
            self._stop()
        cheap = self._cheap(root)
        if self._answering is not None:
            connection = state.session.connection(bind_arguments=dict(state.bind_arguments))
            with record():
                doubt, schemas = changed_later(state, self._watch), schemas_of(state, connection)
                options = state.execution_options
                moved = None if self._roots_alone else cheap
                execution = Execution(
                    statement, state.parameters, root, options, doubt, *schemas, moved
                )
                self._answering(execution, connection)
        self._recording.origin = key
        root.moved = cheap
        moved = (
            rewritten(statement, root, Plan("cheap", cheap), learning=True) if cheap else statement
        )
        state.statement = moved.options(Origin(key))

    def _cheap(self, root: RootPaths) -> dict[str, str]:
        """Return the strategies under which nothing is multiplied."""
        joined = [path for path in root.paths.values() if path.strategy == "joined"]
        many = [path.name for path in joined if path.to_many]
        if not self._roots_alone:
            return dict.fromkeys(many, "selectin")
        below = [p.name for p in joined if any(p.name.startswith(f"{each}.") for each in many)]
        return dict.fromkeys([*many, *below], "lazy")

    def _look_at(self, state: ORMExecuteState) -> None:
        """Take what a secondary load joins as paths of its root; anything new means another run."""
        if self._roots_alone:
            self._stop()
        root = self._roots.get(self._recording.origin)
        if root is None or not _may_join(state):
            return
        shape = self._shape(state, statement_key(state.statement))
        if any(join.to_many for join in shape.joins):
            before = len(root.paths)
            _add_joins(root, shape)
            if len(root.paths) > before:
                self._stop()

    def _shape(self, state: ORMExecuteState, key: object) -> Shape:
        if key not in self._shapes:
            bind = state.session.get_bind(**dict(state.bind_arguments))
            statement: Any = state.statement
            self._shapes[key] = read_shape(statement.compile(dialect=bind.dialect))
        return self._shapes[key]

    def _stop(self) -> None:
        self._stopped = True
        raise _Again

    def _assign(self, sent: Sent) -> None:
        root = self._roots.get(sent.origin) if sent.origin is not None else None
        if root is not None and sent.shape.path is not None:
            _add(root, sent.shape.steps, sent.strategy)
            _add_joins(root, sent.shape)


def _add_joins(root: RootPaths, shape: Shape) -> None:
    for join, steps in zip(shape.joins, shape.join_steps, strict=True):
        _add(root, steps, join.strategy)


def _add(root: RootPaths, steps: object, strategy: str) -> None:
    chain = root.whole(relationships(steps))
    if chain is not None:
        name = path_name(chain)
        root.add(Path(name, hop_names(chain), bool(chain[-1].uselist), strategy), chain)


def _is_plain(statement: Select[Any], root: RootPaths) -> bool:
    """Return whether all that the statement loads eagerly is rendered in it as a JOIN."""
    if any(loader_word(each) in OWN_SELECTS for each in elements_of(statement)):
        return False
    mappers = {*root.entities, *(steps[-1].mapper for steps in root.steps.values())}
    kinds = {each for mapper in mappers for each in mapper.self_and_descendants}
    return not any(prop.lazy in OWN_SELECTS for each in kinds for prop in each.relationships)


def _may_join(state: ORMExecuteState) -> bool:
    """Return whether a secondary load may join anything: by an option, or by a mapping's default.

    To compile it tells for sure, and takes long where a statement has hundreds of options: each
    of the loads has them all.
    """
    if any(loader_word(each) == "joined" for each in elements_of(state.statement)):
        return True
    kinds = {each for mapper in state.all_mappers for each in mapper.self_and_descendants}
    return not kinds or any(p.lazy in ("joined", False) for m in kinds for p in m.relationships)
