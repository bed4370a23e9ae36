"""Databases of a user's own, made by the standard library alone."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

BY_ALBUM = """
CREATE TABLE Artist (ArtistId INTEGER PRIMARY KEY, Name TEXT);
CREATE TABLE Album (AlbumId INTEGER PRIMARY KEY, Title TEXT,
  ArtistId INTEGER REFERENCES Artist (ArtistId));
CREATE TABLE Genre (GenreId INTEGER PRIMARY KEY, Name TEXT);
CREATE TABLE Track (TrackId INTEGER PRIMARY KEY, Name TEXT,
  AlbumId INTEGER REFERENCES Album (AlbumId), GenreId INTEGER REFERENCES Genre (GenreId));
CREATE TABLE Playlist (PlaylistId INTEGER PRIMARY KEY, Name TEXT);
CREATE TABLE PlaylistTrack (PlaylistId INTEGER REFERENCES Playlist (PlaylistId),
  TrackId INTEGER REFERENCES Track (TrackId), PRIMARY KEY (PlaylistId, TrackId));
"""
SECRET = "Greta Muster"


@dataclass(frozen=True)
class Shop:
    """Album sizes by artist, a genre for each track in turn, and the tracks of playlists."""

    artists: Sequence[Sequence[int]]
    genres: int
    track_genres: Sequence[int]
    playlists: Sequence[set[int]]

    @property
    def tracks(self) -> int:
        return sum(map(sum, self.artists))

    def write(self, file: Path) -> Path:
        """Write the tables of `BY_ALBUM`; keys start at 1,000,000: none looks like a count."""
        with closing(sqlite3.connect(file)) as database, database:
            database.executescript(BY_ALBUM)
            self._fill(database)
        return file

    def _fill(self, database: sqlite3.Connection) -> None:
        first = 1_000_000
        albums = [(a, size) for a, sizes in enumerate(self.artists) for size in sizes]
        homes = [album for album, (_, size) in enumerate(albums) for _ in range(size)]
        wheel = self.track_genres
        rows: dict[str, list[tuple[object, ...]]] = {
            "Artist": [(first + a, SECRET) for a in range(len(self.artists))],
            "Album": [(first + b, SECRET, first + a) for b, (a, _) in enumerate(albums)],
            "Genre": [(first + g, SECRET) for g in range(self.genres)],
            "Track": [
                (first + t, SECRET, first + home, first + wheel[t % len(wheel)])
                for t, home in enumerate(homes)
            ],
            "Playlist": [(first + p, SECRET) for p in range(len(self.playlists))],
            "PlaylistTrack": [
                (first + p, first + t) for p, own in enumerate(self.playlists) for t in own
            ],
        }
        for table, values in rows.items():
            if values:
                marks = ", ".join("?" * len(values[0]))
                database.executemany(f"INSERT INTO {table} VALUES ({marks})", values)


def made(file: Path, script: str) -> str:
    """Run a script on a new file, and return its URL."""
    with closing(sqlite3.connect(file)) as database, database:
        database.executescript(script)
    return f"sqlite:///{file}"
