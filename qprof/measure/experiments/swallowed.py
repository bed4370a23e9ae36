"""Prices the lazy loads that failed unheard: the call is run again with their path loaded eagerly.

The price is the cost of that run less the cost as written: below zero, where the `except` loads
something in place of the path. What comes out of that run is compared. Where a read of the path
fails in it, too, or the run raises, there is no price.
"""

from collections.abc import Hashable, Mapping
from dataclasses import replace
from typing import Any

from qprof.domain.plans import AS_WRITTEN, BALANCED, PLANS, Plan, named_plan
from qprof.domain.trace import Cost, Path, Swallowed, total
from qprof.measure.capture import record
from qprof.measure.experiments.difference import difference
from qprof.measure.experiments.failures import Chain, Failed
from qprof.measure.experiments.graph import Graph
from qprof.measure.experiments.readers import outcome_of, tells
from qprof.measure.experiments.reads import observing
from qprof.measure.experiments.reasons import reason_of
from qprof.measure.experiments.replay import Discovery, Opening, quiet
from qprof.measure.orm.paths import hop_names, path_name
from qprof.measure.orm.rewrite import applying
from qprof.measure.orm.roots import RootPaths, Roots


def swallowed(opening: Opening, found: Discovery, written: Cost) -> tuple[Swallowed, ...]:
    """Return the lazy loads of the call that failed unheard; `written` is what the call costs.

    Runs the call once more for each path.
    """
    groups: dict[Hashable, list[Failed]] = {}
    for each in found.failed:
        groups.setdefault((_path(found, each).name, each.error), []).append(each)
    return tuple(_priced(opening, found, group, written) for group in groups.values())


def _whole(found: Discovery, failed: Failed) -> Chain:
    """Return the relationships from the root statement's entity on, as far as they are known."""
    root = found.roots.get(failed.root) if failed.root is not None else None
    whole = root.whole(list(failed.chain)) if root is not None else None
    return tuple(whole or failed.chain)


def _path(found: Discovery, failed: Failed) -> Path:
    chain = list(_whole(found, failed))
    return Path(path_name(chain), hop_names(chain), bool(chain[-1].uselist), "lazy")


def _priced(opening: Opening, found: Discovery, group: list[Failed], written: Cost) -> Swallowed:
    path = _path(found, group[0])
    told = Swallowed(
        path=path.name,
        hops=path.hops,
        to_many=path.to_many,
        error=group[0].error,
        count=sum(each.count for each in group),
        strategy=PLANS[BALANCED](path),
        sites=tuple(dict.fromkeys(site for each in group for site in each.sites)),
    )
    roots = {each.root: _with(found, each, path) for each in group if each.root in found.roots}
    if not roots:
        return replace(told, reason="the statement that its objects came by was not seen")
    return _run(opening, found, {**found.roots, **roots}, told, written)


def _with(found: Discovery, failed: Failed, path: Path) -> RootPaths:
    """Return the root statement of `failed` as if it loaded `path`."""
    root = found.roots[failed.root]
    steps = list(_whole(found, failed))
    return replace(
        root, paths={**root.paths, path.name: path}, steps={**root.steps, path.name: steps}
    )


def _run(
    opening: Opening, found: Discovery, roots: Roots, told: Swallowed, written: Cost
) -> Swallowed:
    """Return `told` with what the call costs more with the path eager, or why that is unknown."""
    plan = Plan(told.path, {**_strategies(found), told.path: told.strategy})
    try:
        with opening() as ready:
            with applying(plan, roots), record() as recording, observing() as reads, quiet():
                value: Any = ready.invoke()
            same = _same(found, outcome_of(ready, value)) if tells(ready, value) else None
    except Exception as error:
        return replace(told, reason=reason_of(error))
    if any(hop_names([each.chain[-1]])[0] == told.hops[-1] for each in reads.failures.found):
        return replace(told, reason="reading it fails even so")
    if same and reads.failures.found:
        # Another read fails in its place, and what is lost by it is lost in both runs.
        same = None
    cost = total(each.cost for each in recording.executions())
    return replace(told, cost=cost - written, same=same)


def _same(found: Discovery, outcome: Graph | None) -> bool | None:
    """Return whether `outcome` is that of the call as written; None where either is unknown."""
    if found.seen is None or outcome is None:
        return None
    return not difference(found.seen.outcome, outcome, ordered=found.ordered)


def _strategies(found: Discovery) -> Mapping[str, str]:
    return named_plan(AS_WRITTEN, found.paths).strategies
