"""The cost of each plan of a call: its root statements, and what it sends besides."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine

from qprof.domain.limits import Limits
from qprof.domain.plans import AS_WRITTEN, PLANS, Plan, named_plan
from qprof.domain.trace import Cost, Path, Root, total
from qprof.forecast.predict.cardinality import Answer
from qprof.forecast.predict.probe import Answering, Probed, probe
from qprof.forecast.predict.root import Execution, Plans, answer
from qprof.forecast.predict.rows import Sent, together
from qprof.measure.capture.sent import Sent as Executed
from qprof.measure.experiments.experiment import Opening
from qprof.measure.experiments.graph import top_entities
from qprof.measure.orm.loader_options import options_of
from qprof.measure.orm.rewrite import comes_again, defaults_below
from qprof.measure.orm.roots import RootPaths, Roots, all_paths

LAZY = "lazy"
_RUN = "?run"
"""The plan that the run itself follows: its prediction has to be what the run has sent."""


@dataclass(frozen=True)
class Predicted:
    """One plan of a call."""

    plan: str
    cost: Cost | None
    """None where it is unknown."""
    exactness: str
    """exact: by aggregates; counted: row by row, by the database; unknown."""
    reason: str | None = None
    cells_known: bool = True
    stopped: bool = False
    """Whether a bound of qprof's own ended the question: the plan may be too large to run."""
    strategies: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Foresight:
    """What a call would cost under each plan."""

    plans: tuple[Predicted, ...]
    roots: Roots
    spread: tuple[int, ...] | None
    """Rows per root of the plan `shown`: median, 90th and 99th percentile, most."""
    worst: tuple[Root, ...]
    shown: str
    engine: Engine
    selects: Mapping[str, tuple[Sent, ...]] = field(default_factory=dict)
    """By plan, where it is known: the SELECTs of the root statement whose rows vary most."""

    @property
    def paths(self) -> tuple[Path, ...]:
        """Every path that the call loads."""
        return all_paths(self.roots)

    def of(self, plan: str) -> Predicted:
        """Return one plan."""
        return next(each for each in self.plans if each.plan == plan)


def foresee(
    opening: Opening, further: Sequence[Plan] = (), limits: Limits | None = None
) -> Foresight:
    """Predict every plan of a call, and the plans of `further` after them.

    The call is run with nothing multiplied, within `limits`; see `probe`. Raises whatever the call
    raises, and LimitReached.
    """
    asked: list[_Asked] = []

    def answering() -> Answering:
        asked.clear()
        return _answering(asked, further)

    probed = probe(opening, answering, limits or Limits())
    return _Sum(probed, asked, further).foresight()


@dataclass(frozen=True)
class _Asked:
    """A root statement that was sent, and the answer for each plan."""

    execution: Execution
    answer: Answer
    shown: str


def _answering(asked: list[_Asked], further: Sequence[Plan]) -> Answering:
    def ask(execution: Execution, connection: Connection) -> None:
        if not execution.root.paths:
            return
        paths = tuple(execution.root.paths.values())
        every = [*(named_plan(name, paths) for name in PLANS), *further]
        plans: Plans = {plan.name: _moves(plan, execution.root.paths) for plan in every}
        if execution.moved is not None:
            plans = {**plans, _RUN: execution.moved}
        multiplies = any(path.strategy == "joined" and path.to_many for path in paths)
        shown = AS_WRITTEN if multiplies else "joined"
        asked.append(_Asked(execution, answer(execution, connection, plans, shown), shown))

    return ask


def _moves(plan: Plan, paths: Mapping[str, Path]) -> Mapping[str, str]:
    """Return the strategies of those paths of a statement that `plan` moves."""
    if not plan.rewrites:
        return {}
    return {name: each for name, each in plan.strategies.items() if name in paths}


