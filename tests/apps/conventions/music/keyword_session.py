"""Plain functions; the session is a keyword."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Query, Session, joinedload, selectinload

from music.models import Artist, Track


@dataclass(frozen=True)
class ArtistCard:
    name: str
    tracks: int


def search_artists(query: str, *, db_session: Session) -> Sequence[Artist]:
    """Return entities."""
    statement = select(Artist).options(joinedload(Artist.tracks), joinedload(Artist.albums))
    return db_session.scalars(statement.where(Artist.name.contains(query))).unique().all()


def artist_cards(*, session: Session) -> list[ArtistCard]:
    """Return DTOs, made from entities."""
    artists = session.scalars(select(Artist).order_by(Artist.name))
    return [ArtistCard(artist.name, len(artist.tracks)) for artist in artists]


def track_counts(*, db) -> list[ArtistCard]:  # type: ignore[no-untyped-def]
    """Return DTOs, made from rows; nothing is annotated."""
    counted = (
        select(Artist.name, func.count(Track.id))
        .join(Track)
        .group_by(Artist.id)
        .order_by(Artist.id)
    )
    return [ArtistCard(name, tracks) for name, tracks in db.execute(counted)]


def artists_of(country: str, *, session: Session) -> Query[Artist]:
    """Return a Query that the caller refines and runs."""
    return (
        session.query(Artist).options(selectinload(Artist.albums)).filter(Artist.country == country)
    )


def long_tracks(seconds: int = 200, *, session: Session) -> Select[tuple[Track]]:
    """Return a Select that the caller runs."""
    shortest = session.scalar(select(func.min(Track.seconds))) or 0
    return (
        select(Track)
        .options(selectinload(Track.genres))
        .where(Track.seconds >= max(seconds, shortest))
    )
