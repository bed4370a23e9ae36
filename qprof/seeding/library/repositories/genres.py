"""Genres: a share that asks for the same total again for every genre."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qprof.seeding.library.models import Genre, Track, track_genres


class GenreRepository:
    """Reads genres and how common they are."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def shares(self) -> dict[str, float]:
        """Work out the share of all tracks that each genre is on, 0 to 1.

        Exhibit: QP202.
        """
        statement = (
            select(Genre.name, func.count(track_genres.c.track_id))
            .outerjoin(track_genres, track_genres.c.genre_id == Genre.id)
            .group_by(Genre.id, Genre.name)
            .order_by(Genre.id)
        )
        counts = self._session.execute(statement).all()
        return {name: count / max(1, self._track_count()) for name, count in counts}

    def _track_count(self) -> int:
        return self._session.scalars(select(func.count(Track.id))).one()
