"""Calls whose cost does not show where they are made."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session, contains_eager, sessionmaker

from music.models import Album, Artist, Genre, Track

engine = create_engine("sqlite:///music.db")
SessionLocal = sessionmaker(engine, expire_on_commit=False)


def joined_by_hand(session: Session) -> Sequence[Artist]:
    """Two sibling outer joins, and contains_eager for each."""
    statement = (
        select(Artist)
        .outerjoin(Artist.tracks)
        .outerjoin(Artist.albums)
        .options(contains_eager(Artist.tracks), contains_eager(Artist.albums))
    )
    return session.scalars(statement).unique().all()


def get_by_id(artist_id: int) -> Artist | None:
    with SessionLocal() as session:
        return session.get(Artist, artist_id)


def artists_by_id(first: int = 1, last: int = 12) -> list[Artist | None]:
    """Open a session for each artist."""
    return [get_by_id(each) for each in range(first, last + 1)]


def statistics(session: Session) -> dict[str, Any]:
    """Eleven questions."""
    asked = {
        "artists": select(func.count(Artist.id)),
        "albums": select(func.count(Album.id)),
        "tracks": select(func.count(Track.id)),
        "genres": select(func.count(Genre.id)),
        "seconds": select(func.sum(Track.seconds)),
        "shortest": select(func.min(Track.seconds)),
        "longest": select(func.max(Track.seconds)),
        "average": select(func.avg(Track.seconds)),
        "countries": select(func.count(Artist.country.distinct())),
        "first artist": select(func.min(Artist.name)),
        "last album": select(func.max(Album.title)),
    }
    return {name: session.scalar(statement) for name, statement in asked.items()}


def names_under_distinct(session: Session) -> Sequence[str]:
    """Names of artists that have tracks and albums: the engine builds every pair of them."""
    statement = select(Artist.name).join(Artist.tracks).join(Artist.albums).distinct()
    return session.scalars(statement).all()


@cache
def genre_names() -> list[str]:
    """Asked once in the life of the process."""
    with SessionLocal() as session:
        return list(session.scalars(select(Genre.name)))
