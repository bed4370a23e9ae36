"""Every strategy for every path of a call: the plans that a search considers."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations as subsets
from itertools import product
from math import prod

from qprof.domain.loaders import OWN_JOIN
from qprof.domain.plans import BALANCED, named_plan
from qprof.domain.trace import Path

SEARCHED = ("joined", "selectin", "subquery", "lazy")
"""The strategies that each path is tried with, and the one that it is written with."""


def choices(path: Path) -> tuple[str, ...]:
    """Return the strategies that a search tries for a path."""
    return tuple(dict.fromkeys([*SEARCHED, path.strategy]))


def movable(paths: Sequence[Path]) -> list[Path]:
    """Return the paths that have a strategy to exchange."""
    return [path for path in paths if path.strategy != OWN_JOIN]


def how_many(paths: Sequence[Path]) -> int:
    """Return how many combinations there are."""
    return prod(len(choices(path)) for path in movable(paths))


def combinations(paths: Sequence[Path]) -> Iterator[Mapping[str, str]]:
    """Yield path to strategy, in an order that never changes: the nearest to balanced first.

    Near is what differs from it in few paths. Nothing is yielded twice.
    """
    balanced = named_plan(BALANCED, paths).strategies
    others = {
        path.name: [each for each in choices(path) if each != balanced[path.name]]
        for path in movable(paths)
    }
    for distance in range(len(others) + 1):
        for moved in subsets(others, distance):
            for chosen in product(*(others[name] for name in moved)):
                yield {**balanced, **dict(zip(moved, chosen, strict=True))}
