"""Runs calls and writes down what was seen: each as written, and under plans."""

import statistics
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm.exc import DetachedInstanceError

from qprof.strategies.catalog import AS_WRITTEN, BALANCED, Plan, named_plan
from qprof.strategies.difference import difference
from qprof.strategies.graph import Graph
from qprof.strategies.needed import needed_cost
from qprof.strategies.replay import Discovery, Measured, discover, measure
from qprof.target import TargetCall
from qprof.trace import Call, Cost, Execution, PlanRun, PlanRuns

ENOUGH = 1.5
"""Seconds of timed runs after which a plan is not repeated again."""


@dataclass(frozen=True)
class Seen:
    """A call that was run as written, and what later plans are held against."""

    call: Call
    found: Discovery


def see(target: TargetCall, engine: Engine) -> Seen:
    """Run `target` as written: once to find its paths, once to measure, once balanced.

    Raises whatever the call raises.
    """
    found = discover(target, engine)
    written = measure(target, engine, named_plan(AS_WRITTEN, found.paths), found, read=False)
    executions = tuple(_with_findings(each, found.executions) for each in written.executions)
    needed, notes = _needed(target, engine, found)
    call = Call(
        name=target.name,
        arguments=target.shown,
        executions=executions,
        wall=written.seconds,
        paths=found.paths,
        needed=needed,
        notes=(*notes, *_notes(found.executions, executions)),
    )
    return Seen(call, found)


def _with_findings(execution: Execution, found: Sequence[Execution]) -> Execution:
    """Return `execution` with the full path and the tally that the untimed run knows."""
    same = [
        each
        for each in found
        if (each.sql, each.strategy, each.site)
        == (execution.sql, execution.strategy, execution.site)
    ]
    if len(same) != 1 or same[0].rows != execution.rows:
        return execution
    return replace(execution, path=same[0].path, hops=same[0].hops, tally=same[0].tally)


def _needed(
    target: TargetCall, engine: Engine, found: Discovery
) -> tuple[Cost | None, tuple[str, ...]]:
    plan = named_plan(BALANCED, found.paths)
    try:
        balanced = measure(target, engine, plan, found, tally=True)
    except Exception as error:
        return None, (f"Needed is unknown: the balanced plan cannot run ({reason_of(error)}).",)
    return needed_cost(balanced.executions), ()


def _notes(untimed: Sequence[Execution], timed: Sequence[Execution]) -> Iterable[str]:
    before, after = (sum(each.count for each in group) for group in (untimed, timed))
    if before and not after:
        yield "The first run sent statements and the second none: the call is cached, not cheap."
    elif before != after:
        yield f"The first run sent {before:,} statements, the measured one {after:,}."
    if any(each.fetch is None for each in timed):
        yield "Rows that were taken one by one are counted, but the time to fetch them is not."


def reason_of(error: Exception) -> str:
    """Return why a plan cannot run, in one line."""
    if isinstance(error, DetachedInstanceError):
        return "the session is closed before the objects are read, so nothing can be loaded later"
    first = str(error).strip().splitlines()[0] if str(error).strip() else "no reason given"
    return f"{type(error).__name__}: {first}"


def run_plans(
    target: TargetCall, engine: Engine, seen: Seen, plans: Iterable[Plan], repeats: int
) -> PlanRuns:
    """Return `target` under each plan: one untimed run, then `repeats` interleaved timed ones.

    Plans that come to the same strategies are one plan, run once.
    """
    written = _written(target, engine, seen)
    trials: dict[Hashable, Trial] = {}
    wanted = [(plan, _identity(plan)) for plan in plans]
    for plan, identity in wanted:
        if identity not in trials:
            trials[identity] = _try(target, engine, seen.found, plan, written)
    _repeat(list(trials.values()), repeats)
    runs = (replace(trials[identity].timed(), plan=plan.name) for plan, identity in wanted)
    return PlanRuns(seen.call.name, tuple(runs))


def _identity(plan: Plan) -> Hashable:
    return plan.rewrites, frozenset(plan.strategies.items())


@dataclass
class Trial:
    """A plan on its way through the repeats."""

    run: PlanRun
    again: Callable[[], Measured] | None
    seconds: list[float]

    def timed(self) -> PlanRun:
        """Return the run with the median of its repeats."""
        if not self.seconds:
            return self.run
        spread = (min(self.seconds), max(self.seconds))
        median = statistics.median(self.seconds)
        return replace(self.run, seconds=median, spread=spread, repeats=len(self.seconds))


def _written(target: TargetCall, engine: Engine, seen: Seen) -> Any:
    plan = named_plan(AS_WRITTEN, seen.found.paths)
    return measure(target, engine, plan, seen.found, keep=True).graph


def _try(target: TargetCall, engine: Engine, found: Discovery, plan: Plan, written: Any) -> Trial:
    def again() -> Measured:
        return measure(target, engine, plan, found)

    try:
        first = measure(target, engine, plan, found, keep=True, tally=True)
    except Exception as error:
        run = PlanRun(plan.name, "not-applicable", reason_of(error), strategies=plan.strategies)
        return Trial(run, None, [])
    identical, reason = _compare(written, first.graph, ordered=found.ordered)
    cost = Cost(
        sum(each.count for each in first.executions),
        sum(each.rows for each in first.executions),
        sum(each.cells for each in first.executions),
    )
    run = PlanRun(
        plan.name,
        "measured",
        reason,
        cost,
        identical=identical,
        strategies=plan.strategies,
        executions=first.executions,
    )
    return Trial(run, again, [])


def _compare(written: Any, other: Any, *, ordered: bool) -> tuple[bool | None, str | None]:
    if not isinstance(written, Graph) or not isinstance(other, Graph):
        return None, f"the objects cannot be compared: {written}"
    if written.expired:
        return None, "the objects cannot be compared: a commit expired them"
    found = difference(written, other, ordered=ordered)
    return found is None, found


def _repeat(trials: Sequence[Trial], repeats: int) -> None:
    """Time every trial once a round, so that a slow moment of the machine meets all alike."""
    for _ in range(repeats):
        for trial in trials:
            if trial.again is not None and sum(trial.seconds) < ENOUGH:
                trial.seconds.append(trial.again().seconds)
