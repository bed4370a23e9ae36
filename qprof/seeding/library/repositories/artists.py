"""Artists: one method was fixed after the audit, two were forgotten; two more load too much."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from qprof.seeding.library.models import Album, Artist, Track


class ArtistRepository:
    """Reads artists with what belongs to them."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get_all(self) -> Sequence[Artist]:
        """Every artist with its tracks, their genres, and its albums: a query for each path."""
        statement = (
            select(Artist)
            .options(
                selectinload(Artist.tracks).selectinload(Track.genres),
                selectinload(Artist.albums),
            )
            .order_by(Artist.name, Artist.id)
        )
        return self._session.scalars(statement).all()

    def search(self, query: str = "The") -> Sequence[Artist]:
        """Artists whose name starts with `query`; their tracks multiply their albums.

        Exhibit: QP101.
        """
        statement = (
            select(Artist)
            .options(
                joinedload(Artist.tracks).joinedload(Track.genres),
                joinedload(Artist.albums),
            )
            .where(Artist.name.istartswith(query, autoescape=True))
            .order_by(Artist.name, Artist.id)
        )
        return self._session.scalars(statement).unique().all()

    def get_by_id(self, artist_id: int = 1) -> Artist | None:
        """One artist, or None; joined as `search` was, and forgotten when others were fixed.

        Exhibit: QP101.
        """
        statement = (
            select(Artist)
            .options(
                joinedload(Artist.tracks).joinedload(Track.genres),
                joinedload(Artist.albums),
            )
            .where(Artist.id == artist_id)
        )
        return self._session.scalars(statement).unique().one_or_none()

    def with_discography(self) -> Sequence[Artist]:
        """Artists, albums, tracks, genres in one chain: wide rows repeat, yet nothing multiplies.

        Exhibit: QP102.
        """
        statement = (
            select(Artist)
            .options(
                joinedload(Artist.albums).joinedload(Album.tracks).joinedload(Track.genres),
            )
            .order_by(Artist.id)
        )
        return self._session.scalars(statement).unique().all()

    def names(self) -> list[str]:
        """Read the names of all artists, and their tracks with them, which nobody looks at.

        Exhibit: QP301.
        """
        statement = select(Artist).options(selectinload(Artist.tracks)).order_by(Artist.id)
        artists = self._session.scalars(statement).all()
        return [artist.name for artist in artists]

    def track_counts(self) -> dict[str, int]:
        """How many tracks each artist has; every track is loaded to be counted.

        Exhibit: QP302.
        """
        statement = select(Artist).options(selectinload(Artist.tracks)).order_by(Artist.id)
        artists = self._session.scalars(statement).all()
        return {artist.name: len(artist.tracks) for artist in artists}
