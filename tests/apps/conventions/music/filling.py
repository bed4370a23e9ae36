"""Fills a library file: every artist alike, so that the product of the joins can be reckoned."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, create_engine, insert
from sqlalchemy.orm import Session

from music.models import Album, Artist, Base, Genre, Track, track_genres

NAMES = ("Abba", "Bach", "Can", "Devo", "Eno", "Fauré", "Genesis", "Haydn", "Ives", "Joplin")
GENRES = 6


def fill(
    file: Path, *, artists: int = 12, tracks: int = 5, genres: int = 2, albums: int = 3
) -> None:
    """Write a new library to `file`; the counts are for each artist, and `genres` for a track."""
    engine = create_engine(f"sqlite:///{file}")
    Base.metadata.create_all(engine)
    _fill(engine, artists, tracks, genres, albums)
    engine.dispose()


def _fill(engine: Engine, artists: int, tracks: int, genres: int, albums: int) -> None:
    owners = range(1, artists + 1)
    songs = [(artist, number) for artist in owners for number in range(tracks)]
    with Session(engine) as session, session.begin():
        session.execute(insert(Genre), [{"name": f"Genre {each}"} for each in range(GENRES)])
        session.execute(insert(Artist), [_artist(each) for each in owners])
        session.execute(
            insert(Album),
            [{"title": f"Album {each}", "artist_id": a} for a in owners for each in range(albums)],
        )
        session.execute(
            insert(Track),
            [
                {"title": f"Track {number}", "seconds": 100 + 40 * number, "artist_id": artist}
                for artist, number in songs
            ],
        )
        links = [
            {"track_id": track, "genre_id": (track + each) % GENRES + 1}
            for track in range(1, len(songs) + 1)
            for each in range(genres)
        ]
        session.execute(insert(track_genres), links)


def _artist(number: int) -> dict[str, str]:
    name = f"{NAMES[number % len(NAMES)]} {number}"
    return {"name": name, "country": ("FR", "US", "DE")[number % 3]}
