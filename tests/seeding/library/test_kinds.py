"""Recipes that say of each kind of artist and playlist what it has of everything at once."""

from __future__ import annotations

from collections import Counter

import pytest

from qprof.seeding.library.dealing import apportion
from qprof.seeding.library.library_error import RecipeError
from qprof.seeding.library.recipes import load_recipe

RECIPE = """
artists = 4
discographies = [
  {artists = 2},
  {artists = 1, albums = 2, tracks = 7, genre = 1},
  {artists = 1, albums = 3, tracks = 20, genre = 2, of_genre = 15, genres = 3},
]
tracks_per_album = {counts = [[1, 3], [10, 2]]}
genres = 3
genre_tracks = [20, 10, 1]
playlists = 3
tracklists = [{playlists = 2, tracks = 12, genres = 2}, {playlists = 1, tracks = 30}]
"""


@pytest.fixture
def recipe(tmp_path):
    path = tmp_path / "kinds.toml"
    path.write_text(RECIPE)
    return str(path)


@pytest.mark.parametrize("scale", [1, 3])
@pytest.mark.parametrize("number", [1, 2])
def test_every_kind_is_there_as_often_as_it_was_counted(seed_at, ask, recipe, scale, number):
    """Albums, tracks and genres of an artist belong together, at any whole scale and seed."""
    path = seed_at(recipe, scale=scale, seed=number).path
    sql = """SELECT (SELECT count(*) FROM albums WHERE artist_id = a.id),
      count(DISTINCT track_id), count(DISTINCT genre_id), coalesce(sum(genre_id = 2), 0)
      FROM artists a LEFT JOIN track_artists ta ON ta.artist_id = a.id
      LEFT JOIN track_genres USING (track_id) GROUP BY a.id"""
    expected = {(0, 0, 0, 0): 2, (2, 7, 1, 0): 1, (3, 20, 3, 15): 1}
    found = Counter(ask(path, sql))
    assert found == {kind: many * scale for kind, many in expected.items()}


def test_playlists_keep_to_their_genres(seed_at, ask, recipe):
    """Two playlists of twelve tracks and two genres, and one that holds all there is."""
    sql = """SELECT count(DISTINCT track_id), count(DISTINCT genre_id) FROM playlist_tracks
      JOIN track_genres USING (track_id) GROUP BY playlist_id ORDER BY 1"""
    assert ask(seed_at(recipe).path, sql) == [(12, 2), (12, 2), (27, 3)]


def test_without_genres_in_the_kinds_every_track_draws_its_own(seed_at, ask, recipe):
    """Sizes of genres alone weigh the genres, as a skew would."""
    changed = {"discographies": "[{artists = 1, albums = 1, tracks = 500}]"}
    changed["tracklists"] = "[{playlists = 1, tracks = 40}]"
    path = seed_at(recipe, changed).path
    counts = ask(path, "SELECT count(*) FROM track_genres GROUP BY genre_id ORDER BY genre_id")
    expected = [2000 * share / 31 for share in (20, 10, 1)]
    assert [n for (n,) in counts] == [pytest.approx(e, rel=0.3) for e in expected]
    assert ask(path, "SELECT count(*) FROM playlist_tracks") == [(120,)]


def test_an_override_ousts_what_says_the_same(recipe):
    """A number of albums for each artist takes the place of the kinds."""
    changed = load_recipe(recipe, {"albums_per_artist": "2", "tracks_per_playlist": "4"})
    assert (changed.discographies, changed.tracklists) == (None, None)
    assert changed.mean_albums == 2
    assert load_recipe("chinook", {"genre_tracks": str([1] * 25)}).genre_skew == 0


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("discographies", "3", "must be a list of 1 to 10,000 tables, not 3; write for example [{"),
        ("discographies", "[]", "must be a list of 1 to 10,000 tables, not []; write for example"),
        ("discographies", "[{albums = 1}]", "has an entry 1 without \"artists\", {'albums': 1}; "),
        (
            "discographies",
            "[{artists = 1, album = 1}]",
            'has no part "album" in its entry 1; did you mean "albums"?',
        ),
        ("discographies", "[{artists = 0}]", 'has an entry 1 whose "artists" must be a whole numb'),
        ("discographies", "[{artists = 1, tracks = -1}]", 'an entry 1 whose "tracks" must be a wh'),
        (
            "discographies",
            "[{artists = 1, tracks = 2, genre = 1, of_genre = 3}]",
            "has an entry 1 with 3 tracks of its main genre, of 2 in all; set of_genre to 2 or",
        ),
        ("discographies", "[{artists = 1, genres = 2}]", "with genres and no main genre; add genr"),
        (
            "discographies",
            "[{artists = 1, tracks = 1, genre = 13}]",
            "go up to genre 13, and genres is 3; set genres to 13 or more",
        ),
        ("tracklists", "[{tracks = 1}]", 'has an entry 1 without "playlists"'),
        ("tracklists", "[{playlists = 1, track = 1}]", 'did you mean "tracks"?'),
        ("genre_tracks", "[1, 2, 3]", "must start with the largest genre and descend; write [120"),
        ("genre_tracks", "[3, 2]", "genre_tracks has 2 genres, and genres is 3; set genres to 2"),
        ("genre_tracks", "7", "must be a list of 1 to 10,000 whole numbers, not 7; write for ex"),
        ("tracks_per_album", "{counts = 3}", "must give counts a list of pairs, not 3; write [[1"),
        ("tracks_per_album", "{counts = [3]}", "must give counts pairs, not 3; write [[1, 30], [2"),
        ("tracks_per_album", "{counts = [[1, 0]]}", "must be a whole number from 1 to"),
        ("tracks_per_album", "{counts = [[-1, 1]]}", "must be a whole number from 0 to"),
        ("tracks_per_album", "{counts = [[1, 1]], min = 1}", 'has no part "min" in a counts table'),
    ],
)
def test_a_bad_kind_gets_a_sentence(recipe, key, value, sentence):
    """Each complaint names the key, the entry and the part, and says what to write."""
    with pytest.raises(RecipeError) as caught:
        load_recipe(recipe, {key: value})
    assert sentence in str(caught.value)
    assert key in str(caught.value)


def test_two_keys_that_say_the_same_are_refused(tmp_path):
    """A file has to decide for one of them."""
    path = tmp_path / "both.toml"
    path.write_text("discographies = [{artists = 1}]\nalbums_per_artist = 2")
    with pytest.raises(RecipeError, match="both count the albums; keep one of them"):
        load_recipe(str(path))


@pytest.mark.parametrize(
    ("total", "weights", "shares"),
    [(7, [1, 1], [4, 3]), (10, [1, 10], [1, 9]), (3, [0, 0], [2, 1]), (0, [5], [0]), (4, [], [])],
)
def test_tracks_are_apportioned_by_weight(total, weights, shares):
    """No track is lost, and none is made up."""
    assert apportion(total, weights) == shares
