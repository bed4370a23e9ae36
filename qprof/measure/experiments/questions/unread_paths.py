"""Finds what a call loads for nobody, and what that costs: the call is run again without it.

A path that nobody asked for is loaded by `raise` in that run: where the call reads it after all,
past its attribute, it raises or something else comes out of it, and nothing is claimed. The price
is the cost as written less the cost of that run. Of a collection that is only counted, the price
is that of a selectin of it, and what a JOIN of it costs above that.
"""

from collections.abc import Iterator
from dataclasses import replace

from qprof.domain.loaders import LOADERS
from qprof.domain.plans import AS_WRITTEN, Plan, named_plan
from qprof.domain.trace import Call, Cost, Execution, Idle, Path, total
from qprof.measure.experiments.difference import difference
from qprof.measure.experiments.discover import Discovery
from qprof.measure.experiments.readers import Reading
from qprof.measure.experiments.specimen import Specimen
from qprof.measure.experiments.touch import Steps

UNREAD, COUNTED = "unread", "counted"


def price_unread_paths(specimen: Specimen, call: Call) -> Call:
    """Return `call` with what it loads and nobody reads, as far as its reader could be observed.

    The call is run once more for each path that it may be.
    """
    found = specimen.found
    if found.reading is None:
        return call
    suspects = _topmost([*_suspects(found, found.reading)])
    priced = (_priced(specimen, found.reading, each, call.cost) for each in suspects)
    idle = tuple(each for each in priced if each is not None and _saves(each.cost))
    return replace(call, idle=idle)


def _saves(cost: Cost) -> bool:
    return cost.cells > 0 and cost.rows >= 0 and cost.queries >= 0


def _suspects(found: Discovery, reading: Reading) -> Iterator[Idle]:
    for path in found.paths:
        use = _use(path, found.steps(path.name), reading)
        if use is not None:
            unpriced, reader = Cost(0, 0, 0), reading.reader
            yield Idle(path.name, path.hops, path.to_many, path.strategy, use, unpriced, reader)


def _use(path: Path, ways: list[Steps], reading: Reading) -> str | None:
    steps = [way[-1] for way in ways]
    if path.strategy not in LOADERS or any(map(reading.reads.is_kept, steps)):
        return None
    if path.strategy != "lazy" and all(map(reading.reads.is_unread, steps)):
        return UNREAD
    return COUNTED if path.to_many and all(map(reading.reads.is_counted, steps)) else None


def _topmost(suspects: list[Idle]) -> list[Idle]:
    """Leave out what hangs on another: it goes with it."""
    names = [each.path for each in suspects]
    return [each for each in suspects if not any(each.path.startswith(f"{n}.") for n in names)]


def _priced(specimen: Specimen, reading: Reading, idle: Idle, written: Cost) -> Idle | None:
    """Return `idle` with its price; None where the call without the path gives something else."""
    strategy = {UNREAD: "raise", COUNTED: "selectin"}[idle.use]
    if idle.use == COUNTED and idle.strategy == "lazy":
        strategy = "lazy"
    found, path = specimen.found, idle.path
    strategies = {**named_plan(AS_WRITTEN, found.paths).strategies, path: strategy}
    plan = Plan(f"{path}={strategy}", strategies)
    apart = specimen.runner.attempt(found.experiment(plan, f"nobody reads {path}", "outcome"))
    if apart.reason is not None or apart.outcome is None:
        return None
    if not reading.outcome.tells or difference(
        reading.outcome, apart.outcome, ordered=found.ordered
    ):
        return None
    own = total(each.cost for each in apart.executions if _belongs(each, path))
    return replace(idle, cost=written - (apart.cost - own))


def _belongs(execution: Execution, path: str) -> bool:
    own = execution.path or ""
    return own == path or own.startswith(f"{path}.")
