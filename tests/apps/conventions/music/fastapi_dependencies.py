"""Endpoints, and services, whose session FastAPI provides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

from fastapi import Depends
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session, joinedload, sessionmaker

from music.models import Artist, Track

engine = create_engine("sqlite:///music.db")
SessionLocal = sessionmaker(engine)


def get_db() -> Iterator[Session]:
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()


class ArtistService:
    """A dependency that has a dependency."""

    def __init__(self, db: Annotated[Session, Depends(get_db)]) -> None:
        self.db = db

    def search(self, query: str) -> Sequence[Artist]:
        statement = select(Artist).options(joinedload(Artist.tracks), joinedload(Artist.albums))
        return self.db.scalars(statement.where(Artist.name.contains(query))).unique().all()


def list_artists(
    query: str, service: Annotated[ArtistService, Depends(ArtistService)]
) -> Sequence[Artist]:
    return service.search(query)


def count_tracks(db: Session = Depends(get_db)) -> int:  # noqa: B008
    return db.scalar(select(func.count(Track.id))) or 0
