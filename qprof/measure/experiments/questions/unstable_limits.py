"""Which paths a subqueryload may lose: its statement has a LIMIT, and no unique order.

subqueryload sends the root statement again, inside of its own. Where the order leaves ties at the
LIMIT, the database may choose other roots there, and those of the first statement stay without.
"""

from collections.abc import Iterator
from dataclasses import replace

from qprof.domain.loaders import FROM_PARENT
from qprof.domain.plans import AS_WRITTEN, Plan, named_plan
from qprof.domain.trace import Call, LimitedSubquery, Path
from qprof.measure.experiments.graph import Graph
from qprof.measure.experiments.specimen import Specimen
from qprof.measure.orm.roots import RootPaths


def find_unstable_limits(specimen: Specimen, call: Call) -> Call:
    """Return `call` with the paths whose objects can get lost, and how many objects lost any.

    It is run once more with all of them by selectin.
    """
    found = [
        (root, path)
        for root in specimen.found.roots.values()
        if root.is_chosen
        for path in _sent_again(root)
    ]
    if not found:
        return call
    written = named_plan(AS_WRITTEN, specimen.found.paths).strategies
    plan = Plan("apart", {**written, **{path.name: "selectin" for _, path in found}})
    because = "whether a subqueryload under LIMIT loses objects"
    other = specimen.runner.attempt(
        specimen.found.experiment(plan, because, "objects", touched=True)
    )
    objects = other.objects if other.reason is None else None
    return replace(
        call,
        unstable=tuple(
            LimitedSubquery(
                path=path.name,
                hops=path.hops,
                order=root.order.keys if root.order is not None else (),
                wrong=_wrong(specimen, objects, path) if isinstance(objects, Graph) else None,
                site=next((e.site for e in call.executions if e.path == path.name), None),
            )
            for root, path in found
        ),
    )


def _sent_again(root: RootPaths) -> Iterator[Path]:
    """Yield the paths for which the root statement is sent again: nothing above loads anew."""
    # Several subqueryloads are sent in an order that changes from process to process.
    for name, path in sorted(root.paths.items()):
        above = [each for each in root.paths.values() if name.startswith(f"{each.name}.")]
        if path.strategy == "subquery" and not any(p.strategy in FROM_PARENT for p in above):
            yield path


def _wrong(specimen: Specimen, objects: Graph, path: Path) -> int | None:
    """Return how many objects have another collection than in `objects`."""
    if not isinstance(specimen.objects, Graph):
        return None
    name = path.hops[-1].rpartition(".")[2]
    pairs = [
        (node.related[name], objects.nodes[entity].related.get(name))
        for entity, node in specimen.objects.nodes.items()
        if entity in objects.nodes and name in node.related
    ]
    return sum(theirs is not None and set(ours) != set(theirs) for ours, theirs in pairs)
