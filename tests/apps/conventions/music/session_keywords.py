"""Repositories over one session, and the object that holds them all."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from music.models import Artist, Track


class ArtistRepository:
    def __init__(
        self, session: Session, *, page_size: int = 10, country: str | None = None
    ) -> None:
        self._session = session
        self._page_size = page_size
        self._country = country

    def search(self, query: str) -> Sequence[Artist]:
        statement = (
            select(Artist)
            .options(joinedload(Artist.tracks), joinedload(Artist.albums))
            .where(Artist.name.contains(query))
            .order_by(Artist.name)
            .limit(self._page_size)
        )
        if self._country is not None:
            statement = statement.where(Artist.country == self._country)
        return self._session.scalars(statement).unique().all()


class TrackRepository:
    def __init__(self, session: Session, *, shortest: int = 0) -> None:
        self._session = session
        self._shortest = shortest

    def with_genres(self) -> Sequence[Track]:
        statement = select(Track).options(selectinload(Track.genres))
        return self._session.scalars(
            statement.where(Track.seconds >= self._shortest).order_by(Track.id)
        ).all()


class Repositories:
    """Makes each repository when it is first asked for."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @cached_property
    def artists(self) -> ArtistRepository:
        return ArtistRepository(self._session, page_size=20)

    @property
    def tracks(self) -> TrackRepository:
        return TrackRepository(self._session, shortest=60)
