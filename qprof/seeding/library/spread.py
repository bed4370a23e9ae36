"""Spreads things evenly without a list of them: ranks, quantiles, slices of a repeated pool."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from math import ceil, gcd, sqrt
from random import Random
from typing import TypeVar

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
