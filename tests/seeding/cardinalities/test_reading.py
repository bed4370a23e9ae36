"""What leaves a database is numbers; how its tables are found, and what is said where not."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from qprof.domain.errors import MeasureError, QprofError
from qprof.runs.seeding import derive_recipe
from qprof.seeding.cardinalities import read
from qprof.seeding.library.recipes import load_recipe
from qprof.seeding.library.seeding import seed
from qprof.targets.database import open_database
from tests.seeding.cardinalities.ratios import asked
from tests.seeding.cardinalities.shops import BY_ALBUM, SECRET, Shop, made

SHOP = Shop([[3, 2], [4], [], [1, 0, 6]], 3, [0, 0, 0, 1, 2], [{0, 1, 4}, set(), {2}])
LINKED = """
CREATE TABLE shop_artist (id INTEGER PRIMARY KEY);
CREATE TABLE shop_track (id INTEGER PRIMARY KEY);
CREATE TABLE shop_track_artists (id INTEGER PRIMARY KEY,
  track_id INTEGER REFERENCES shop_track (id), artist_id INTEGER REFERENCES shop_artist (id));
INSERT INTO shop_artist VALUES (1), (2), (3);
INSERT INTO shop_track VALUES (1), (2), (3), (4);
INSERT INTO shop_track_artists (track_id, artist_id) VALUES (1, 1), (2, 1), (2, 2), (2, 2), (3, 1);
"""


def recipe_of(url: str, tmp_path: Path, **mapping: str) -> Any:
    (tmp_path / "derived.toml").write_text(derive_recipe(url, mapping, base="chinook").text)
    return load_recipe(str(tmp_path / "derived.toml"))


def test_only_numbers_of_rows_come_back(tmp_path: Path) -> None:
    """Every value that a counting SELECT answers with is smaller than the smallest key."""
    file = SHOP.write(tmp_path / "shop.db")
    values: list[object] = []
    statements: list[str] = []
    with open_database(f"sqlite:///{file}") as engine:

        @event.listens_for(engine, "after_cursor_execute")
        def seen(_: Any, cursor: Any, statement: str, *rest: Any) -> None:
            if "sqlite_" not in statement and "PRAGMA" not in statement:
                statements.append(statement)

        found = read(engine, {})
        with engine.connect() as connection:
            for statement in statements[:9]:
                markers = statement.count("?")
                rows = connection.exec_driver_sql(statement, (0,) * markers)
                values += [value for row in rows for value in row]
    assert len(statements) >= 7
    assert all(isinstance(value, int) and value < 1_000_000 for value in values)
    assert (found.counts.artists, found.counts.owned_tracks) == (4, 16)
    assert "Name" not in " ".join(statements)


def test_the_recipe_holds_no_content_and_the_database_stays(tmp_path: Path) -> None:
    """No name, no key; the file is byte for byte what it was, and so is a second recipe."""
    file = SHOP.write(tmp_path / "shop.db")
    before = hashlib.sha256(file.read_bytes()).hexdigest()
    text = derive_recipe(f"sqlite:///{file}", {}, base="chinook").text
    assert SECRET not in text
    assert "1000000" not in text
    assert hashlib.sha256(file.read_bytes()).hexdigest() == before
    assert derive_recipe(f"sqlite:///{file}", {}, base="chinook").text == text


def test_the_counts_are_those_of_the_shop(tmp_path: Path) -> None:
    """Empty albums, an artist without any, and an empty playlist among them."""
    recipe = recipe_of(f"sqlite:///{SHOP.write(tmp_path / 'shop.db')}", tmp_path)
    kinds = {(k.albums, k.tracks, k.genres) for k in recipe.discographies.kinds}
    assert kinds == {(0, 0, 0), (1, 4, 2), (2, 5, 3), (3, 7, 3)}
    assert {(k.tracks, k.genres) for k in recipe.tracklists.kinds} == {(0, 0), (1, 1), (3, 2)}
    assert recipe.genre_tracks == (10, 3, 3)
    assert recipe.tracks_per_album.values == (0, 1, 2, 3, 4, 6)


def test_link_tables_and_prefixes_are_found(tmp_path: Path) -> None:
    """An artist's tracks by a link with a key of its own; a pair counts once."""
    url = made(tmp_path / "linked.db", LINKED)
    recipe = recipe_of(url, tmp_path)
    assert {(k.albums, k.tracks) for k in recipe.discographies.kinds} == {(0, 0), (0, 3)}
    assert recipe.guests_per_track.values == (0, 1)
    assert recipe.playlists == 0
    text = (tmp_path / "derived.toml").read_text()
    assert "# There are no albums: none are made.\n" in text
    assert "# There are no playlists: none are made.\n" in text
    assert "those of the base recipe are kept" in text
    assert "# 1 of 4 tracks hang on no artist and are left out.\n" in text
    assert recipe.genres == load_recipe("chinook").genres


