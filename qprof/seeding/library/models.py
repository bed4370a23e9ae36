"""The tables of a music player, as a SQLAlchemy 2.0 app would declare them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, ForeignKey, String, Table, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    """Root of every model of the library."""


track_artists = Table(
    "track_artists",
    Base.metadata,
    Column("track_id", ForeignKey("tracks.id"), primary_key=True),
    Column("artist_id", ForeignKey("artists.id"), primary_key=True, index=True),
    sqlite_with_rowid=False,
)
"""Who plays on which track."""

track_genres = Table(
    "track_genres",
    Base.metadata,
    Column("track_id", ForeignKey("tracks.id"), primary_key=True),
    Column("genre_id", ForeignKey("genres.id"), primary_key=True, index=True),
    sqlite_with_rowid=False,
)
"""Which genres a track belongs to."""

playlist_tracks = Table(
    "playlist_tracks",
    Base.metadata,
    Column("playlist_id", ForeignKey("playlists.id"), primary_key=True),
    Column("track_id", ForeignKey("tracks.id"), primary_key=True, index=True),
    sqlite_with_rowid=False,
)
"""Which tracks a playlist holds."""


class Artist(Base):
    """A person or a band."""

    __tablename__ = "artists"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    sort_name: Mapped[str] = mapped_column(String(120))
    country: Mapped[str | None] = mapped_column(String(2))
    formed: Mapped[int | None]
    image_url: Mapped[str | None] = mapped_column(String(200))
    biography: Mapped[str | None] = mapped_column(Text)

    albums: Mapped[list[Album]] = relationship(back_populates="artist", order_by="Album.id")
    tracks: Mapped[list[Track]] = relationship(
        secondary=track_artists, back_populates="artists", order_by="Track.id"
    )


class Album(Base):
    """A release of one artist."""

    __tablename__ = "albums"

    id: Mapped[int] = mapped_column(primary_key=True)
    artist_id: Mapped[int] = mapped_column(ForeignKey("artists.id"), index=True)
    title: Mapped[str] = mapped_column(String(120))
    year: Mapped[int]
    label: Mapped[str | None] = mapped_column(String(120))
    cover_url: Mapped[str | None] = mapped_column(String(200))

    artist: Mapped[Artist] = relationship(back_populates="albums")
    tracks: Mapped[list[Track]] = relationship(back_populates="album", order_by="Track.id")


class Track(Base):
    """One recording, on an album or single; `duration` in seconds, `bitrate` in kbit/s."""

    __tablename__ = "tracks"

    id: Mapped[int] = mapped_column(primary_key=True)
    album_id: Mapped[int | None] = mapped_column(ForeignKey("albums.id"), index=True)
    title: Mapped[str] = mapped_column(String(120))
    duration: Mapped[int]
    bitrate: Mapped[int]
    path: Mapped[str] = mapped_column(String(200))
    play_count: Mapped[int]
    added_at: Mapped[datetime]

    album: Mapped[Album | None] = relationship(back_populates="tracks")
    artists: Mapped[list[Artist]] = relationship(
        secondary=track_artists, back_populates="tracks", order_by="Artist.id"
    )
    genres: Mapped[list[Genre]] = relationship(
        secondary=track_genres, back_populates="tracks", order_by="Genre.id"
    )
    playlists: Mapped[list[Playlist]] = relationship(
        secondary=playlist_tracks, back_populates="tracks", order_by="Playlist.id"
    )


class Genre(Base):
    """A kind of music."""

    __tablename__ = "genres"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))

    tracks: Mapped[list[Track]] = relationship(
        secondary=track_genres, back_populates="genres", order_by="Track.id"
    )


class Playlist(Base):
    """A list of tracks that somebody keeps."""

    __tablename__ = "playlists"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    owner: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime]

    tracks: Mapped[list[Track]] = relationship(
        secondary=playlist_tracks, back_populates="playlists", order_by="Track.id"
    )


class LibraryInfo(Base):
    """What the library says about itself: how it was made, and that qprof made it."""

    __tablename__ = "library_info"

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
