"""Finds what a call loads for nobody, and what that costs: the call is run again without it.

A path that nobody asked for is loaded by `raise` in that run: where the call reads it after all,
past its attribute, it raises or something else comes out of it, and nothing is claimed. The price
is the cost as written less the cost of that run. Of a collection that is only counted, the price
is that of a selectin of it, and what a JOIN of it costs above that.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from qprof.domain.loaders import LOADERS
from qprof.domain.plans import AS_WRITTEN, Plan, named_plan
from qprof.domain.trace import Cost, Execution, Idle, Path, total
from qprof.measure.capture import record
from qprof.measure.experiments.difference import difference
from qprof.measure.experiments.readers import Seen, outcome_of
from qprof.measure.experiments.replay import Discovery, Opening, quiet
from qprof.measure.experiments.touch import Steps
from qprof.measure.orm.rewrite import applying

UNREAD, COUNTED = "unread", "counted"


def idle(opening: Opening, found: Discovery, written: Cost) -> tuple[Idle, ...]:
    """Return what the call loads and nobody reads; () where its reader could not be observed.

    `written` is what the call costs. Runs the call once more for each path that it may be.
    """
    if found.seen is None:
        return ()
    suspects = _topmost([*_suspects(found, found.seen)])
    priced = (_priced(opening, found, each, written) for each in suspects)
    return tuple(each for each in priced if each is not None and _saves(each.cost))


def _saves(cost: Cost) -> bool:
    return cost.cells > 0 and cost.rows >= 0 and cost.queries >= 0


def _suspects(found: Discovery, seen: Seen) -> Iterator[Idle]:
    for path in found.paths:
        use = _use(path, found.steps(path.name), seen)
        if use is not None:
            yield Idle(
                path.name, path.hops, path.to_many, path.strategy, use, Cost(0, 0, 0), seen.reader
            )


def _use(path: Path, ways: list[Steps], seen: Seen) -> str | None:
    steps = [way[-1] for way in ways]
    if path.strategy not in LOADERS or any(map(seen.reads.is_kept, steps)):
        return None
    if path.strategy != "lazy" and all(map(seen.reads.is_unread, steps)):
        return UNREAD
    return COUNTED if path.to_many and all(map(seen.reads.is_counted, steps)) else None


def _topmost(suspects: list[Idle]) -> list[Idle]:
    """Leave out what hangs on another: it goes with it."""
    names = [each.path for each in suspects]
    return [each for each in suspects if not any(each.path.startswith(f"{n}.") for n in names)]


def _priced(opening: Opening, found: Discovery, idle: Idle, written: Cost) -> Idle | None:
    strategy = {UNREAD: "raise", COUNTED: "selectin"}[idle.use]
    if idle.use == COUNTED and idle.strategy == "lazy":
        strategy = "lazy"
    apart = _run(opening, found, idle.path, strategy)
    if apart is None:
        return None
    own = total(each.cost for each in apart if _belongs(each, idle.path))
    rest = total(each.cost for each in apart) - own
    return replace(idle, cost=written - rest)


def _belongs(execution: Execution, path: str) -> bool:
    own = execution.path or ""
    return own == path or own.startswith(f"{path}.")


def _run(
    opening: Opening, found: Discovery, path: str, strategy: str
) -> tuple[Execution, ...] | None:
    """Return what the call sends with `path` under `strategy`; None where its outcome differs."""
    plan = Plan(f"{path}={strategy}", {**_strategies(found), path: strategy})
    try:
        with opening() as ready:
            with applying(plan, found.roots), record() as recording, quiet():
                value: Any = ready.invoke()
            outcome = outcome_of(ready, value)
    except Exception:
        return None
    seen = found.seen.outcome if found.seen is not None else None
    if seen is None or outcome is None or difference(seen, outcome, ordered=found.ordered):
        return None
    return recording.executions()


def _strategies(found: Discovery) -> dict[str, str]:
    return dict(named_plan(AS_WRITTEN, found.paths).strategies)
