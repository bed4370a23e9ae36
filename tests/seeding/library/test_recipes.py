from __future__ import annotations

import pytest

from qprof.seeding.library.library_error import RecipeError
from qprof.seeding.library.recipe import scaled
from qprof.seeding.library.recipes import load_recipe, recipe_names


def test_the_promised_recipes_are_there():
    """The recipes that the design names come with qprof."""
    assert recipe_names() == ["audit", "chinook", "fma", "playlists", "tiny", "uniform"]


@pytest.mark.parametrize("name", recipe_names())
def test_every_recipe_loads_and_describes_itself(name):
    """A recipe that ships is in order."""
    recipe = load_recipe(name)
    assert recipe.name == name
    assert recipe.description
    assert recipe.overrides == ()


def test_a_recipe_is_read_from_a_path(tmp_path):
    """A path that ends in .toml is a recipe of the user's, named after its file."""
    (tmp_path / "mine.toml").write_text("artists = 3")
    recipe = load_recipe(str(tmp_path / "mine.toml"))
    assert (recipe.name, recipe.artists, recipe.tracks_per_album.most) == ("mine", 3, 10)


def test_an_override_is_read_as_toml_and_remembered():
    """An override may be a table, and the recipe knows what was changed."""
    recipe = load_recipe("audit", {"albums_per_artist": " {uniform = [1, 3]} ", "artists": "9"})
    assert (recipe.artists, recipe.albums_per_artist.most) == (9, 3)
    assert recipe.overrides == (("albums_per_artist", "{uniform = [1, 3]}"), ("artists", "9"))


def test_one_way_to_count_tracks_ousts_the_other():
    """Overriding tracks_per_album of a recipe that counts by artist needs no second override."""
    recipe = load_recipe("audit", {"tracks_per_album": "4"})
    assert recipe.tracks_per_artist is None
    assert recipe.tracks_per_album.most == 4


SHAPES = "3, {uniform = [1, 5]} or {zipf = 2.5, min = 1, max = 40}"
COUNT = "a whole number from 0 to 100,000, or a table that names a shape"


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("artist", "3", 'has an unknown key "artist"; did you mean "artists"?'),
        ("artists", "0", "artists must be a whole number from 1 to 10,000,000, not 0; write for "),
        ("artists", "-1", "not -1; write for example 20."),
        ("artists", "true", "not true; write for example 20."),
        ("artists", "2.5", "not 2.5; write for example 20."),
        ("artists", '"many"', "not 'many'; write for example 20."),
        ("the_artists", "nan", "the_artists must be a number from 0 to 1, not nan; write for "),
        ("the_artists", "1.1", "must be a number from 0 to 1, not 1.1; write for example 0.5."),
        ("the_artists", "true", "must be a number from 0 to 1, not true; write for example 0.5."),
        ("genre_skew", "inf", "genre_skew must be a number from 0 to 10, not inf; write for "),
        ("description", "3", "description must be a text in quotes, not 3; write for example"),
        ("albums_per_artist", "-1", f"must be {COUNT}, not -1; write for example {SHAPES}."),
        ("albums_per_artist", "true", f"must be {COUNT}, not true; write for example"),
        ("albums_per_artist", "[1, 2]", f"must be {COUNT}, not [1, 2]; write for example"),
        ("albums_per_artist", "{}", "must name one shape of zipf, normal, lognormal, uniform, co"),
        ("albums_per_artist", "{zipf = 2, uniform = [1, 2]}", "and names zipf and uniform; write"),
        ("albums_per_artist", "{zipf = 2, min = 1}", 'needs "max" beside the shape; write for'),
        ("albums_per_artist", "{zipf = 2, mx = 9}", 'has no part "mx" in a zipf table; did you me'),
        ("albums_per_artist", "{zipf = 2, min = 0, max = 4}", 'has a part "min" that must be a'),
        ("albums_per_artist", "{zipf = 2, min = 5, max = 4}", "end at 4 before they start at 5"),
        ("albums_per_artist", "{zipf = nan, max = 4}", 'has a part "zipf" that must be a number'),
        ("albums_per_artist", "{zipf = 2, max = 4, none = 2}", "from 0 to 1, not 2; write for"),
        ("albums_per_artist", "{normal = 2, sd = 0, max = 4}", 'has a part "sd" that must be a'),
        ("albums_per_artist", "{uniform = 3}", "must give uniform two bounds, not 3; write [1, 5]"),
        ("albums_per_artist", "{uniform = [5, 1]}", "bounds that end at 1 before they start at 5"),
        ("albums_per_artist", "{uniform = [1, true]}", "not true; write for example [1, 5]."),
        ("genres_per_track", "13", "genres_per_track goes up to 13, and genres is 12; set genres"),
        ("guests_per_track", "20", "up to 20 other artists, and artists is 20; set artists to 21"),
        ("artists", "chinook", "Cannot read artists=chinook: the value is not one TOML value;"),
        ("artists", "3\ngenres = 4", "the value is not one TOML value; write for example"),
    ],
)
def test_a_bad_value_gets_a_sentence(key, value, sentence):
    """Each complaint names the key and the value, and says what to write."""
    with pytest.raises(RecipeError) as caught:
        load_recipe("audit", {key: value})
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("artists = ", "is not valid TOML"),
        ("tracks_per_artist = 1\ntracks_per_album = 1", "both count the tracks; keep one of them"),
        ("albums_per_artist = 0\ntracks_per_album = 2", "albums_per_artist is 0; use tracks_per_"),
        (
            "tracks_per_artist = 0\nplaylists = 2\ntracks_per_playlist = 3",
            "tracks_per_playlist needs tracks, and there are none; set tracks_per_playlist to 0",
        ),
    ],
)
def test_a_bad_file_gets_a_sentence(tmp_path, text, sentence):
    """A recipe that cannot be read, or contradicts itself, says so."""
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(RecipeError) as caught:
        load_recipe(str(path))
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("chinok", 'There is no recipe "chinok"; did you mean "chinook"?'),
        ("zzz", 'There is no recipe "zzz"; use one of: audit, chinook, fma, playlists, tiny, unif'),
        ("nowhere.toml", "Cannot read the recipe nowhere.toml (No such file or directory); check"),
    ],
)
def test_an_unknown_recipe_gets_a_sentence(name, sentence):
    """A name that is no recipe is answered with those that are."""
    with pytest.raises(RecipeError) as caught:
        load_recipe(name)
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("scale", "sentence"),
    [
        (0, "The scale must be a number above 0, not 0; write for example 0.5."),
        (-1.0, "not -1.0"),
        (float("nan"), "not nan"),
        (float("inf"), "not inf"),
        (True, "not True"),
        (0.001, "leaves 0 of the 275 artists of recipe chinook, which needs 1; use 0.0036 or more"),
        (1e9, "over the limit of 200,000,000; use a scale below"),
        (1e300, "over the limit of 200,000,000; use a scale below"),
        (100_000, "over the limit of 200,000,000; use a scale below"),
    ],
)
def test_a_bad_scale_gets_a_sentence(scale, sentence):
    """A scale is a number above 0 that leaves somebody and does not fill the disk."""
    with pytest.raises(RecipeError) as caught:
        scaled(load_recipe("chinook"), scale)
    assert sentence in str(caught.value)