def test_the_track_of_several_counts_for_the_artist_of_its_album(tmp_path: Path) -> None:
    """Not for the one whose key comes first."""
    script = """
    CREATE TABLE artist (id INTEGER PRIMARY KEY);
    CREATE TABLE album (id INTEGER PRIMARY KEY, artist_id INTEGER REFERENCES artist (id));
    CREATE TABLE track (id INTEGER PRIMARY KEY, album_id INTEGER REFERENCES album (id));
    CREATE TABLE credit (track_id INTEGER REFERENCES track (id),
      artist_id INTEGER REFERENCES artist (id), PRIMARY KEY (track_id, artist_id));
    INSERT INTO artist VALUES (1), (2);
    INSERT INTO album VALUES (1, 2);
    INSERT INTO track VALUES (1, 1), (2, 1);
    INSERT INTO credit VALUES (1, 1), (1, 2), (2, 2);
    """
    recipe = recipe_of(made(tmp_path / "guests.db", script), tmp_path)
    assert {(k.albums, k.tracks) for k in recipe.discographies.kinds} == {(0, 0), (1, 2)}


RENAMED = BY_ALBUM.replace("TABLE Artist ", "TABLE Band ").replace(
    "REFERENCES Artist", "REFERENCES Band"
)
TWO_LINKS = (
    LINKED
    + """CREATE TABLE likes (track_id INTEGER REFERENCES shop_track (id),
  artist_id INTEGER REFERENCES shop_artist (id), PRIMARY KEY (track_id, artist_id));
  ALTER TABLE shop_track_artists RENAME TO credits;"""
)
UNRELATED = BY_ALBUM + "CREATE TABLE Shop (id INTEGER PRIMARY KEY);"
WRONG: dict[str, tuple[str, dict[str, str], type[QprofError], str]] = {
    "no artists": (RENAMED, {}, QprofError, "is named after artists; add --map artists=TABLE. Tab"),
    "a near name": (
        "CREATE TABLE Artiste (id INTEGER PRIMARY KEY)",
        {},
        QprofError,
        "add --map artists=Artiste. Tables: Artiste.",
    ),
    "unknown thing": (BY_ALBUM, {"artist": "Artist"}, QprofError, "Did you mean 'artists'?"),
    "unknown table": (BY_ALBUM, {"artists": "Artits"}, QprofError, "Did you mean 'Artist'?"),
    "not related": (
        UNRELATED,
        {"artists": "Shop"},
        QprofError,
        "No foreign key leads from Track to",
    ),
    "no such link": (
        BY_ALBUM,
        {"playlist_tracks": "Genre"},
        QprofError,
        "--map playlist_tracks=Genre: the table has no foreign key to Playlist",
    ),
    "two columns": (
        BY_ALBUM,
        {"artists": "PlaylistTrack"},
        QprofError,
        "PlaylistTrack has a primary key of 2 columns",
    ),
    "two links": (
        TWO_LINKS,
        {},
        QprofError,
        "credits or likes could link shop_track to shop_artis",
    ),
    "two tables": (
        "CREATE TABLE a_artist (id INTEGER PRIMARY KEY); CREATE TABLE b_artist (id INTEGER PRIMARY "
        "KEY)",
        {},
        QprofError,
        "The artists could be in a_artist or b_artist; say which, for example --map artists=a_art",
    ),
    "empty": (BY_ALBUM, {}, MeasureError, "no row of Artist has a track"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_what_cannot_be_read_gets_a_sentence(kind: str, tmp_path: Path) -> None:
    """It names what is missing, the nearest names, and what to type."""
    script, mapping, error, sentence = WRONG[kind]
    with pytest.raises(error) as caught:
        derive_recipe(made(tmp_path / "wrong.db", script), mapping, base="chinook")
    assert sentence in str(caught.value)
    assert type(caught.value) is error


def test_a_mapping_finds_what_names_do_not(tmp_path: Path) -> None:
    """Another table for the artists, and which of two links counts."""
    url = made(tmp_path / "two.db", TWO_LINKS)
    recipe = recipe_of(url, tmp_path, track_artists="credits")
    assert recipe.discographies.most("tracks") == 3
    shop = SHOP.write(tmp_path / "shop.db")
    made(shop, "ALTER TABLE Artist RENAME TO Band")
    recipe = recipe_of(f"sqlite:///{shop}", tmp_path, artists="Band")
    assert recipe.artists == 4


def test_empty_playlists_of_a_database_without_entries(tmp_path: Path) -> None:
    """As many playlists are made as there are, with nothing in them; and it is said."""
    script = LINKED + "CREATE TABLE playlist (id INTEGER PRIMARY KEY);"
    url = made(tmp_path / "none.db", script)
    assert recipe_of(url, tmp_path).playlists == 0
    made(tmp_path / "none.db", "INSERT INTO playlist VALUES (1), (2);")
    recipe = recipe_of(url, tmp_path)
    assert (recipe.playlists, recipe.mean_entries) == (2, 0)
    assert "they are made empty" in (tmp_path / "derived.toml").read_text()


def test_tracks_without_a_genre_are_counted_once(tmp_path: Path) -> None:
    """An artist without any genre has none again; half of another's tracks have one."""
    file = Shop([[4], [20]], 1, [0], []).write(tmp_path / "shop.db")
    made(file, "UPDATE Track SET GenreId = NULL WHERE TrackId < 1000004 OR TrackId > 1000013")
    recipe = recipe_of(f"sqlite:///{file}", tmp_path)
    assert {(k.tracks, k.of_genre) for k in recipe.discographies.kinds} == {(4, 0), (20, 10)}
    library = tmp_path / "library.db"
    seed(f"sqlite:///{library}", recipe)
    sql = "SELECT count(*) FROM track_genres JOIN track_artists USING (track_id) GROUP BY artist_id"
    assert asked(library, sql) == [(10,)]


def test_a_foreign_key_goes_before_a_table_that_happens_to_hold_both(tmp_path: Path) -> None:
    """Reviews of albums link no artists to them, and a cover is no list of tracks."""
    file = SHOP.write(tmp_path / "shop.db")
    before = recipe_of(f"sqlite:///{file}", tmp_path)
    made(
        file,
        """CREATE TABLE Review (ReviewId INTEGER PRIMARY KEY,
          AlbumId INTEGER REFERENCES Album (AlbumId),
          ArtistId INTEGER REFERENCES Artist (ArtistId),
          TrackId INTEGER REFERENCES Track (TrackId), GenreId INTEGER REFERENCES Genre (GenreId));
        ALTER TABLE Playlist ADD COLUMN CoverId INTEGER REFERENCES Track (TrackId);""",
    )
    recipe = recipe_of(f"sqlite:///{file}", tmp_path)
    assert recipe.discographies.most("albums") == before.discographies.most("albums")
    assert recipe.genre_tracks == before.genre_tracks
    assert recipe.tracklists == before.tracklists
