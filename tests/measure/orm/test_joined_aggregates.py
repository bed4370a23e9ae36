"""An aggregate beside two joined collections takes each row several times, and is wrong."""

from typing import Any

import pytest
from sqlalchemy import Column, ForeignKey, Integer, MetaData, Table, exists, func, select, text
from sqlalchemy.orm import aliased, registry, relationship

from qprof.measure.orm.joined_aggregates import repeated_aggregates

METADATA = MetaData()
KEY: dict[str, Any] = {"primary_key": True}


def _table(name: str, *above: str) -> Table:
    columns = [Column(f"{each}_id", ForeignKey(f"{each}.id")) for each in above]
    return Table(name, METADATA, Column("id", Integer, **KEY), Column("v", Integer), *columns)


artist, album, concert = _table("artist"), _table("album", "artist"), _table("concert", "artist")
track, genre = _table("track", "album"), _table("genre")
album_genre = Table(
    "album_genre",
    METADATA,
    Column("album_id", ForeignKey("album.id"), **KEY),
    Column("genre_id", ForeignKey("genre.id"), **KEY),
)


class Artist:
    albums: Any
    concerts: Any


class Album:
    tracks: Any
    genres: Any
    artist: Any


class Concert:
    pass


class Track:
    pass


class Genre:
    pass


_MAP = registry(metadata=METADATA).map_imperatively
_MAP(Track, track)
_MAP(Genre, genre)
_MAP(Concert, concert)
_MAP(
    Album,
    album,
    properties={
        "tracks": relationship(Track),
        "genres": relationship(Genre, secondary=album_genre),
        "artist": relationship(Artist, viewonly=True),
    },
)
_MAP(Artist, artist, properties={"albums": relationship(Album), "concerts": relationship(Concert)})
ALBUMS, CONCERTS = func.count(album.c.id), func.count(concert.c.id)
BOTH = select(artist.c.id).outerjoin(album).outerjoin(concert, concert.c.artist_id == artist.c.id)
OTHER = aliased(Album)

REPEATED = {
    "two collections": (
        select(Artist, ALBUMS, CONCERTS).join(Artist.albums).join(Artist.concerts),
        (("count(album.id)", "concert"), ("count(concert.id)", "album")),
    ),
    "tables": (BOTH.add_columns(ALBUMS), (("count(album.id)", "concert"),)),
    "a sum of the parent": (
        select(func.sum(artist.c.v)).select_from(artist.join(album)),
        (("sum(artist.v)", "album"),),
    ),
    "a child's child": (
        select(func.count(Album.id)).join(Artist.albums).join(Album.tracks),  # type: ignore[attr-defined]
        (("count(album.id)", "track"),),
    ),
    "many to many": (
        select(CONCERTS).select_from(Artist).join(Artist.concerts).join(Artist.albums),
        (("count(concert.id)", "album"),),
    ),
    "no JOIN": (
        select(func.sum(album.c.v)).where(
            album.c.artist_id == artist.c.id, concert.c.artist_id == artist.c.id
        ),
        (("sum(album.v)", "concert"),),
    ),
    "an alias": (
        select(func.count(OTHER.id))  # type: ignore[attr-defined]
        .select_from(Artist)
        .join(Artist.albums.of_type(OTHER))
        .join(Artist.concerts),
        (("count(album.id)", "concert"),),
    ),
}
RIGHT = [
    select(Artist, ALBUMS).join(Artist.albums),
    select(func.count(artist.c.id)).select_from(artist.join(album)),
    select(func.count()).select_from(artist.join(album).join(concert)),
    BOTH.add_columns(func.count(album.c.id.distinct()), func.max(concert.c.v)),
    select(func.count(track.c.id)).select_from(artist.join(album).join(track)),
    select(func.sum(track.c.v)).select_from(track.join(album).join(artist)),
    select(ALBUMS).where(exists().where(concert.c.artist_id == album.c.artist_id)),
    select(Artist.albums, select(CONCERTS).scalar_subquery()),
    select(Artist),
    text("SELECT count(*) FROM album"),
]


@pytest.mark.parametrize("name", REPEATED)
def test_what_joins_repeat_is_told_with_the_table_that_does(name: str) -> None:
    statement, told = REPEATED[name]
    assert repeated_aggregates(statement) == told


@pytest.mark.parametrize("statement", RIGHT)
def test_what_is_right_is_not_told(statement: Any) -> None:
    assert repeated_aggregates(statement) == ()
