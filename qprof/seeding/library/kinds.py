"""Kinds of parents: what one has of several things at once, and how many parents are like it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from qprof.seeding.library.distributions import Distribution, weighted


@dataclass(frozen=True, order=True)
class Discography:
    """What an artist has. `genre` is the rank of its main genre, 1 the largest; 0 is none."""

    tracks: int = 0
    albums: int = 0
    genre: int = 0
    of_genre: int = 0
    """How many of the tracks are of the main genre."""
    genres: int = 0
    """How many genres its tracks have, the main one among them."""


@dataclass(frozen=True, order=True)
class Tracklist:
    """What a playlist has: tracks, and how many genres these have; 0 is any number of genres."""

    tracks: int = 0
    genres: int = 0


Kind = TypeVar("Kind", Discography, Tracklist)


@dataclass(frozen=True)
class Kinds(Generic[Kind]):
    """Kinds in ascending order, and how likely each place in that order is."""

    kinds: tuple[Kind, ...]
    places: Distribution

    @classmethod
    def of(cls, counted: Sequence[tuple[Kind, int]]) -> Kinds[Kind]:
        """Take each kind as often as there are parents of it; at least one kind."""
        inorder = sorted(counted)
        kinds = tuple(kind for kind, _ in inorder)
        return Kinds(kinds, weighted({i: float(n) for i, (_, n) in enumerate(inorder)}))

    def at(self, quantiles: Iterable[float]) -> list[Kind]:
        """Read the kind at each of the quantiles, which are in [0, 1); larger has more tracks."""
        return [self.kinds[place] for place in self.places.at(quantiles)]

    def chances(self) -> list[tuple[Kind, float]]:
        """Return each kind with its share of all parents."""
        before = (0.0, *self.places.cumulative)
        shares = [b - a for a, b in zip(before, self.places.cumulative, strict=False)]
        return list(zip(self.kinds, shares, strict=True))

    def mean(self, part: str) -> float:
        """Return the value to expect of one part of a kind, such as "tracks"."""
        return float(sum(getattr(kind, part) * share for kind, share in self.chances()))

    def most(self, part: str) -> int:
        """Return the largest value of one part of a kind."""
        return max(int(getattr(kind, part)) for kind in self.kinds)
