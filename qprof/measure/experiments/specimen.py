"""A call as it is written: a specimen that is run first, and that later plans are held against."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf
from time import monotonic
from typing import Any

from qprof.domain.limits import Limits
from qprof.domain.plans import AS_WRITTEN, named_plan
from qprof.domain.sql.reading import locks_rows
from qprof.domain.trace import Call, Execution, Scalar, total
from qprof.domain.words import listed
from qprof.measure.experiments.discover import Discovery
from qprof.measure.experiments.experiment import Experiment, Opening, Result
from qprof.measure.experiments.graph import Graph, Incomparable, steady_graph
from qprof.measure.experiments.runner import Runner

TOLD = 3
"""Things that change by themselves and are named; the others are counted."""


@dataclass(frozen=True)
class Specimen:
    """A call that was run as written."""

    call: Call
    found: Discovery
    written: Result
    """The measured run, and its objects."""
    objects: Graph | Incomparable | None
    """What two runs as written returned alike: that is what plans are compared with."""
    runner: Runner
    try_indexes: bool = False
    """Whether missing indexes are also tried on a server."""

    @property
    def engine(self) -> Any:
        """The engine that the statements went to; None where there was none."""
        return self.written.engine


def specimen(
    name: str,
    arguments: Mapping[str, Scalar],
    opening: Opening,
    *,
    limits: Limits | None = None,
    try_indexes: bool = False,
    sizes: bool = False,
    until: float = inf,
) -> Specimen:
    """Run a call as written: cold, once to find its paths, once to measure.

    After `until`, by time.monotonic(), there is no cold run, and no experiment begins later.

    With `sizes`, the bytes of what is fetched are counted, too. Raises whatever the call raises,
    and LimitReached where a run exceeds `limits`.
    """
    runner = Runner(opening, limits, sizes=sizes)
    plan = named_plan(AS_WRITTEN, ())
    cold = None
    if monotonic() < until:
        cold = runner.run(Experiment("what the first run costs", plan, {}, frozenset({"time"})))
    found = runner.discover()
    plan = named_plan(AS_WRITTEN, found.paths)
    written = runner.run(
        found.experiment(plan, "what the call costs", "time", "objects", "outcome")
    )
    first, outcome = found.objects, found.reading.outcome if found.reading is not None else None
    if _differ(first, written.objects) or _differ(outcome, written.outcome):
        # What looks on in the run that finds the paths may itself be what differs.
        again = runner.run(found.experiment(plan, "what changes by itself", "objects", "outcome"))
        first, outcome = again.objects, again.outcome
    objects, changing = _steady(first, written.objects)
    executions = tuple(_with_findings(each, found.executions) for each in written.executions)
    call = Call(
        name=name,
        arguments=arguments,
        executions=executions,
        wall=written.seconds,
        paths=found.paths,
        notes=(*found.notes, *_notes(cold, executions), *changing),
        cold=cold.seconds if cold is not None else None,
        first=cold.cost if cold is not None else None,
    )
    # What is cached after the first run sends nothing, and no engine is seen.
    written = replace(written, engine=written.engine or (cold.engine if cold else None))
    runner.until = until
    found = _with_outcome(found, _steady(outcome, written.outcome)[0])
    return Specimen(call, found, written, objects, runner, try_indexes)


_Objects = Graph | Incomparable | None


def _steady(first: _Objects, second: _Objects) -> tuple[_Objects, tuple[str, ...]]:
    """Return what two runs as written returned alike, and a note of what changes by itself."""
    if not isinstance(first, Graph) or not isinstance(second, Graph):
        return second, ()
    graph, changing = steady_graph(second, first)
    if not changing:
        return graph, ()
    more = f" and {len(changing) - TOLD:,} more" if len(changing) > TOLD else ""
    return graph, (
        f"Two runs as written differ in {listed(changing[:TOLD])}{more}: only what is the same in "
        "both is compared.",
    )


def _differ(first: _Objects, second: _Objects) -> bool:
    both = isinstance(first, Graph) and isinstance(second, Graph)
    return both and bool(_steady(first, second)[1])


def _with_outcome(found: Discovery, outcome: _Objects) -> Discovery:
    """Return `found` with what its reader made of the objects in each run."""
    if found.reading is None or not isinstance(outcome, Graph):
        return found
    return replace(found, reading=replace(found.reading, outcome=outcome))


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
    seen = same[0]
    execution = replace(execution, path=seen.path, hops=seen.hops, tally=seen.tally)
    return replace(execution, blocked=seen.blocked, blocked_seconds=seen.blocked_seconds)


def _notes(cold: Result | None, timed: Sequence[Execution]) -> Iterable[str]:
    after = total(each.cost for each in timed).queries
    first = cold.cost.queries if cold is not None else after
    if first and not after:
        yield (
            f"The first run sent {first:,} statements and the later ones none: the call is "
            "cached, not cheap. Clear its cache in a --setup step, to measure what it costs."
        )
    elif first != after:
        yield f"The first run sent {first:,} statements, the measured one {after:,}."
    if any(locks_rows(each.sql) for each in timed):
        yield (
            "It locks rows (FOR UPDATE and the like): qprof sends its SELECT without the lock, so "
            "that nobody waits for it. Rows that SKIP LOCKED would leave out are counted, too."
        )
    if any(each.fetch is None for each in timed):
        yield "Rows that were taken one by one are counted, but the time to fetch them is not."
