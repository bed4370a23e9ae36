"""Artists. get_all was found slow and mended; search and get_by_id were forgotten."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from .models import Artist, Track


class ArtistRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def get_all(self) -> Sequence[Artist]:
        statement = (
            select(Artist)
            .options(
                selectinload(Artist.tracks).selectinload(Track.genres),
                selectinload(Artist.albums),
            )
            .order_by(Artist.id)
        )
        return self._session.scalars(statement).all()

    def search(self, query: str = "A") -> Sequence[Artist]:
        statement = (
            select(Artist)
            .options(
                # The page shows each track with its genres.
                joinedload(Artist.tracks).joinedload(Track.genres),
                joinedload(Artist.albums),
            )
            .where(Artist.name.startswith(query))
            .order_by(Artist.id)
        )
        return self._session.scalars(statement).unique().all()

    def get_by_id(self, artist_id: int = 1) -> Artist | None:
        statement = (
            select(Artist)
            .options(
                joinedload(Artist.tracks).joinedload(Track.genres),
                joinedload(Artist.albums),
            )
            .where(Artist.id == artist_id)
        )
        return self._session.scalars(statement).unique().one_or_none()
