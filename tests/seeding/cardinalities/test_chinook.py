"""A real database, its recipe, and the library seeded by it: the ratios are the same."""

import sys
from collections import Counter
from pathlib import Path

import pytest

from qprof.seeding.library.recipes import load_recipe
from qprof.seeding.library.seeding import seed
from tests.seeding.cardinalities.conftest import Again
from tests.seeding.cardinalities.ratios import CHINOOK, LIBRARY, asked, ratio

FILE = Path(__file__).resolve().parents[3] / "../shared/data/chinook.sqlite"
TOLERANCE = 0.25

pytestmark = pytest.mark.skipif(
    not FILE.is_file(), reason="../shared/data/chinook.sqlite is not there"
)


@pytest.mark.parametrize("number", [1, 7, 2026])
def test_the_ratios_of_four_pairs_are_reproduced(again: Again, number: int) -> None:
    """Counted on both sides by plain SQL, each within 25 %, also at seeds not tried before."""
    made = again(FILE, number=number)
    found = {pair: (ratio(FILE, CHINOOK[pair]), ratio(made, LIBRARY[pair])) for pair in CHINOOK}
    for pair, (real, seeded) in found.items():
        sys.stdout.write(f"seed {number}, {pair}: {real:.3f} there, {seeded:.3f} seeded\n")
    for pair, (real, seeded) in found.items():
        assert abs(seeded / real - 1) <= TOLERANCE, (pair, real, seeded)


def test_the_fitted_recipe_would_not_do(tmp_path: Path) -> None:
    """It draws each track's genre by itself, and misses by more than the tolerance."""
    made, pair = tmp_path / "fitted.db", "genre: tracks × artists"
    seed(f"sqlite:///{made}", load_recipe("chinook", {"genres_per_track": "1"}))
    assert ratio(made, LIBRARY[pair]) / ratio(FILE, CHINOOK[pair]) - 1 > TOLERANCE


@pytest.mark.parametrize("scale", [1, 3])
def test_every_parent_keeps_its_counts(again: Again, scale: int) -> None:
    """The joint counts themselves, not only their ratio: exact at whole scales."""
    made = again(FILE, scale=scale)
    for pair in ("artist: albums × tracks", "playlist: tracks × genres"):
        real = Counter(asked(FILE, CHINOOK[pair]))
        assert Counter(asked(made, LIBRARY[pair])) == {k: n * scale for k, n in real.items()}


def test_half_the_scale_keeps_the_shape(again: Again) -> None:
    """Half of the artists, of whom about the same share multiplies as much."""
    made = again(FILE, scale=0.5)
    pair = "artist: albums × tracks"
    assert len(asked(made, LIBRARY[pair])) == 138
    assert ratio(made, LIBRARY[pair]) == pytest.approx(ratio(FILE, CHINOOK[pair]), rel=0.4)
