"""Artists with 5 albums and 20 tracks each, in a database that the test names."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Engine, ForeignKey, String, create_engine, select
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


class Artist(Base):
    __tablename__ = "api_artist"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50))
    albums: Mapped[list["Album"]] = relationship()
    tracks: Mapped[list["Track"]] = relationship()


class Album(Base):
    __tablename__ = "api_album"
    id: Mapped[int] = mapped_column(primary_key=True)
    artist_id: Mapped[int] = mapped_column(ForeignKey("api_artist.id"))


class Track(Base):
    __tablename__ = "api_track"
    id: Mapped[int] = mapped_column(primary_key=True)
    artist_id: Mapped[int] = mapped_column(ForeignKey("api_artist.id"))


def fill(session: Session, artists: int = 10) -> None:
    for number in range(artists):
        albums, tracks = [Album() for _ in range(5)], [Track() for _ in range(20)]
        session.add(Artist(name=f"Artist {number}", albums=albums, tracks=tracks))
    session.commit()


def search(session: Session, name: str = "") -> Sequence[Artist]:
    """Explode: 1,000 rows of 6 columns, where 260 rows would do."""
    options = joinedload(Artist.albums), joinedload(Artist.tracks)
    found = select(Artist).where(Artist.name.startswith(name)).options(*options)
    return session.scalars(found).unique().all()


def get_all(session: Session) -> Sequence[Artist]:
    options = selectinload(Artist.albums), selectinload(Artist.tracks)
    return session.scalars(select(Artist).options(*options)).all()


async def search_async(session: Any) -> Any:
    options = joinedload(Artist.albums), joinedload(Artist.tracks)
    return (await session.scalars(select(Artist).options(*options))).unique().all()


def write(session: Session) -> None:
    session.add(Artist(name="new"))
    session.commit()


def shop(url: str) -> Iterator[Engine]:
    """Yield an engine to a filled database; what was filled is removed at the end."""
    engine = create_engine(url)
    Base.metadata.drop_all(engine)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        fill(session)
    yield engine
    Base.metadata.drop_all(engine)
    engine.dispose()


def count(engine: Engine) -> int:
    """Ask the database itself, past SQLAlchemy."""
    connection = engine.raw_connection()
    cursor = connection.cursor()
    cursor.execute("select count(*) from api_artist")
    (found,) = cursor.fetchone() or (0,)
    connection.close()
    return int(found)
