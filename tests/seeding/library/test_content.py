from __future__ import annotations

import hashlib
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]

# What each matched artist multiplies to, and what it holds, by plain SQL over the finished file.
JOINED_AND_NEEDED = """
WITH links AS (
  SELECT ta.artist_id, ta.track_id, count(tg.genre_id) AS genres
  FROM track_artists ta LEFT JOIN track_genres tg ON tg.track_id = ta.track_id
  GROUP BY ta.artist_id, ta.track_id
), per_artist AS (
  SELECT a.id,
    coalesce((SELECT sum(max(1, genres)) FROM links WHERE artist_id = a.id), 1) AS joined_tracks,
    (SELECT count(*) FROM links WHERE artist_id = a.id) AS tracks,
    (SELECT count(*) FROM albums WHERE artist_id = a.id) AS albums
  FROM artists a WHERE a.name LIKE 'The%'
)
SELECT sum(joined_tracks * max(1, albums)),
  count(*) + sum(tracks) + sum(albums) + (
    SELECT count(*) FROM track_genres WHERE track_id IN (
      SELECT track_id FROM links WHERE artist_id IN (SELECT id FROM per_artist)))
FROM per_artist
"""


def digest(path: Path) -> str:
    with closing(sqlite3.connect(path)) as database:
        return hashlib.sha256("\n".join(database.iterdump()).encode()).hexdigest()


@pytest.mark.parametrize(
    ("albums", "joined", "needed"),
    [(0, 900, 1220), (1, 900, 1240), (2, 1800, 1260), (3, 2700, 1280)],
)
def test_the_audit_recipe_is_exact(seed_at, ask, albums, joined, needed):
    """The worked example of the design, counted in the file by the standard library alone."""
    path = seed_at("audit", {"albums_per_artist": str(albums)}).path
    assert ask(path, JOINED_AND_NEEDED) == [(joined, needed)]


@pytest.mark.parametrize("albums", [0, 1, 2, 3])
def test_the_audited_join_ships_that_many_rows(seed_at, ask, albums):
    """The product is what SQLite itself answers to the audited join."""
    path = seed_at("audit", {"albums_per_artist": str(albums)}).path
    sql = """SELECT count(*) FROM artists a
      LEFT JOIN (track_artists ta JOIN tracks t ON t.id = ta.track_id) ON ta.artist_id = a.id
      LEFT JOIN track_genres tg ON tg.track_id = t.id
      LEFT JOIN albums b ON b.artist_id = a.id WHERE a.name LIKE 'The%'"""
    assert ask(path, sql) == [(20 * 45 * max(1, albums),)]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_chinook_has_the_figures_of_the_shop(seed_at, ask, number):
    """Within five per cent of the real counts, the playlists within fifteen, at any seed."""
    made = seed_at("chinook", seed=number)
    assert (made.counts["artists"], made.counts["genres"], made.counts["playlists"]) == (
        275,
        25,
        18,
    )
    assert made.counts["albums"] == pytest.approx(347, rel=0.05)
    assert made.counts["tracks"] == pytest.approx(3503, rel=0.05)
    assert made.counts["playlist_tracks"] == pytest.approx(8715, rel=0.15)
    [(with_albums,)] = ask(made.path, "SELECT count(DISTINCT artist_id) FROM albums")
    assert with_albums == pytest.approx(204, abs=2)
    [(largest,)] = ask(
        made.path,
        "SELECT max(n) FROM (SELECT count(*) n FROM playlist_tracks GROUP BY playlist_id)",
    )
    assert largest == 3290


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
def test_the_search_explodes_on_chinook(seed_at, ask, number):
    """A search for "The" meets the tail, and ships three times what it needs, at any seed."""
    path = seed_at("chinook", seed=number).path
    [(joined, needed)] = ask(path, JOINED_AND_NEEDED)
    assert joined > 3 * needed


