"""A record shop's models and repositories, as its own developers would write them.

The tables are those of the Chinook sample database. Nothing here knows qprof.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import Column, ForeignKey, Numeric, Table, select
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    joinedload,
    mapped_column,
    relationship,
    selectinload,
)


class Base(DeclarativeBase):
    pass


playlist_track = Table(
    "PlaylistTrack",
    Base.metadata,
    Column("PlaylistId", ForeignKey("Playlist.PlaylistId"), primary_key=True),
    Column("TrackId", ForeignKey("Track.TrackId"), primary_key=True),
)


class Artist(Base):
    __tablename__ = "Artist"
    id: Mapped[int] = mapped_column("ArtistId", primary_key=True)
    name: Mapped[str | None] = mapped_column("Name")
    albums: Mapped[list[Album]] = relationship(back_populates="artist")


class Album(Base):
    __tablename__ = "Album"
    id: Mapped[int] = mapped_column("AlbumId", primary_key=True)
    title: Mapped[str] = mapped_column("Title")
    artist_id: Mapped[int] = mapped_column("ArtistId", ForeignKey("Artist.ArtistId"))
    artist: Mapped[Artist] = relationship(back_populates="albums")
    tracks: Mapped[list[Track]] = relationship(back_populates="album")


class Genre(Base):
    __tablename__ = "Genre"
    id: Mapped[int] = mapped_column("GenreId", primary_key=True)
    name: Mapped[str | None] = mapped_column("Name")


class Track(Base):
    __tablename__ = "Track"
    id: Mapped[int] = mapped_column("TrackId", primary_key=True)
    name: Mapped[str] = mapped_column("Name")
    album_id: Mapped[int | None] = mapped_column("AlbumId", ForeignKey("Album.AlbumId"))
    genre_id: Mapped[int | None] = mapped_column("GenreId", ForeignKey("Genre.GenreId"))
    milliseconds: Mapped[int] = mapped_column("Milliseconds")
    unit_price: Mapped[Decimal] = mapped_column("UnitPrice", Numeric(10, 2))
    album: Mapped[Album | None] = relationship(back_populates="tracks")
    genre: Mapped[Genre | None] = relationship()
    lines: Mapped[list[InvoiceLine]] = relationship(back_populates="track")
    playlists: Mapped[list[Playlist]] = relationship(
        secondary=playlist_track, back_populates="tracks"
    )


class Playlist(Base):
    __tablename__ = "Playlist"
    id: Mapped[int] = mapped_column("PlaylistId", primary_key=True)
    name: Mapped[str | None] = mapped_column("Name")
    tracks: Mapped[list[Track]] = relationship(secondary=playlist_track, back_populates="playlists")


class InvoiceLine(Base):
    __tablename__ = "InvoiceLine"
    id: Mapped[int] = mapped_column("InvoiceLineId", primary_key=True)
    track_id: Mapped[int] = mapped_column("TrackId", ForeignKey("Track.TrackId"))
    quantity: Mapped[int] = mapped_column("Quantity")
    track: Mapped[Track] = relationship(back_populates="lines")


class PlaylistRepository:
    """What the shop's web site lists."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def with_tracks(self) -> Sequence[Playlist]:
        """Every playlist with its tracks, their album and genre."""
        statement = select(Playlist).options(
            joinedload(Playlist.tracks).joinedload(Track.album),
            joinedload(Playlist.tracks).joinedload(Track.genre),
        )
        return self.session.scalars(statement.order_by(Playlist.id)).unique().all()

    def with_sales(self) -> Sequence[Playlist]:
        """Every playlist with its tracks, and each track's sales and other playlists."""
        statement = select(Playlist).options(
            joinedload(Playlist.tracks).options(
                joinedload(Track.lines), joinedload(Track.playlists)
            )
        )
        return self.session.scalars(statement.order_by(Playlist.id)).unique().all()


class ArtistRepository:
    """Artists for the catalogue."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def catalogue(self) -> Sequence[Artist]:
        """Every artist with albums and tracks."""
        statement = select(Artist).options(joinedload(Artist.albums).joinedload(Album.tracks))
        return self.session.scalars(statement.order_by(Artist.id)).unique().all()

    def names(self) -> list[str]:
        """Album titles by artist, lazily."""
        artists = self.session.scalars(select(Artist).order_by(Artist.id))
        return [f"{artist.name}: {album.title}" for artist in artists for album in artist.albums]

    def apart(self) -> Sequence[Artist]:
        """Every artist with albums and tracks, by a query for each."""
        statement = select(Artist).options(selectinload(Artist.albums).selectinload(Album.tracks))
        return self.session.scalars(statement.order_by(Artist.id)).all()


class Shop:
    """Everything over one session."""

    def __init__(self, session: Session) -> None:
        self.playlists = PlaylistRepository(session)
        self.artists = ArtistRepository(session)
