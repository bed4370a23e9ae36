"""Prices the lazy loads that failed unheard: the call is run again with their path loaded eagerly.

The price is the cost of that run less the cost as written: below zero, where the `except` loads
something in place of the path. What comes out of that run is compared. Where a read of the path
fails in it, too, or the run raises, there is no price.
"""

from collections.abc import Hashable
from dataclasses import replace

from qprof.domain.plans import AS_WRITTEN, BALANCED, PLANS, Plan, named_plan
from qprof.domain.trace import Call, Cost, Path, Swallowed
from qprof.measure.experiments.difference import difference
from qprof.measure.experiments.discover import Discovery
from qprof.measure.experiments.experiment import Result
from qprof.measure.experiments.failures import Chain, Failed
from qprof.measure.experiments.specimen import Specimen
from qprof.measure.orm.paths import hop_names, path_name
from qprof.measure.orm.roots import RootPaths, Roots


def price_suppressed_loads(specimen: Specimen, call: Call) -> Call:
    """Return `call` with its lazy loads that failed unheard; it is run once more for each path."""
    groups: dict[Hashable, list[Failed]] = {}
    for each in specimen.found.failed:
        groups.setdefault((_path(specimen.found, each).name, each.error), []).append(each)
    priced = tuple(_priced(specimen, group, call.cost) for group in groups.values())
    return replace(call, swallowed=priced)


def _whole(found: Discovery, failed: Failed) -> Chain:
    """Return the relationships from the root statement's entity on, as far as they are known."""
    root = found.roots.get(failed.root) if failed.root is not None else None
    whole = root.whole(list(failed.chain)) if root is not None else None
    return tuple(whole or failed.chain)


def _path(found: Discovery, failed: Failed) -> Path:
    chain = list(_whole(found, failed))
    return Path(path_name(chain), hop_names(chain), bool(chain[-1].uselist), "lazy")


def _priced(specimen: Specimen, group: list[Failed], written: Cost) -> Swallowed:
    found = specimen.found
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
    return _run(specimen, {**found.roots, **roots}, told, written)


def _with(found: Discovery, failed: Failed, path: Path) -> RootPaths:
    """Return the root statement of `failed` as if it loaded `path`."""
    root = found.roots[failed.root]
    steps = list(_whole(found, failed))
    return replace(
        root, paths={**root.paths, path.name: path}, steps={**root.steps, path.name: steps}
    )


def _run(specimen: Specimen, roots: Roots, told: Swallowed, written: Cost) -> Swallowed:
    """Return `told` with what the call costs more with the path eager, or why that is unknown."""
    found, path = specimen.found, told.path
    strategies = {**named_plan(AS_WRITTEN, found.paths).strategies, path: told.strategy}
    because = f"lazy loads of {path} fail unheard"
    wanted = found.experiment(Plan(path, strategies), because, "outcome", "reads")
    result = specimen.runner.attempt(replace(wanted, roots=roots))
    if result.reason is not None:
        return replace(told, reason=result.reason)
    failed = result.reads.failures.found if result.reads is not None else ()
    if any(hop_names([each.chain[-1]])[0] == told.hops[-1] for each in failed):
        return replace(told, reason="reading it fails even so")
    same = _same(found, result)
    if same and failed:
        # Another read fails in its place, and what is lost by it is lost in both runs.
        same = None
    return replace(told, cost=result.cost - written, same=same)


def _same(found: Discovery, result: Result) -> bool | None:
    """Return whether the same came out as from the call as written; None where that is unknown."""
    if found.reading is None or result.outcome is None or not result.tells:
        return None
    return not difference(found.reading.outcome, result.outcome, ordered=found.ordered)
