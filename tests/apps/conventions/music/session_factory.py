"""Repositories that open and close a session in each method."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, sessionmaker

from music.models import Artist, Track


class ArtistRepository:
    """Returns detached objects, fully loaded."""

    def __init__(self, session_factory: sessionmaker[Session]) -> None:
        self._session_factory = session_factory

    def search(self, query: str) -> list[Artist]:
        statement = (
            select(Artist)
            .options(joinedload(Artist.tracks).joinedload(Track.genres), joinedload(Artist.albums))
            .where(Artist.name.contains(query))
            .order_by(Artist.name)
        )
        with self._session_factory() as session:
            artists = list(session.scalars(statement).unique())
            session.expunge_all()
        return artists

    def page(self, limit: int = 5, offset: int = 0) -> tuple[list[Artist], int]:
        statement = select(Artist).options(joinedload(Artist.albums)).order_by(Artist.name)
        with self._session_factory() as session:
            total = session.scalar(select(func.count()).select_from(Artist)) or 0
            artists = session.scalars(statement.limit(limit).offset(offset)).unique().all()
            return list(artists), total
