"""Every strategy for every path, once, the nearest to balanced first."""

from itertools import product

from qprof.domain.plans import BALANCED, SEARCHED, combinations, how_many, named_plan
from qprof.domain.trace import Path

ALBUMS = Path("Artist.albums", ("Artist.albums",), True, "joined")
LABEL = Path("Artist.label", ("Artist.label",), False, "immediate")
BY_HAND = Path("Artist.tracks", ("Artist.tracks",), True, "contains_eager")


def test_every_combination_comes_once() -> None:
    """Four strategies for one path, and those and its own for the other; contains_eager stays."""
    found = [tuple(sorted(each.items())) for each in combinations([ALBUMS, LABEL, BY_HAND])]
    wanted = {
        (("Artist.albums", one), ("Artist.label", other))
        for one, other in product(SEARCHED, [*SEARCHED, "immediate"])
    }
    assert len(found) == how_many([ALBUMS, LABEL, BY_HAND]) == 20
    assert set(found) == wanted


def test_the_nearest_to_balanced_come_first() -> None:
    """Where not all can be considered, it is these."""
    paths = [Path(f"A.r{n}", (f"A.r{n}",), True, "joined") for n in range(4)]
    balanced = named_plan(BALANCED, paths).strategies
    distances = [
        sum(each[name] != balanced[name] for name in balanced) for each in combinations(paths)
    ]
    assert distances == sorted(distances)
    assert distances[:2] == [0, 1]
