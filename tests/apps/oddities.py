"""Calls that go wrong, each in its own way."""

from collections.abc import AsyncIterator, Iterator
from typing import Any, Optional

from sqlalchemy import create_engine, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from qprof.seeding.library.models import Artist, Genre

NOTHING = 3


def raises(session: Session) -> None:
    session.scalars(select(Artist)).first()
    raise RuntimeError("the shop is closed")


def ends(session: Session) -> None:
    session.scalars(select(Artist)).first()
    raise SystemExit(0)


def prints(session: Session) -> Artist | None:
    print("hello")  # noqa: T201
    return session.scalars(select(Artist)).first()


def writes(session: Session) -> None:
    session.execute(insert(Genre).values(id=999, name="x"))


def commits(session: Session) -> list[Artist]:
    artists = list(session.scalars(select(Artist)))
    session.commit()
    return artists


def is_silent(session: Session) -> None:
    """Send nothing."""


def own_engine(session: Session) -> int:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        found: int = connection.execute(text("SELECT 1")).scalar_one()
    engine.dispose()
    return found


def needs_more(session: Session, wanted: int) -> int | None:
    return session.scalar(select(func.count(Artist.id)).where(Artist.id > wanted))


def optional(session: Optional[Session] = None) -> Any:  # noqa: UP045
    assert session is not None
    return session.scalar(select(func.count(Artist.id)))


def generated(session: Session) -> Iterator[str]:
    for artist in session.scalars(select(Artist)):
        yield artist.name


def mapped(session: Session) -> Iterator[str]:
    return map(str.upper, session.scalars(select(Artist.name)))


async def later(session: AsyncSession) -> None:
    await session.execute(select(Artist))


async def stream(session: AsyncSession) -> AsyncIterator[int]:
    yield 1


def no_session(query: str) -> str:
    return query


def on_its_own() -> None:
    """Take no session."""


class Needy:
    """Cannot be made with a session alone."""

    def __init__(self, session: Session) -> None:
        raise LookupError("no tenant")

    def all(self) -> None: ...


class Careful:
    """Has a property that asks the database, and helpers that are no calls."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def size(self) -> int | None:
        return self._session.scalar(select(func.count(Artist.id)))

    def count(self) -> int | None:
        return self.size

    @staticmethod
    def shout(word: str) -> str:
        return word.upper()

    @classmethod
    def make(cls, session: Session) -> "Careful":
        return cls(session)


class Sessionless:
    def all(self) -> list[Artist]:
        return []


SOME = {"optional": optional, "needs_more": needs_more}
ALONE = {"first": on_its_own, "second": on_its_own}


class Shelves:
    """Reads and writes, as a repository does."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def add(self) -> None:
        writes(self.session)

    def all(self) -> list[int]:
        return list(self.session.scalars(select(Artist.id)))
