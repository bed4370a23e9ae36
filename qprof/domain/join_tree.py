"""The tree that the joins of one SELECT form, and where its branches multiply each other.

Joins whose parent is not joined itself hang on the SELECT's own roots, which count as one
node: the rows of several roots multiply too.
"""

from collections.abc import Iterator, Sequence

from qprof.domain.trace import Join


def siblings(joins: Sequence[Join]) -> tuple[tuple[str, ...], ...]:
    """Return the collections of each node where two or more branches multiply each other.

    A branch multiplies if its relationship is to-many or if any below it is: a to-one bridge
    that leads to a collection counts, and is named by that collection.
    """
    groups = []
    for children in _children(joins).values():
        branches = [found for child in children if (found := _collections(child, joins))]
        if len(branches) > 1:
            groups.append(tuple(path for branch in branches for path in branch))
    return tuple(groups)


def to_many(joins: Sequence[Join]) -> tuple[Join, ...]:
    """Return the joins that bring collections."""
    return tuple(join for join in joins if join.to_many)


def _children(joins: Sequence[Join]) -> dict[str | None, list[Join]]:
    joined = {join.path for join in joins}
    children: dict[str | None, list[Join]] = {}
    for join in joins:
        children.setdefault(join.parent if join.parent in joined else None, []).append(join)
    return children


def _collections(branch: Join, joins: Sequence[Join]) -> tuple[str, ...]:
    """Return the to-many paths of `branch` that no other to-many path stands above."""
    return tuple(_topmost(branch, joins))


def _topmost(branch: Join, joins: Sequence[Join]) -> Iterator[str]:
    if branch.to_many:
        yield branch.path
        return
    for join in joins:
        if join.parent == branch.path:
            yield from _topmost(join, joins)
