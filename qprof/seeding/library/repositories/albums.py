"""Albums: a loop that loads lazily, a page of joined rows, and an outer join too many."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from qprof.seeding.library.models import Album, Artist


class AlbumRepository:
    """Reads albums, their artist and their tracks."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def titles_by_artist(self) -> dict[str, list[str]]:
        """Album titles under the name of their artist, with one more query for every artist.

        Exhibit: QP201.
        """
        titles: dict[str, list[str]] = {}
        for artist in self._session.scalars(select(Artist).order_by(Artist.id)):
            titles.setdefault(artist.name, []).extend(album.title for album in artist.albums)
        return titles

    def newest(self, limit: int = 20) -> Sequence[Album]:
        """Read the latest albums with their tracks; the limit forces the albums into a subquery.

        Exhibit: QP401.
        """
        statement = (
            select(Album)
            .options(joinedload(Album.tracks))
            .order_by(Album.year.desc(), Album.id)
            .limit(limit)
        )
        return self._session.scalars(statement).unique().all()

    def with_artist(self) -> Sequence[Album]:
        """Every album with its artist, who is always there, and is outer joined all the same.

        Exhibit: QP402.
        """
        statement = select(Album).options(joinedload(Album.artist)).order_by(Album.id)
        return self._session.scalars(statement).all()
