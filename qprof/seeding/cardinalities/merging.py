"""Fewer kinds of artists or playlists where a large database has very many."""

from collections import defaultdict
from collections.abc import Hashable, Mapping
from dataclasses import astuple
from math import log2
from typing import TypeVar

from qprof.seeding.library.recipe import Discography, Tracklist

MOST_KINDS = 1_000
Kind = TypeVar("Kind", Discography, Tracklist)


def merged(counted: Mapping[Kind, int], most: int = MOST_KINDS) -> dict[Kind, int]:
    """Return at most `most` kinds: the largest half as they are, the others put together.

    What is put together lies within a factor in each of its numbers, as narrow a one as will do,
    and becomes its mean, rounded; so totals are kept to about a half of one per parent.
    """
    if len(counted) <= most:
        return dict(counted)
    inorder = sorted(counted, key=lambda kind: (-_weight(kind), kind))
    kept = {kind: counted[kind] for kind in inorder[: most // 2]}
    rest = {kind: counted[kind] for kind in inorder[most // 2 :]}
    steps = 16.0
    while len(bins := _bins(rest, steps)) > most - len(kept):
        steps *= 0.8
    for each in bins:
        mean = _mean(each)
        kept[mean] = kept.get(mean, 0) + sum(each.values())
    return kept


def _weight(kind: Discography | Tracklist) -> int:
    """Return what the kind multiplies to in a join."""
    other = kind.albums if isinstance(kind, Discography) else kind.genres
    return max(1, kind.tracks) * max(1, other)


def _bins(counted: Mapping[Kind, int], steps: float) -> list[dict[Kind, int]]:
    """Put kinds together that are alike in `steps` steps for each doubling."""
    bins: dict[Hashable, dict[Kind, int]] = defaultdict(dict)
    for kind, many in counted.items():
        # Ranks of genres cannot be averaged: below one step for a doubling they are left out.
        rank = kind.genre if isinstance(kind, Discography) and steps >= 1 else 0
        sizes: tuple[int, ...] = astuple(kind)
        places = tuple(int(log2(value) * steps) if value else -1 for value in sizes)
        bins[rank, places][kind] = many
    return list(bins.values())


def _mean(counted: Mapping[Kind, int]) -> Kind:
    total = sum(counted.values())
    kind = next(iter(counted))
    columns = zip(*(astuple(each) for each in counted), strict=True)
    weights = list(counted.values())
    means = [
        int(sum(v * w for v, w in zip(column, weights, strict=True)) / total + 0.5)
        for column in columns
    ]
    return type(kind)(*means)
