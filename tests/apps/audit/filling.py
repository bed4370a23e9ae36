"""The worked example's library: 4 artists, each with 15 tracks of 3 genres, and 3 albums."""

from __future__ import annotations

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from .models import Album, Artist, Base, Genre, Track


def fill(engine: Engine) -> None:
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        genres = [Genre(name=f"Genre {n}") for n in range(3)]
        for number in range(4):
            tracks = [Track(title=f"Track {n}", genres=genres) for n in range(15)]
            albums = [Album(title=f"Album {n}") for n in range(3)]
            session.add(Artist(name=f"Artist {number}", tracks=tracks, albums=albums))
        session.commit()
