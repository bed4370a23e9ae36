"""The printed fix of the scan is complete, in its function's words, and SQLAlchemy takes it."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.scan.trees import scanned

MODELS = """\
from sqlalchemy import Column, ForeignKey, Table
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

class Base(DeclarativeBase):
    id: Mapped[int] = mapped_column(primary_key=True)

track_genres = Table(
    "track_genres",
    Base.metadata,
    Column("t", ForeignKey("track.id")),
    Column("g", ForeignKey("genre.id")),
)

class Label(Base):
    __tablename__ = "label"
    artists: Mapped[list["Artist"]] = relationship(back_populates="label")

class Artist(Base):
    __tablename__ = "artist"
    label_id: Mapped[int] = mapped_column(ForeignKey("label.id"))
    label: Mapped[Label] = relationship(back_populates="artists")
    tracks: Mapped[list["Track"]] = relationship(back_populates="artist")
    albums: Mapped[list["Album"]] = relationship()

class Album(Base):
    __tablename__ = "album"
    artist_id: Mapped[int] = mapped_column(ForeignKey("artist.id"))
    tracks: Mapped[list["Track"]] = relationship()

class Track(Base):
    __tablename__ = "track"
    artist_id: Mapped[int] = mapped_column(ForeignKey("artist.id"))
    album_id: Mapped[int] = mapped_column(ForeignKey("album.id"))
    artist: Mapped[Artist] = relationship(back_populates="tracks")
    genres: Mapped[list["Genre"]] = relationship(secondary=track_genres)

class Genre(Base):
    __tablename__ = "genre"
"""
IMPORTS = """\
import models
from sqlalchemy import func, orm, select, union_all
from sqlalchemy.orm import Load, aliased, contains_eager, defaultload, joinedload, lazyload
from sqlalchemy.orm import load_only, raiseload, selectinload, undefer, with_loader_criteria
from sqlalchemy.orm import joinedload as jl, with_polymorphic
from models import Album, Artist, Genre, Label, Track

ALBUMS = joinedload(Artist.albums).load_only(Album.id)

def albums_of(entity):
    return joinedload(entity.albums)


"""
CALL = """\
def call(extra=()):
    {setup}
    return select({root}).options({options})
"""
FIXES = {
    "an alias of a subquery": (
        "a = aliased(Artist, select(Artist).union_all(select(Artist)).subquery())",
        "a",
        "joinedload(a.tracks), joinedload(a.albums)",
        "selectinload(a.tracks), selectinload(a.albums)",
    ),
    "an alias that has a name": (
        'writer = aliased(Artist, name="w")',
        "writer",
        "joinedload(writer.tracks).joinedload(Track.genres), joinedload(writer.albums)",
        "selectinload(writer.tracks).selectinload(Track.genres), selectinload(writer.albums)",
    ),
    "an alias given to a helper": (
        "a = aliased(Artist)",
        "a",
        "joinedload(a.tracks), albums_of(a)",
        "selectinload(a.tracks), selectinload(a.albums)",
    ),
    "with_polymorphic": (
        'any_ = with_polymorphic(Artist, "*")',
        "any_",
        "joinedload(any_.tracks), joinedload(any_.albums)",
        "selectinload(any_.tracks), selectinload(any_.albums)",
    ),
    "the class of a module": (
        "pass",
        "models.Artist",
        "orm.joinedload(models.Artist.tracks), orm.joinedload(models.Artist.albums)",
        "orm.selectinload(models.Artist.tracks), orm.selectinload(models.Artist.albums)",
    ),
    "criteria and an alias within": (
        "song = aliased(Track)",
        "Artist",
        "joinedload(Artist.tracks.of_type(song)).joinedload(song.genres), "
        "joinedload(Artist.albums.and_(Album.id > 3)).joinedload(Album.tracks)",
        "selectinload(Artist.tracks.of_type(song)).selectinload(song.genres), "
        "selectinload(Artist.albums.and_(Album.id > 3)).selectinload(Album.tracks)",
    ),
    "the columns of a chain and of the root": (
        "pass",
        "Artist",
        "joinedload(Artist.tracks).load_only(Track.id), "
        "joinedload(Artist.albums), load_only(Artist.id)",
        "selectinload(Artist.tracks).load_only(Track.id), "
        "selectinload(Artist.albums), load_only(Artist.id)",
    ),
    "defaultload that leads to columns": (
        "pass",
        "Artist",
        "jl(Artist.tracks), joinedload(Artist.albums), jl(Artist.label, innerjoin=True), "
        "defaultload(Artist.tracks).undefer(Track.id)",
        "selectinload(Artist.tracks).undefer(Track.id), selectinload(Artist.albums), "
        "jl(Artist.label, innerjoin=True)",
    ),
    "Load, and what it says of the root": (
        "pass",
        "Artist",
        "Load(Artist).joinedload(Artist.tracks), Load(Artist).joinedload(Artist.albums), "
        'Load(Artist).raiseload("*")',
        'selectinload(Artist.tracks), selectinload(Artist.albums), Load(Artist).raiseload("*")',
    ),
    "a wildcard at the end of a chain, and for all": (
        "pass",
        "Artist",
        'joinedload(Artist.tracks).raiseload("*"), joinedload(Artist.albums), lazyload("*")',
        'selectinload(Artist.tracks).raiseload("*"), selectinload(Artist.albums), lazyload("*")',
    ),
    "options that are not about loading, and unknown ones": (
        "pass",
        "Artist",
        "joinedload(Artist.tracks), joinedload(Artist.albums), *extra, "
        "with_loader_criteria(Album, Album.id > 3)",
        "selectinload(Artist.tracks), selectinload(Artist.albums), "
        "with_loader_criteria(Album, Album.id > 3), *extra",
    ),
    "a list that is built in steps, and a constant of the module": (
        "found = [joinedload(Artist.tracks)]; found.append(ALBUMS)",
        "Artist",
        "*found",
        "selectinload(Artist.tracks), selectinload(Artist.albums).load_only(Album.id)",
    ),
    "a wildcard below a collection": (
        "pass",
        "Label",
        'joinedload(Label.artists).joinedload("*")',
        "selectinload(Label.artists).options(joinedload(Artist.label), "
        "selectinload(Artist.tracks), selectinload(Artist.albums))",
    ),
}


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Put the models into an empty folder from which they can be imported."""
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "models.py").write_text(MODELS, encoding="utf-8")
    yield tmp_path
    used = sys.modules.pop("models", None)
    if used is not None:
        used.Base.registry.dispose()


def compiled(setup: str, root: str, options: str) -> str:
    """Return the SQL of the call with these options."""
    names: dict[str, Any] = {}
    exec(IMPORTS + CALL.format(setup=setup, root=root, options=options), names)
    return str(names["call"]())


@pytest.mark.parametrize("kind", FIXES)
def test_the_fix_is_what_to_paste(kind: str, models: Path) -> None:
    setup, root, options, right = FIXES[kind]
    compiled(setup, root, options)
    code = IMPORTS + CALL.format(setup=setup, root=root, options=options)
    result = scanned(models, {"repo.py": code})
    assert result.notices == ()
    found = [each.finding for each in result.suspects if each.finding.rule == "QP101"]
    assert [each.fix for each in found] == [f".options({right})"]
    sql = compiled(setup, root, right)
    assert "album" not in sql
