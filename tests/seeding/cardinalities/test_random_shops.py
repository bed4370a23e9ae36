"""Any database of counts, its recipe, and the library seeded by it."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from qprof.runs.seeding import derive_recipe
from qprof.seeding.cardinalities import Ratio
from qprof.seeding.library.recipes import load_recipe
from qprof.seeding.library.seeding import seed
from tests.seeding.cardinalities.ratios import CHINOOK, LIBRARY, asked, ratio
from tests.seeding.cardinalities.shops import Shop

album_sizes = st.one_of(st.integers(0, 4), st.integers(0, 60))


@st.composite
def shops(draw: st.DrawFn) -> Shop:
    artists = draw(st.lists(st.lists(album_sizes, max_size=8), min_size=1, max_size=25))
    genres = draw(st.integers(1, 6))
    tracks = sum(map(sum, artists))
    if not tracks:
        artists, tracks = [[1], *artists], 1
    wheel = draw(st.lists(st.integers(0, genres - 1), min_size=1, max_size=40))
    lists = st.sets(st.integers(0, tracks - 1), max_size=min(tracks, 30))
    return Shop(artists, genres, wheel, draw(st.lists(lists, max_size=5)))


def quantiles(counts: Sequence[int]) -> list[int]:
    """Return the median, the 90th and 99th percentile, and the maximum."""
    inorder = sorted(counts)
    return [inorder[min(len(inorder) - 1, int(len(inorder) * q))] for q in (0.5, 0.9, 0.99, 1.0)]


@settings(max_examples=30, deadline=None)
@given(shops(), st.sampled_from([1, 2, 3]))
def test_what_is_read_is_what_is_seeded(shop: Shop, number: int) -> None:
    """Artists keep albums, tracks and genres as counted; no ratio is off by more than is stated."""
    with TemporaryDirectory() as folder:
        real, made = shop.write(Path(folder) / "shop.db"), Path(folder) / "made.db"
        derived = derive_recipe(f"sqlite:///{real}", {}, base="chinook")
        (Path(folder) / "shop.toml").write_text(derived.text)
        seed(f"sqlite:///{made}", load_recipe(f"{folder}/shop.toml"), seed=number)
        _same_artists(real, made)
        for each in derived.ratios:
            _within_what_is_stated(each, real, made)


def _same_artists(real: Path, made: Path) -> None:
    pair = "artist: albums × tracks"
    there, seeded = asked(real, CHINOOK[pair]), asked(made, LIBRARY[pair])
    assert sum(a * b for a, b in seeded) == sum(a * b for a, b in there)
    for place in (0, 1):
        counts = [[row[place] for row in rows] for rows in (there, seeded)]
        assert quantiles(counts[1]) == quantiles(counts[0])
    assert asked(made, GENRES_SEEDED) == asked(real, GENRES_THERE)


def _within_what_is_stated(stated: Ratio, real: Path, made: Path) -> None:
    there, seeded = ratio(real, CHINOOK[stated.pair]), ratio(made, LIBRARY[stated.pair])
    assert abs(stated.read - there) < 1e-9
    assert abs(seeded / there - 1) <= abs(stated.error) + 1e-9


GENRES_THERE = """SELECT count(DISTINCT t.GenreId) FROM Artist a LEFT JOIN Album USING (ArtistId)
  LEFT JOIN Track t USING (AlbumId) GROUP BY a.ArtistId ORDER BY 1"""
GENRES_SEEDED = """SELECT count(DISTINCT genre_id) FROM artists a
  LEFT JOIN track_artists ON artist_id = a.id LEFT JOIN track_genres USING (track_id)
  GROUP BY a.id ORDER BY 1"""
