"""Which genres the tracks of an artist have, where the recipe says it of each kind of artist."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate, chain, cycle, islice
from random import Random

from qprof.seeding.library.kinds import Discography
from qprof.seeding.library.popularity import Popularity, genre_sets
from qprof.seeding.library.recipe import Recipe

_ROUNDS = 8


Deal = Callable[[Sequence[float], int], list[list[int]]]
"""Given the sizes of some artists, as quantiles, and how many tracks they have together."""


def genre_dealer(recipe: Recipe, chance: Random) -> Deal:
    """Return what deals genres to tracks: artist by artist, or to each track by itself."""
    kinds = recipe.discographies
    if kinds is not None and kinds.most("genre"):
        dealer = GenreDealer(recipe, chance)
        return lambda sizes, _: dealer.deal(kinds.at(sizes))
    popularity = Popularity(recipe.genres, recipe.genre_skew, chance)
    if recipe.genre_tracks:
        popularity = Popularity.of(recipe.genre_tracks, chance)
    sets = genre_sets(popularity, recipe.genres_per_track)
    return lambda _, count: chance.choices(sets, k=count)


class GenreDealer:
    """Deals genres to tracks so that an artist keeps to as many as its kind has.

    The first tracks of an artist, album by album, are of its main genre. What the main genres
    leave of each genre's size is the chance at which it becomes one of the others.
    """

    def __init__(self, recipe: Recipe, chance: Random) -> None:
        self._chance, self._per_track = chance, recipe.genres_per_track
        self._genres = range(1, recipe.genres + 1)
        self._totals = list(accumulate(_left_over(recipe)))

    def deal(self, kinds: Iterable[Discography]) -> list[list[int]]:
        """Deal the genres of each track of artists of these kinds, one artist after the other."""
        return list(chain.from_iterable(map(self._of_artist, kinds)))

    def _of_artist(self, kind: Discography) -> Iterator[list[int]]:
        if not kind.genre:
            return iter([[]] * kind.tracks)
        others = self._others(kind)
        # With one genre there is nobody else to turn to.
        turns = cycle(others) if others else None
        wanted = self._per_track.at(self._chance.random() for _ in range(kind.tracks))
        return (
            self._of_track([kind.genre] if place < kind.of_genre else [], others, turns, count)
            for place, count in enumerate(wanted)
        )

    def _of_track(
        self, main: list[int], others: Sequence[int], turns: Iterator[int] | None, wanted: int
    ) -> list[int]:
        count = min(max(0, wanted - len(main)), len(others))
        rest = list(islice(turns, count)) if turns else []
        return sorted([*main, *rest])

    def _others(self, kind: Discography) -> list[int]:
        """Choose the genres beside the main one; what chance never reaches is filled by rank."""
        wanted = min(kind.genres, len(self._genres)) - 1
        chosen: dict[int, None] = {}
        for _ in range(_ROUNDS):
            if len(chosen) >= wanted:
                break
            drawn = self._chance.choices(self._genres, cum_weights=self._totals, k=wanted)
            chosen.update(dict.fromkeys(each for each in drawn if each != kind.genre))
        for each in self._genres:
            if len(chosen) >= wanted:
                break
            if each != kind.genre:
                chosen.setdefault(each)
        return list(chosen)[:wanted]


def _left_over(recipe: Recipe) -> list[float]:
    """Return the chance of each genre: what its size exceeds the tracks that it is main to by."""
    sizes = [float(each) for each in recipe.genre_tracks] or [
        float(rank) ** -recipe.genre_skew for rank in range(1, recipe.genres + 1)
    ]
    kinds = recipe.discographies
    if kinds is None or not recipe.genre_tracks:
        return sizes
    left = list(sizes)
    for kind, chance in kinds.chances():
        if kind.genre:
            left[kind.genre - 1] -= kind.of_genre * chance * recipe.artists
    return [max(each, _least(sizes)) for each in left]


def _least(sizes: Sequence[float]) -> float:
    """Return a weight so small that it decides only where no other is left."""
    return sum(sizes) * 1e-9
