"""Which tracks a playlist holds, where the recipe says of how many genres they are."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate
from random import Random

from qprof.seeding.library.kinds import Tracklist
from qprof.seeding.library.popularity import Popularity


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
