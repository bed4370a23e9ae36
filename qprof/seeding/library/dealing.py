"""What each track and playlist gets: an album, genres, the tracks of a list."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate, chain, cycle, islice, repeat
from random import Random

from qprof.seeding.library.distributions import Popularity, genre_sets
from qprof.seeding.library.recipe import Discography, Recipe, Tracklist

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


class TracksByGenre:
    """The tracks of each genre, four bytes a track: a track stands under the first of its own."""

    def __init__(self, genres: int) -> None:
        self._tracks = [array("I") for _ in range(genres + 1)]

    def add(self, tracks: Iterable[int], genres: Iterable[Sequence[int]]) -> None:
        """Put each track under its first genre; those that have none are together, too."""
        for track, own in zip(tracks, genres, strict=True):
            self._tracks[own[0] if own else 0].append(track)

    def choose(self, kind: Tracklist, chance: Random) -> list[int]:
        """Choose distinct tracks from as many genres as the kind has, or from all; ascending."""
        filled = [each for each in self._tracks[1 if kind.genres else 0 :] if each]
        pools = self._pools(filled, kind, chance)
        ends = list(accumulate(map(len, pools)))
        total = ends[-1] if ends else 0
        wanted = min(kind.tracks, total)
        # One of each genre comes first, so that none is missed.
        chosen = dict.fromkeys(chance.choice(pool) for pool in pools if kind.genres)
        for place in chance.sample(range(total), min(total, wanted + len(chosen))):
            pool = bisect_right(ends, place)
            chosen.setdefault(pools[pool][place - ends[pool]])
        return sorted(list(chosen)[:wanted])

    def _pools(
        self, filled: list[array[int]], kind: Tracklist, chance: Random
    ) -> Sequence[array[int]]:
        """Choose genres by size; where they hold too little, larger ones take their places."""
        if not kind.genres or kind.genres >= len(filled):
            return filled
        places = Popularity.of([len(each) for each in filled], chance).choose(kind.genres)
        chosen = sorted((filled[place - 1] for place in places), key=len)
        spare = sorted((p for i, p in enumerate(filled, 1) if i not in set(places)), key=len)
        for place, small in enumerate(chosen):
            if sum(map(len, chosen)) >= kind.tracks or len(spare[-1]) <= len(small):
                break
            chosen[place] = spare.pop()
            if not spare:
                break
        return chosen
