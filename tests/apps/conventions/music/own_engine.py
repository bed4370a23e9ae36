"""An object that opens the library file itself."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, create_engine, select
from sqlalchemy.orm import Session, joinedload, selectinload

from music.models import Artist, Track


class Library:
    """Call `open` before anything else."""

    def __init__(self) -> None:
        self._engine: Engine | None = None

    def open(self, path: str | Path) -> Library:
        self._engine = create_engine(f"sqlite:///{path}")
        return self

    def close(self) -> None:
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None

    def artists(self, query: str = "") -> list[Artist]:
        statement = (
            select(Artist)
            .options(joinedload(Artist.tracks), joinedload(Artist.albums))
            .where(Artist.name.contains(query))
            .order_by(Artist.id)
        )
        with self._session() as session:
            return list(session.scalars(statement).unique())

    def tracks(self) -> list[Track]:
        with self._session() as session:
            return list(session.scalars(select(Track).options(selectinload(Track.genres))))

    def _session(self) -> Session:
        if self._engine is None:
            raise RuntimeError("open the library first")
        return Session(self._engine)
