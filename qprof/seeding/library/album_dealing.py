"""Which album each track of an artist lies on."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, cycle, islice, repeat


def dealt(albums: range, album_counts: list[int], counts: list[int]) -> list[int | None]:
    """Deal the tracks of each artist to its albums in turn; without albums they are singles."""
    homes: list[int | None] = []
    first = albums.start
    for own, count in zip(album_counts, counts, strict=True):
        homes += islice(cycle(range(first, first + own)), count) if own else repeat(None, count)
        first += own
    return homes


def by_weight(
    albums: range, album_counts: list[int], counts: list[int], weights: Sequence[int]
) -> list[int | None]:
    """Deal the tracks of each artist to its albums by weight; without albums they are singles."""
    homes: list[int | None] = []
    first = 0
    for own, count in zip(album_counts, counts, strict=True):
        shares = apportion(count, weights[first : first + own])
        ids = albums[first : first + own]
        homes += chain.from_iterable(map(repeat, ids, shares)) if own else repeat(None, count)
        first += own
    return homes


def apportion(total: int, weights: Sequence[int]) -> list[int]:
    """Divide `total` by weight into whole numbers: by largest remainders (A. Hamilton, 1792)."""
    if not any(weights):
        weights = [1] * len(weights)
    if not weights:
        return []
    whole = sum(weights)
    shares = [total * weight // whole for weight in weights]
    left = total - sum(shares)
    for place in sorted(range(len(weights)), key=lambda i: -(total * weights[i] % whole))[:left]:
        shares[place] += 1
    return shares