@pytest.mark.parametrize("recipe", ["tiny", "audit", "chinook", "playlists"])
def test_the_article_is_for_its_share_and_nobody_else(seed_at, ask, recipe):
    """As many names begin with the article as the recipe says, and none by accident."""
    made = seed_at(recipe)
    share = {"tiny": 0.5, "audit": 1.0, "chinook": 0.3, "playlists": 0.1}[recipe]
    [(the, theodore)] = ask(
        made.path, "SELECT sum(name LIKE 'The %'), sum(name LIKE 'The%') FROM artists"
    )
    assert the == theodore == pytest.approx(share * made.counts["artists"], abs=1)


@pytest.mark.parametrize("recipe", ["tiny", "audit", "chinook", "playlists"])
def test_every_link_leads_somewhere(seed_at, ask, recipe):
    """No foreign key dangles, and the file is whole."""
    path = seed_at(recipe).path
    assert ask(path, "PRAGMA foreign_key_check") == []
    assert ask(path, "PRAGMA integrity_check") == [("ok",)]


def test_the_counts_are_those_of_the_file(seed_at, ask):
    """The summary says what is in the tables."""
    made = seed_at("tiny")
    stored = {t: ask(made.path, f"SELECT count(*) FROM {t}")[0][0] for t in made.counts}
    assert stored == made.counts
    assert made.rows == sum(stored.values())


def test_the_secondary_indices_are_there(seed_at, ask):
    """Every foreign key that does not lead its primary key has an index."""
    names = ask(seed_at("tiny").path, "SELECT name FROM sqlite_master WHERE type='index'")
    assert {name for (name,) in names if name.startswith("ix_")} == {
        "ix_albums_artist_id",
        "ix_tracks_album_id",
        "ix_track_artists_artist_id",
        "ix_track_genres_genre_id",
        "ix_playlist_tracks_track_id",
    }


def test_tracks_of_an_artist_are_dealt_over_its_albums(seed_at, ask):
    """Fifteen tracks on two albums are eight and seven; without albums they are singles."""
    path = seed_at("audit").path
    per_album = ask(path, "SELECT DISTINCT count(*) FROM tracks GROUP BY album_id ORDER BY 1")
    assert per_album == [(7,), (8,)]
    path = seed_at("audit", {"albums_per_artist": "0"}, replace=True).path
    assert ask(path, "SELECT count(*), count(album_id) FROM tracks") == [(300, 0)]


def test_guests_are_others(seed_at, ask):
    """A track with two guests has three different artists, its own among them."""
    path = seed_at("audit", {"guests_per_track": "2"}).path
    assert ask(path, "SELECT DISTINCT count(*) FROM track_artists GROUP BY track_id") == [(3,)]


def test_a_steep_skew_still_fills_a_playlist(seed_at, ask):
    """Where hardly anything but the favourite is ever drawn, the rest is filled evenly."""
    overrides = {"playlists": "2", "tracks_per_playlist": "60", "track_skew": "10"}
    path = seed_at("audit", overrides).path
    sizes = ask(path, "SELECT count(*) FROM playlist_tracks GROUP BY playlist_id")
    assert sizes == [(60,), (60,)]


@pytest.mark.parametrize("recipe", ["tiny", "chinook"])
def test_the_same_arguments_make_the_same_content(seed_at, recipe):
    """A library can be made again; another seed or scale makes another."""
    first = digest(seed_at(recipe).path)
    assert digest(seed_at(recipe, replace=True).path) == first
    assert digest(seed_at(recipe, replace=True, seed=-1).path) != first
    assert digest(seed_at(recipe, replace=True, scale=2).path) != first


def test_content_does_not_depend_on_the_hash_seed(seed_at, tmp_path):
    """Another process with another order of sets makes the same library."""
    first = digest(seed_at("tiny").path)
    code = (
        "from qprof.seeding.library.recipes import load_recipe; "
        "from qprof.seeding.library.seeding import seed; "
        "seed('sqlite:///other.db', load_recipe('tiny'))"
    )
    for hash_seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
        subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, check=True)
        assert digest(tmp_path / "other.db") == first
        (tmp_path / "other.db").unlink()
