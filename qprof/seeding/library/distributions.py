"""How many children a parent has, and which ones: chances, even spreads, popularity."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from heapq import nsmallest
from itertools import accumulate, cycle, islice
from math import ceil, erf, gcd, log, sqrt
from random import Random
from typing import TypeVar

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


Item = TypeVar("Item")

_GOLDEN = (sqrt(5) - 1) / 2
_SILVER = sqrt(2) - 1


@dataclass(frozen=True)
class Shuffle:
    """A permutation of 0 to size - 1 that is worked out, not stored."""

    size: int
    stride: int
    offset: int

    @classmethod
    def of(cls, size: int, chance: Random) -> Shuffle:
        """Make one whose neighbours lie far apart."""
        stride = max(1, int(size * _GOLDEN))
        while gcd(stride, size) > 1:
            stride += 1
        return cls(size, stride, chance.randrange(size) if size else 0)

    def __getitem__(self, index: int) -> int:
        return (index * self.stride + self.offset) % self.size

    def at_ranks(self, ranks: Iterable[int]) -> list[int]:
        """Return the ids, from 1, of ranks from 1: what `[rank - 1] + 1` gives, many at a time."""
        stride, size, start = self.stride, self.size, self.offset - self.stride
        return [(rank * stride + start) % size + 1 for rank in ranks]


def quantiles(ranks: Sequence[int], size: int, chance: Random) -> list[float]:
    """Draw one quantile from each rank's equal slice; rank 0 is the slice of the largest."""
    return [1 - (rank + chance.random()) / size for rank in ranks]


def run_of_quantiles(first: int, count: int, start: float) -> list[float]:
    """Spread quantiles evenly over any stretch of a sequence whose length nobody knows yet.

    Multiples of an irrational number modulo 1 (H. Weyl, 1916).
    """
    return [(start + index * _SILVER) % 1.0 for index in range(first, first + count)]


def is_chosen(rank: int, share: float) -> bool:
    """Choose a share of all ranks at even distances, the first among them."""
    return ceil((rank + 1) * share) > ceil(rank * share)


def cycle_slice(pool: Sequence[Item], first: int, count: int) -> list[Item]:
    """Take `count` items from a pool that repeats for ever, from index `first` on."""
    begin = first % len(pool)
    return list(islice(cycle(pool), begin, begin + count))


def batches(total: int, size: int) -> Iterator[tuple[int, int]]:
    """Cut ids 1 to `total` into (first, count) of at most `size` each."""
    for first in range(1, total + 1, size):
        yield first, min(size, total - first + 1)


@dataclass(frozen=True)
class Distribution:
    """The values that may be drawn, ascending, and the running total of their chances, up to 1."""

    values: tuple[int, ...]
    cumulative: tuple[float, ...]

    @property
    def most(self) -> int:
        """The largest value that can be drawn."""
        return self.values[-1]

    @property
    def mean(self) -> float:
        """The value to expect."""
        chances = (after - before for before, after in self._steps())
        return sum(value * chance for value, chance in zip(self.values, chances, strict=True))

    def times(self, factor: float) -> Distribution:
        """Give every parent that has any `factor` times as many, rounded, and at least 1.

        Those who have none stay without, so that the share of them is kept.
        """
        chances: dict[int, float] = {}
        for value, (before, after) in zip(self.values, self._steps(), strict=True):
            many = max(1, int(value * factor + 0.5)) if value else 0
            chances[many] = chances.get(many, 0.0) + after - before
        return weighted(chances)

    def _steps(self) -> list[tuple[float, float]]:
        return list(zip((0.0, *self.cumulative), self.cumulative, strict=False))

    def at(self, quantiles: Iterable[float]) -> list[int]:
        """Read the value at each of the quantiles, which are in [0, 1); larger gives larger.

        Quantiles spread evenly give a sample that is true to the tail at any size, so that a small
        library has its giants whatever the seed.
        """
        values, cumulative = self.values, self.cumulative
        last = len(values) - 1
        return [values[min(bisect_right(cumulative, each), last)] for each in quantiles]


def constant(value: int) -> Distribution:
    """Give every parent the same number."""
    return Distribution((value,), (1.0,))


def weighted(weights: Mapping[int, float], none: float = 0.0) -> Distribution:
    """Values by weight, for all but the share `none` of the parents, who have zero."""
    total = sum(weights.values())
    chances = {value: (1 - none) * weight / total for value, weight in weights.items()}
    if none:
        chances[0] = chances.get(0, 0.0) + none
    values = tuple(sorted(chances))
    cumulative = list(accumulate(chances[value] for value in values))
    return Distribution(values, (*cumulative[:-1], 1.0))


def zipf(exponent: float, least: int, most: int) -> dict[int, float]:
    """Weights of a power law, `value ** -exponent`: few giants, many dwarfs."""
    return {value: float(value) ** -exponent for value in range(least, most + 1)}


def uniform(least: int, most: int) -> dict[int, float]:
    """Weigh every value the same."""
    return dict.fromkeys(range(least, most + 1), 1.0)


def normal(mean: float, sd: float, least: int, most: int) -> dict[int, float]:
    """Weights of a bell; what lies outside the bounds counts at the bounds."""
    return _clipped(lambda edge: _bell((edge - mean) / sd), least, most)


def lognormal(median: float, sigma: float, least: int, most: int) -> dict[int, float]:
    """Weights of a bell over the logarithm; what lies outside the bounds counts at the bounds."""
    return _clipped(
        lambda edge: _bell(log(edge / median) / sigma) if edge > 0 else 0.0, least, most
    )


def _bell(deviations: float) -> float:
    return (1 + erf(deviations / sqrt(2))) / 2


def _clipped(below: Callable[[float], float], least: int, most: int) -> dict[int, float]:
    """Weigh each whole number, from the share that lies below a point."""
    edges = [0.0, *(below(value + 0.5) for value in range(least, most)), 1.0]
    return {value: edges[i + 1] - edges[i] for i, value in enumerate(range(least, most + 1))}
