"""Repositories in the style found in the wild: one per model, the good and the bad on purpose.

Every public method can be called without arguments. A method that shows a problem names the rule
that finds it, in the last line of its docstring.
"""

from __future__ import annotations

from functools import cached_property

from sqlalchemy.orm import Session

from qprof.seeding.library.repositories.albums import AlbumRepository
from qprof.seeding.library.repositories.artists import ArtistRepository
from qprof.seeding.library.repositories.genres import GenreRepository
from qprof.seeding.library.repositories.playlists import PlaylistRepository
from qprof.seeding.library.repositories.tracks import TrackRepository

__all__ = [
    "AlbumRepository",
    "ArtistRepository",
    "GenreRepository",
    "PlaylistRepository",
    "Repositories",
    "TrackRepository",
]


class Repositories:
    """Every repository of the library over one session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @cached_property
    def artists(self) -> ArtistRepository:
        """Artists, with the audited search."""
        return ArtistRepository(self._session)

    @cached_property
    def albums(self) -> AlbumRepository:
        """Albums."""
        return AlbumRepository(self._session)

    @cached_property
    def tracks(self) -> TrackRepository:
        """Tracks."""
        return TrackRepository(self._session)

    @cached_property
    def genres(self) -> GenreRepository:
        """Genres."""
        return GenreRepository(self._session)

    @cached_property
    def playlists(self) -> PlaylistRepository:
        """Playlists."""
        return PlaylistRepository(self._session)
