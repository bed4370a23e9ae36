"""Methods that yield, and properties that ask the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from music.models import Artist, Track


class Catalogue:
    def __init__(self, session: Session) -> None:
        self._session = session

    def lines(self) -> Iterator[str]:
        for artist in self._session.scalars(select(Artist).order_by(Artist.id)):
            yield f"{artist.name}: {', '.join(track.title for track in artist.tracks)}"

    @property
    def size(self) -> int:
        return self._session.scalar(select(func.count(Track.id))) or 0

    @property
    def artists(self) -> Sequence[Artist]:
        statement = select(Artist).options(joinedload(Artist.tracks), joinedload(Artist.albums))
        return self._session.scalars(statement).unique().all()
