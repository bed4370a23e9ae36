"""To-one paths that find several rows for a parent: what is mapped as one is as many.

A JOIN of such a path repeats its parents as that of a collection does, so it is treated as one.
"""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Mapper

from qprof.domain.trace import Execution, Join
from qprof.measure.orm.roots import Roots, class_names


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


def marked(executions: Iterable[Execution], roots: Roots) -> tuple[Execution, ...]:
    """Return `executions` with what only the root statements of the call tell of them.

    Each join is to-many whose path is. And the columns of a class that was selected itself are not
    those of a subclass: their SELECT does not tell.
    """
    names = {each.name for root in roots.values() for each in root.paths.values() if each.to_many}
    selected = [mapper for root in roots.values() for mapper in root.entities]
    return tuple(
        replace(
            each,
            joins=tuple(replace(j, to_many=j.to_many or j.path in names) for j in each.joins),
            base=None if each.base and _is_selected(each, selected) else each.base,
        )
        for each in executions
    )


def _is_selected(execution: Execution, selected: "Sequence[Mapper[Any]]") -> bool:
    """Return whether the class whose columns are loaded was selected, and none of its bases."""
    entity = execution.entity
    own = any(entity in class_names(each.iterate_to_root()) for each in selected)
    above = (class_names(each.self_and_descendants) - class_names([each]) for each in selected)
    return not execution.below and own and not any(entity in names for names in above)
