"""Runs calls and writes down what was seen: each as written, and under plans."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from qprof.domain.plans import AS_WRITTEN, BALANCED, Plan, named_plan
from qprof.domain.trace import Call, Cost, Execution, PlanRun, PlanRuns, Scalar, total
from qprof.measure.experiments.difference import difference
from qprof.measure.experiments.explaining import explained
from qprof.measure.experiments.graph import Graph
from qprof.measure.experiments.idle import idle
from qprof.measure.experiments.needed import needed_cost
from qprof.measure.experiments.plan_code import options_code
from qprof.measure.experiments.reasons import reason_of
from qprof.measure.experiments.replay import (
    Discovery,
    Measured,
    Opening,
    discover,
    first_run,
    measure,
    settle,
)
from qprof.measure.experiments.swallowed import swallowed
from qprof.measure.experiments.trials import Trial, repeat
from qprof.measure.experiments.unbounded import with_unbounded


@dataclass(frozen=True)
class Seen:
    """A call that was run as written, and what later plans are held against."""

    call: Call
    found: Discovery
    engine: Any = None
    """The engine that the statements went to; None where there was none."""


def see(
    name: str, arguments: Mapping[str, Scalar], opening: Opening, *, try_indexes: bool = False
) -> Seen:
    """Run a call as written: cold, once to find its paths, once to measure, once balanced.

    With `try_indexes`, missing indexes are also tried on a server. Raises whatever the call raises.
    """
    cold = first_run(opening)
    found = discover(opening)
    as_written = named_plan(AS_WRITTEN, found.paths)
    written = measure(opening, as_written, found, read=False, keep=True)
    executions = tuple(_with_findings(each, found.executions) for each in written.executions)
    needed, unknown = _needed(opening, found, written.graph)
    first = total(each.cost for each in cold.executions)
    cost = total(each.cost for each in executions)
    call = Call(
        name=name,
        arguments=arguments,
        executions=executions,
        wall=written.seconds,
        paths=found.paths,
        needed=needed,
        notes=(*unknown, *found.notes, *_notes(first, executions)),
        cold=cold.seconds,
        first=first,
        idle=idle(opening, found, cost),
        swallowed=swallowed(opening, found, cost),
    )
    engine = written.engine or cold.engine
    if engine is not None and found.asked:
        call = explained(call, opening, engine, found.asked, try_indexes=try_indexes)
    if engine is not None and found.unlimited:
        call = with_unbounded(call, opening, engine, found.unlimited)
    return Seen(call, found, engine)


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
    opening: Opening, found: Discovery, written: Any
) -> tuple[Cost | None, tuple[str, ...]]:
    plan = named_plan(BALANCED, found.paths)
    try:
        balanced = measure(opening, plan, found, keep=True, tally=True)
    except Exception as error:
        return None, (f"Needed is unknown: the balanced plan cannot run ({reason_of(error)}).",)
    identical, differs = _compare(written, balanced.graph, ordered=found.ordered)
    if identical is False:
        return None, (f"Needed is unknown: under the balanced plan {differs}.",)
    return needed_cost(balanced.executions), ()


def _notes(first: Cost, timed: Sequence[Execution]) -> Iterable[str]:
    after = sum(each.count for each in timed)
    if first.queries and not after:
        yield (
            f"The first run sent {first.queries:,} statements and the later ones none: the call is "
            "cached, not cheap. Clear its cache in a --setup step, to measure what it costs."
        )
    elif first.queries != after:
        yield f"The first run sent {first.queries:,} statements, the measured one {after:,}."
    if any(each.fetch is None for each in timed):
        yield "Rows that were taken one by one are counted, but the time to fetch them is not."


def run_plans(
    opening: Opening,
    seen: Seen,
    plans: Iterable[Plan],
    repeats: int,
    too_large: Mapping[str, PlanRun] | None = None,
) -> PlanRuns:
    """Return a call under each plan: one untimed run, then `repeats` interleaved timed ones.

    Plans that come to the same strategies are one plan, run once. Those of `too_large` are not run:
    what is predicted of them stands instead.
    """
    known = too_large or {}
    settle()
    written = _written(opening, seen)
    trials: dict[Hashable, Trial] = {}
    wanted = [(plan, _identity(plan)) for plan in plans]
    for plan, identity in wanted:
        if identity not in trials:
            found = known.get(plan.name)
            trials[identity] = (
                Trial(replace(found, strategies=plan.strategies), None, [])
                if found is not None
                else _try(opening, seen.found, plan, written)
            )
    repeat(list(trials.values()), repeats)
    runs = (replace(trials[identity].timed(), plan=plan.name) for plan, identity in wanted)
    return PlanRuns(seen.call.name, tuple(runs))


def _identity(plan: Plan) -> Hashable:
    return plan.rewrites, frozenset(plan.strategies.items())


def _written(opening: Opening, seen: Seen) -> Any:
    plan = named_plan(AS_WRITTEN, seen.found.paths)
    return measure(opening, plan, seen.found, keep=True).graph


def _try(opening: Opening, found: Discovery, plan: Plan, written: Any) -> Trial:
    def again() -> Measured:
        return measure(opening, plan, found)

    try:
        first = measure(opening, plan, found, keep=True, tally=True)
    except Exception as error:
        run = PlanRun(plan.name, "not-applicable", reason_of(error), strategies=plan.strategies)
        return Trial(run, None, [])
    identical, reason = _compare(written, first.graph, ordered=found.ordered)
    run = PlanRun(
        plan.name,
        "measured",
        reason,
        total(each.cost for each in first.executions),
        identical=identical,
        strategies=plan.strategies,
        executions=first.executions,
        options=options_code(found.roots, plan.strategies) if plan.rewrites else "",
    )
    return Trial(run, again, [])


def _compare(written: Any, other: Any, *, ordered: bool) -> tuple[bool | None, str | None]:
    if not isinstance(written, Graph) or not isinstance(other, Graph):
        return None, f"the objects cannot be compared: {written}"
    if written.expired:
        return None, "the objects cannot be compared: a commit expired them"
    found = difference(written, other, ordered=ordered)
    return found is None, found
