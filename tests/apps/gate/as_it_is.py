"""The audited search, as it is."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from qprof.seeding.library.models import Artist, Track


class ArtistRepository:
    def __init__(self, session: Session) -> None:
        self.session = session

    def search(self, query: str = "The") -> Sequence[Artist]:
        statement = (
            select(Artist)
            .options(
                joinedload(Artist.tracks).joinedload(Track.genres),
                joinedload(Artist.albums),
            )
            .where(Artist.name.startswith(query))
        )
        return self.session.scalars(statement).unique().all()

    def names(self) -> Sequence[str]:
        return self.session.scalars(select(Artist.name)).all()
