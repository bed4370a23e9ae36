"""Rows joined ÷ rows needed of sibling pairs, by the standard library's sqlite3 and plain SQL.

Nothing here is qprof's. Each query answers with two numbers for each parent: how many of the one
sibling it has, and how many of the other.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

CHINOOK = {
    "artist: albums × tracks": """SELECT
      (SELECT count(*) FROM Album b WHERE b.ArtistId = a.ArtistId),
      (SELECT count(*) FROM Album b JOIN Track t USING (AlbumId) WHERE b.ArtistId = a.ArtistId)
      FROM Artist a""",
    "genre: tracks × artists": """SELECT count(t.TrackId), count(DISTINCT b.ArtistId)
      FROM Genre g LEFT JOIN Track t USING (GenreId) LEFT JOIN Album b USING (AlbumId)
      GROUP BY g.GenreId""",
    "playlist: tracks × genres": """SELECT count(t.TrackId), count(DISTINCT t.GenreId)
      FROM Playlist p LEFT JOIN PlaylistTrack USING (PlaylistId) LEFT JOIN Track t USING (TrackId)
      GROUP BY p.PlaylistId""",
    "track: playlists × genres": """SELECT count(pt.PlaylistId), t.GenreId IS NOT NULL
      FROM Track t LEFT JOIN PlaylistTrack pt USING (TrackId) GROUP BY t.TrackId""",
}
LIBRARY = {
    "artist: albums × tracks": """SELECT (SELECT count(*) FROM albums b WHERE b.artist_id = a.id),
      (SELECT count(*) FROM track_artists l WHERE l.artist_id = a.id) FROM artists a""",
    "genre: tracks × artists": """SELECT count(DISTINCT tg.track_id), count(DISTINCT ta.artist_id)
      FROM genres g LEFT JOIN track_genres tg ON tg.genre_id = g.id
      LEFT JOIN track_artists ta USING (track_id) GROUP BY g.id""",
    "playlist: tracks × genres": """SELECT count(DISTINCT pt.track_id), count(DISTINCT tg.genre_id)
      FROM playlists p LEFT JOIN playlist_tracks pt ON pt.playlist_id = p.id
      LEFT JOIN track_genres tg USING (track_id) GROUP BY p.id""",
    "track: playlists × genres": """SELECT
      (SELECT count(*) FROM playlist_tracks WHERE track_id = t.id),
      (SELECT count(*) FROM track_genres WHERE track_id = t.id) FROM tracks t""",
}


def asked(file: Path, sql: str) -> list[tuple[int, ...]]:
    """Ask a file that is only read."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        return database.execute(sql).fetchall()


def ratio(file: Path, sql: str) -> float:
    """Return Σ max(1, a) · max(1, b) ÷ (parents + Σ a + Σ b)."""
    rows = asked(file, sql)
    joined = sum(max(1, a) * max(1, b) for a, b in rows)
    return joined / sum(1 + a + b for a, b in rows)
