"""Which plans are worth running, by their predicted counts. Arithmetic only.

Whatever a query, a row and a cell cost, the cheapest plan is one that no other plan beats in all
three: a sum with weights of zero or more has its least value there. What a strategy costs besides,
such as the root statement that a subqueryload sends again, no count tells; that is measured.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qprof.domain.trace import Cost


@dataclass(frozen=True)
class Front:
    """The plans that no other beats, and what became of the rest."""

    kept: tuple[str, ...]
    """Fewest queries first."""
    equal: int
    """How many cost what another one costs."""
    beaten: int
    """How many need no less of anything than another one, and more of something."""
    cut: int
    """How many are not kept only because there are too many."""


def front(costs: Mapping[str, Cost], wanted: Sequence[str], most: int) -> Front:
    """Return which of `wanted` no other plan of `costs` beats, `most` of them at most.

    Of equal ones, the first in `costs` stands for all. Where there are too many, the one with the
    fewest cells and the one with the fewest queries are kept, then those whose counts have the
    least product.
    """
    first: dict[Cost, str] = {}
    for name, cost in costs.items():
        first.setdefault(cost, name)
    single = [name for name in wanted if first[costs[name]] == name]
    best = [n for n in single if not any(beats(other, costs[n]) for other in first)]
    kept = _most_telling({name: costs[name] for name in best})[:most]
    return Front(
        kept=tuple(sorted(kept, key=lambda name: _figures(costs[name]))),
        equal=len(wanted) - len(single),
        beaten=len(single) - len(best),
        cut=len(best) - len(kept),
    )


def beats(one: Cost, other: Cost) -> bool:
    """Return whether `one` needs no more of anything than `other`, and less of something."""
    return one != other and all(a <= b for a, b in zip(_figures(one), _figures(other), strict=True))


def _most_telling(costs: Mapping[str, Cost]) -> list[str]:
    if not costs:
        return []
    leanest = min(costs, key=lambda name: costs[name].cells)
    fewest = min(costs, key=lambda name: costs[name].queries)
    return list(dict.fromkeys([leanest, fewest, *sorted(costs, key=lambda n: _size(costs[n]))]))


def _size(cost: Cost) -> int:
    return max(1, cost.queries) * max(1, cost.rows) * max(1, cost.cells)


def _figures(cost: Cost) -> tuple[int, int, int]:
    return cost.queries, cost.rows, cost.cells
