"""The audited search, fixed: a query for each collection."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from qprof.seeding.library.models import Artist, Track


class ArtistRepository:
    def __init__(self, session: Session) -> None:
        self.session = session

    def search(self, query: str = "The") -> Sequence[Artist]:
        statement = (
            select(Artist)
            .options(
                selectinload(Artist.tracks).selectinload(Track.genres),
                selectinload(Artist.albums),
            )
            .where(Artist.name.startswith(query))
        )
        return self.session.scalars(statement).unique().all()

    def names(self) -> Sequence[str]:
        return self.session.scalars(select(Artist.name)).all()
