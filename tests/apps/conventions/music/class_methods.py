"""Data access by class methods, the session first."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from music.models import Album, Artist


class ArtistDAO:
    model = Artist

    @classmethod
    def search(cls, session: Session, query: str) -> Sequence[Artist]:
        statement = select(cls.model).options(joinedload(Artist.tracks), joinedload(Artist.albums))
        return session.scalars(statement.where(cls.model.name.contains(query))).unique().all()

    @classmethod
    def count(cls, session: Session) -> int:
        return session.scalar(select(func.count()).select_from(cls.model)) or 0

    @staticmethod
    def albums(session: Session, artist_id: int) -> Sequence[Album]:
        return session.scalars(select(Album).where(Album.artist_id == artist_id)).all()