class _Sum:
    def __init__(self, probed: Probed, asked: list[_Asked], further: Sequence[Plan]) -> None:
        self._probed, self._asked, self._further = probed, asked, further
        self._paths = {id(each): probed.path_of(each) for each in probed.sent}
        self._lost = self._find_lost() or self._find_contradiction()
        self._unseen = self._find_unseen()

    def foresight(self) -> Foresight:
        """Return the sums over all statements."""
        widest = max(self._asked, key=_most, default=None)
        paths = all_paths(self._probed.roots)
        named = [named_plan(name, paths) for name in PLANS]
        return Foresight(
            plans=tuple(map(self._plan, [*named, *self._further])),
            roots=self._probed.roots,
            spread=widest.answer.spread if widest else None,
            worst=_worst(widest) if widest else (),
            shown=widest.shown if widest else AS_WRITTEN,
            engine=self._probed.engine,
            selects={
                name: each
                for name, each in (widest.answer.plans.items() if widest else ())
                if not isinstance(each, str)
            },
        )

    def _plan(self, plan: Plan) -> Predicted:
        answers = [each.answer.plans[plan.name] for each in self._asked]
        reasons = [each for each in answers if isinstance(each, str)]
        # The run loads what is joined by SELECTs of its own: it is not the call as written, either.
        moved = plan.rewrites or any(each.execution.moved for each in self._asked)
        doubt = self._lost or (self._unseen if moved else None) or self._doubt(plan)
        if reasons or doubt:
            return Predicted(
                plan.name,
                None,
                "unknown",
                reasons[0] if reasons else doubt,
                stopped=any(plan.name in each.answer.stopped for each in self._asked),
                strategies=plan.strategies,
            )
        sums = [together(each) for each in answers if not isinstance(each, str)]
        counted = any(plan.name in each.answer.counted for each in self._asked)
        return Predicted(
            plan.name,
            total([*(cost for cost, _ in sums), self._besides(plan)]),
            "counted" if counted else "exact",
            cells_known=all(known for _, known in sums),
            strategies=plan.strategies,
        )

    def _besides(self, plan: Plan) -> Cost:
        """Return what the probe saw that is no part of the answers."""
        return total(_cost(each) for each in self._probed.sent if self._stays(each, plan))

    def _stays(self, sent: Executed, plan: Plan) -> bool:
        """Return whether the plan sends what the probe sent, and no answer holds it."""
        root = self._probed.roots.get(sent.origin) if sent.origin is not None else None
        if root is None or not root.paths:
            return True
        path = self._paths[id(sent)]
        if sent.shape.path is None or path not in root.paths:
            return sent.shape.path is not None
        return root.paths[path].strategy == plan.strategies.get(path, LAZY) == LAZY

    def _find_lost(self) -> str | None:
        """Return which SELECTs cannot be told to belong to one path, if there are any."""
        lost = next(filter(self._is_lost, self._probed.sent), None)
        if lost is None:
            return None
        return f"it is not known where in the call {lost.shape.path} is loaded"

    def _is_lost(self, sent: Executed) -> bool:
        """Return whether a SELECT is below a root statement, and on none of its known paths."""
        root = self._probed.roots.get(sent.origin) if sent.origin is not None else None
        known = root is None or not root.paths or sent.shape.path is None
        return not known and self._paths[id(sent)] is None

    def _find_contradiction(self) -> str | None:
        """Return what the run sent otherwise than its own prediction says, if that is known."""
        for key, root in self._probed.roots.items():
            own = [each for each in self._asked if each.execution.root is root]
            answers = [each.answer.plans.get(_RUN, "") for each in own]
            known = [together(each)[0] for each in answers if not isinstance(each, str)]
            if not own or len(known) < len(own):
                continue
            told, sent = total(known), total(map(_cost, self._sent_for(key, root)))
            if (told.queries, told.rows) != (sent.queries, sent.rows):
                return (
                    f"a run of the call fetched {_counts(sent.queries, sent.rows)}; "
                    f"{_counts(told.queries, told.rows)} had been predicted of it"
                )
        return None

    def _sent_for(self, key: object, root: RootPaths) -> Iterator[Executed]:
        """Yield what the run sent for a root statement, and for the paths that it does not read."""
        for each in self._probed.sent:
            path = self._paths[id(each)]
            if each.origin != key or (each.shape.path is not None and path not in root.paths):
                continue
            if path is None or root.moved.get(path, root.paths[path].strategy) != LAZY:
                yield each

    def _find_unseen(self) -> str | None:
        """Return why a plan may load paths that the run did not see, if it may."""
        if any(map(_shares_parents, self._probed.roots.values())):
            return (
                "what a mapping loads of objects that two paths lead to is loaded on the first of "
                "them, and which that is differs"
            )
        raising = [
            name
            for each in self._asked
            for name in each.execution.root.by_order(
                raises=options_of(each.execution.statement).raises
            )
        ]
        if raising:
            return f"whether {raising[0]} raises depends on which path leads to its objects first"
        if any(map(_lost_parents, self._asked)):
            return (
                "an INNER JOIN drops parents in the run that looks for paths, and what is loaded "
                "below those is not known"
            )
        return None

    def _doubt(self, plan: Plan) -> str | None:
        """Return why lazy loads cannot be told from the statements alone."""
        paths = [path for root in self._probed.roots.values() for path in root.paths.values()]
        eager = [path for path in paths if path.strategy != LAZY]
        if not any(plan.strategies.get(path.name) == LAZY for path in eager):
            return None
        if eager and len(eager) < len(paths):
            return "the call reads lazy paths itself, and what it finds loaded depends on the rest"
        if eager and len(self._asked) > 1:
            return "the call sends several statements, and lazy loads find what another has loaded"
        if eager and not self._returns_roots():
            return "the call does not return the objects of its statement, to read them lazily"
        return None

    def _returns_roots(self) -> bool:
        """Return whether all objects that the statement selects are at the top of the value."""
        found = {id(each): each for each in top_entities(self._probed.value)}.values()
        return all(
            sum(isinstance(each, mapper.class_) for each in found) == asked.answer.roots[number]
            for asked in self._asked
            for number, mapper in enumerate(asked.execution.root.entities)
            if number < len(asked.answer.roots)
        )


