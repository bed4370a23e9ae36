"""Playlists: the same tracks read the new way and the old way."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from qprof.seeding.library.models import Playlist, Track


class PlaylistRepository:
    """Reads playlists and their tracks."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def overview(self) -> Sequence[Playlist]:
        """Every playlist with its tracks: two queries, however many playlists there are."""
        statement = select(Playlist).options(selectinload(Playlist.tracks)).order_by(Playlist.id)
        return self._session.scalars(statement).all()

    def get_all(self) -> list[Playlist]:
        """Every playlist with its tracks and their albums, by the legacy Query."""
        return (
            self._session.query(Playlist)
            .options(joinedload(Playlist.tracks).joinedload(Track.album))
            .order_by(Playlist.name, Playlist.id)
            .all()
        )
