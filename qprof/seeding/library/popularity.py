"""Choosing distinct things of which some are more popular: rank r has weight `r ** -skew`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from heapq import nsmallest
from math import log
from random import Random

from qprof.seeding.library.distributions import Distribution
from qprof.seeding.library.spread import Shuffle

_SETS = 2039
_ROUNDS = 8
_LEAST = 1e-9


class Popularity:
    """Chooses from the ids 1 to `count`; without a shuffle, id 1 is the most popular."""

    def __init__(
        self, count: int, skew: float, chance: Random, shuffle: Shuffle | None = None
    ) -> None:
        self._count, self._skew, self._chance, self._shuffle = count, skew, chance, shuffle
        self._stated: Sequence[float] = ()

    @classmethod
    def of(cls, weights: Sequence[float], chance: Random) -> Popularity:
        """Choose by the weight of each id instead of a skew; one of weight 0 comes last."""
        made = cls(len(weights), 0.0, chance)
        made._stated = [max(float(each), _LEAST) for each in weights]
        return made

    def choose(self, wanted: int) -> list[int]:
        """Choose that many distinct ids, or all if there are fewer; in ascending order."""
        wanted = min(wanted, self._count)
        if self._stated:
            return sorted(self._by_weighing(wanted))
        if not self._skew:
            return sorted(self._chance.sample(range(1, self._count + 1), wanted))
        few = wanted * 4 <= self._count and self._count > 100
        ranks: Iterable[int] = self._by_drawing(wanted) if few else self._by_weighing(wanted)
        return sorted(ranks if self._shuffle is None else self._shuffle.at_ranks(ranks))

    @cached_property
    def _weights(self) -> list[float]:
        if self._stated:
            return list(self._stated)
        return [float(rank) ** -self._skew for rank in range(1, self._count + 1)]

    def _by_weighing(self, wanted: int) -> list[int]:
        """Choose by exponential waiting times (Efraimidis and Spirakis, 2006): exact, O(count)."""
        draw = self._chance.random
        waits = [-log(1 - draw()) / weight for weight in self._weights]
        return [index + 1 for index in nsmallest(wanted, range(self._count), waits.__getitem__)]

    def _by_drawing(self, wanted: int) -> set[int]:
        """Draw again what was drawn already; what a steep skew never reaches is filled evenly."""
        ranks: set[int] = set()
        last, draw = self._count, self._drawn
        for _ in range(_ROUNDS):
            ranks.update(draw(wanted - len(ranks)))
            if last + 1 in ranks:
                # The very end of the integral.
                ranks.remove(last + 1)
                ranks.add(last)
            if len(ranks) == wanted:
                return ranks
        while len(ranks) < wanted:
            ranks.add(self._chance.randint(1, self._count))
        return ranks

    @cached_property
    def _drawn(self) -> Callable[[int], list[int]]:
        """Invert the integral of `x ** -skew` from 1 to count + 1, that many times."""
        random, power, end = self._chance.random, 1 - self._skew, self._count + 1.0
        if abs(power) < 1e-6:
            return lambda many: [int(end ** random()) for _ in range(many)]
        span, root = end**power - 1, 1 / power
        return lambda many: [int((1 + random() * span) ** root) for _ in range(many)]


def genre_sets(popularity: Popularity, sizes: Distribution) -> list[list[int]]:
    """Make the sets of genres that tracks draw from, their sizes true to the distribution."""
    wanted = sizes.at((index + 0.5) / _SETS for index in range(_SETS))
    return [popularity.choose(size) for size in wanted]
