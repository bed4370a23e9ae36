"""Few kinds out of many: the largest as they are, and about the same totals."""

from random import Random

import pytest

from qprof.seeding.cardinalities.merging import merged
from qprof.seeding.library.recipe import Discography, Tracklist


def many() -> dict[Discography, int]:
    chance = Random(1)
    kinds = {}
    for _ in range(3000):
        tracks, genres = int(chance.paretovariate(0.9)) + 1, chance.randint(1, 5)
        albums = chance.randint(0, min(tracks, 30))
        main = chance.randint(1, tracks)
        kinds[Discography(tracks, albums, chance.randint(1, 20), main, genres)] = 1
    return kinds


def total(kinds: dict[Discography, int]) -> int:
    return sum(max(1, k.albums) * max(1, k.tracks) * n for k, n in kinds.items())


@pytest.mark.parametrize("most", [1000, 200, 50])
def test_few_kinds_stand_for_many(most: int) -> None:
    """As many parents, no more kinds than asked, the largest kept, the product within 10 %."""
    kinds = many()
    fewer = merged(kinds, most)
    assert len(fewer) <= most < len(kinds)
    assert sum(fewer.values()) == sum(kinds.values())
    assert max(fewer) == max(kinds)
    assert total(fewer) == pytest.approx(total(kinds), rel=0.1)
    assert all(kind.of_genre <= kind.tracks for kind in fewer)


def test_few_kinds_stay_as_they_are() -> None:
    """Nothing is merged where there is room."""
    kinds = {Tracklist(3, 1): 2, Tracklist(): 5}
    assert merged(kinds, 2) == kinds
