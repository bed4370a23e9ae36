"""A mapping that joins both of its collections: no query says so."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Artist(Base):
    __tablename__ = "artists"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    tracks: Mapped[list[Track]] = relationship(lazy="joined")
    albums: Mapped[list[Album]] = relationship(lazy="joined")


class Track(Base):
    __tablename__ = "tracks"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    artist_id: Mapped[int] = mapped_column(ForeignKey("artists.id"))


class Album(Base):
    __tablename__ = "albums"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    artist_id: Mapped[int] = mapped_column(ForeignKey("artists.id"))


def all_artists(session: Session) -> Sequence[Artist]:
    return session.scalars(select(Artist).order_by(Artist.id)).unique().all()