def test_scale_multiplies_the_roots_alone():
    """Ten times the scale is ten times the artists and playlists."""
    sizes = scaled(load_recipe("chinook"), 10)
    assert (sizes.artists, sizes.playlists) == (2750, 180)


def test_children_multiply_what_each_parent_has():
    """Albums, and with them tracks, and playlist entries; not the tracks of one album."""
    once, twice = load_recipe("chinook"), load_recipe("chinook", {"children": "2"})
    assert twice.albums_per_artist.mean == pytest.approx(2 * once.albums_per_artist.mean)
    assert twice.mean_tracks == pytest.approx(2 * once.mean_tracks)
    assert twice.tracks_per_playlist.mean == pytest.approx(2 * once.tracks_per_playlist.mean)
    assert twice.tracks_per_album == once.tracks_per_album
    assert (twice.artists, twice.genres) == (once.artists, once.genres)


def test_children_multiply_tracks_that_are_counted_by_artist():
    """As in the audited recipe, where albums and tracks are siblings."""
    recipe = load_recipe("audit", {"children": "4"})
    assert (recipe.albums_per_artist.most, recipe.mean_tracks) == (8, 60)


def test_fewer_children_leave_no_parent_without():
    """Who had some keeps one, and who had none still has none."""
    recipe = load_recipe("tiny", {"albums_per_artist": "{uniform = [0, 3]}", "children": "0.1"})
    assert recipe.albums_per_artist.values == (0, 1)
    assert recipe.albums_per_artist.mean == pytest.approx(0.75)


def test_a_recipe_that_states_no_albums_has_them_multiplied_too(tmp_path):
    """Two albums are what a recipe has that says nothing of them."""
    (tmp_path / "mine.toml").write_text("children = 3")
    assert load_recipe(str(tmp_path / "mine.toml")).albums_per_artist.most == 6


def test_one_as_many_children_is_the_same_library():
    """Nothing is rounded, and nothing named."""
    assert load_recipe("chinook", {"children": "1"}).albums_per_artist == (
        load_recipe("chinook").albums_per_artist
    )
