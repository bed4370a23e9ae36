"""Finds what a call loads for nobody, and what that costs: the call is run again without it.

A path that nobody asked for is loaded by `raise` in that run: where the call reads it after all,
past its attribute, it raises or something else comes out of it, and nothing is claimed. The price
is the cost as written less the cost of that run. Of a collection that is only counted, the price
is that of a selectin of it, and what a JOIN of it costs above that.
"""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, replace

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

    The call is run once more for each path that it may be, of each statement; the dearest is first.
    """
    found = specimen.found
    if found.reading is None:
        return call
    suspects = _topmost([*_suspects(found, found.reading)])
    priced = (_priced(specimen, found.reading, each, call.cost) for each in suspects)
    idle = [each for each in priced if each is not None and _saves(each.cost)]
    return replace(call, idle=tuple(sorted(idle, key=lambda each: -each.cost.cells)))


def _saves(cost: Cost) -> bool:
    return cost.cells > 0 and cost.rows >= 0 and cost.queries >= 0


@dataclass(frozen=True)
class _Suspect:
    """A path that nobody may need."""

    idle: Idle
    roots: frozenset[Hashable]
    """The statements that load it for nobody."""


def _suspects(found: Discovery, reading: Reading) -> Iterator[_Suspect]:
    for path in found.paths:
        keys = [key for key, root in found.roots.items() if path.name in root.paths]
        unpriced, reader = Cost(0, 0, 0), reading.reader
        for key in keys:
            own, steps = found.roots[key].paths[path.name], found.roots[key].steps[path.name]
            if _is_unread(own, steps, reading, key):
                site = found.roots[key].site if len(keys) > 1 else None
                idle = Idle(
                    own.name, own.hops, own.to_many, own.strategy, UNREAD, unpriced, reader, site
                )
                yield _Suspect(idle, frozenset([key]))
        if path.to_many and _is_counted(path, found.steps(path.name), reading):
            idle = Idle(
                path.name, path.hops, path.to_many, path.strategy, COUNTED, unpriced, reader
            )
            yield _Suspect(idle, frozenset(keys))


def _is_unread(path: Path, way: Steps, reading: Reading, root: Hashable) -> bool:
    if path.strategy not in LOADERS or path.strategy == "lazy" or reading.reads.is_kept(way[-1]):
        return False
    return reading.reads.is_unread(way[-1], root)


def _is_counted(path: Path, ways: list[Steps], reading: Reading) -> bool:
    steps = [way[-1] for way in ways]
    if path.strategy not in LOADERS or any(map(reading.reads.is_kept, steps)):
        return False
    return all(map(reading.reads.is_counted, steps))


def _topmost(suspects: list[_Suspect]) -> list[_Suspect]:
    """Leave out what hangs on another: it goes with it."""
    return [
        each
        for each in suspects
        if not any(
            each.idle.path.startswith(f"{other.idle.path}.") and each.roots <= other.roots
            for other in suspects
        )
    ]


def _priced(specimen: Specimen, reading: Reading, one: _Suspect, written: Cost) -> Idle | None:
    """Return what is idle with its price; None if the call without it gives something else."""
    idle, found = one.idle, specimen.found
    strategy = {UNREAD: "raise", COUNTED: "selectin"}[idle.use]
    if idle.use == COUNTED and idle.strategy == "lazy":
        strategy = "lazy"
    path = idle.path
    strategies = {**named_plan(AS_WRITTEN, found.paths).strategies, path: strategy}
    plan = Plan(f"{path}={strategy}", strategies)
    without = found.experiment(plan, f"nobody reads {path}", "outcome")
    apart = specimen.runner.attempt(replace(without, moves=one.roots))
    if apart.reason is not None or apart.outcome is None:
        return None
    if not reading.outcome.tells or difference(
        reading.outcome, apart.outcome, ordered=found.ordered
    ):
        return None
    own = total(each.cost for each in apart.executions if _belongs(each, path))
    own = own if idle.use == COUNTED else Cost(0, 0, 0)
    return replace(idle, cost=written - (apart.cost - own))


def _belongs(execution: Execution, path: str) -> bool:
    own = execution.path or ""
    return own == path or own.startswith(f"{path}.")
