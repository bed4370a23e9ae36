"""Tracks: two clean ways to read many of them, and a count that lost its link."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from qprof.seeding.library.models import Genre, Track, track_genres


class TrackRepository:
    """Reads tracks and counts them."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get_all(self) -> Sequence[Track]:
        """Every track with its album joined, and its genres in chunks of 500 tracks: however many.

        Exhibit: QP403.
        """
        statement = (
            select(Track)
            .options(joinedload(Track.album), selectinload(Track.genres))
            .order_by(Track.id)
        )
        return self._session.scalars(statement).all()

    def count_by_genre(self) -> dict[str, int]:
        """How many tracks each genre has; the database counts, in one query."""
        statement = (
            select(Genre.name, func.count(track_genres.c.track_id))
            .outerjoin(track_genres, track_genres.c.genre_id == Genre.id)
            .group_by(Genre.id, Genre.name)
            .order_by(Genre.id)
        )
        rows = self._session.execute(statement).all()
        return {row[0]: row[1] for row in rows}

    def count_in_genre(self, genre: str = "Rock") -> int:
        """How many tracks are in `genre`, or so it says: nothing links tracks to genres.

        Exhibit: QP103.
        """
        statement = select(func.count(Track.id)).where(Genre.name == genre)
        return self._session.scalars(statement).one()