def _lost_parents(asked: _Asked) -> bool:
    """Return whether the run fetched fewer parents than a plan does that joins nothing."""
    ran = asked.answer.plans.get(_RUN) or asked.answer.plans[AS_WRITTEN]
    apart = asked.answer.plans["selectin"]
    if isinstance(ran, str) or isinstance(apart, str):
        return False
    rows, theirs = _rows_of(ran), _rows_of(apart)
    return any(theirs[each] > rows[each] for each in rows.keys() & theirs.keys())


def _shares_parents(root: RootPaths) -> bool:
    """Return whether a mapping's own eager load is missing on one of the paths to its parents."""
    return any(
        root.comes_by_several(steps[-1].parent) and not comes_again(steps)
        for _, steps in defaults_below(root)
    )


def _rows_of(sent: Sequence[Sent]) -> Counter[tuple[str, str]]:
    """Return the rows of each path, by the path and how it is loaded."""
    rows: Counter[tuple[str, str]] = Counter()
    for each in sent:
        rows[each.path, each.strategy] += each.rows
    return rows


def _counts(queries: int, rows: int) -> str:
    return f"{rows:,} rows in {queries:,} {'query' if queries == 1 else 'queries'}"


def _cost(sent: Executed) -> Cost:
    return Cost(1, sent.rows, sent.rows * sent.columns)


def _most(asked: _Asked) -> int:
    return asked.answer.spread[-1] if asked.answer.spread else 0


def _worst(asked: _Asked) -> tuple[Root, ...]:
    entity = asked.execution.root.entities[0].class_.__name__
    return tuple(Root(entity, tuple(row[:-1]), row[-1]) for row in asked.answer.worst)
