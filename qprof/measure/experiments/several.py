"""To-one paths that find several rows for a parent: what is mapped as one is as many.

A JOIN of such a path repeats its parents as that of a collection does, so it is treated as one.
"""

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import replace

from qprof.domain.trace import Execution, Join, Path
from qprof.measure.orm.roots import Roots


def several_in(executions: Iterable[Execution]) -> Iterator[tuple[Execution, Join, int, int]]:
    """Yield each joined to-one path that found several, its parents and what it found of them."""
    for execution in executions:
        tally = execution.tally
        for join in execution.joins if tally is not None else ():
            parents = tally.distinct.get(join.parent, tally.roots) if tally is not None else 0
            found = tally.pairs.get(join.path, 0) if tally is not None else 0
            if found > parents and not join.to_many:
                yield execution, join, parents, found


def mark_paths(roots: Roots, names: AbstractSet[str]) -> None:
    """Make the paths of these names in `roots` to-many."""
    for root in roots.values():
        for name in names & root.paths.keys():
            root.paths[name] = replace(root.paths[name], to_many=True)


def marked(executions: Iterable[Execution], paths: Iterable[Path]) -> tuple[Execution, ...]:
    """Return `executions` with each join to-many whose path is."""
    names = {each.name for each in paths if each.to_many}
    return tuple(
        replace(
            each,
            joins=tuple(replace(j, to_many=j.to_many or j.path in names) for j in each.joins),
        )
        for each in executions
    )
