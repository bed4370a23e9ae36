"""An application whose dependencies and setup steps commit what a call leaves to them."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import Depends
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker


class Base(DeclarativeBase):
    pass


class Note(Base):
    __tablename__ = "notes"
    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


FILE = os.environ["QPROF_TEST_NOTES"]
engine = create_engine(f"sqlite:///{FILE}")
async_engine = create_async_engine(f"sqlite+aiosqlite:///{FILE}")
THROWN: list[str] = []
"""What was thrown into a dependency, and "resumed" where nothing was."""


def committing() -> Iterator[Session]:
    with Session(engine) as session:
        yield session
        session.commit()


async def committing_async() -> AsyncIterator[AsyncSession]:
    async with AsyncSession(async_engine) as session:
        yield session
        await session.commit()


def hearing() -> Iterator[Session]:
    """Note what is thrown; and swallow it, as no dependency should."""
    try:
        with Session(engine) as session:
            yield session
        THROWN.append("resumed")
    except ValueError as error:
        THROWN.append(str(error))


async def hearing_async() -> AsyncIterator[AsyncSession]:
    try:
        async with AsyncSession(async_engine) as session:
            yield session
        THROWN.append("resumed")
    except ValueError as error:
        THROWN.append(str(error))
        raise


def writing() -> Iterator[Session]:
    """Write and commit before the call begins, as a sign of life of its user."""
    with Session(engine) as session:
        session.add(Note(text="writing"))
        session.commit()
        yield session


def adds(session: Annotated[Session, Depends(committing)]) -> int | None:
    """Read, and leave a new object to the commit of the dependency."""
    found = session.scalar(select(func.count(Note.id)))
    session.add(Note(text="adds"))
    return found


def only_adds(session: Annotated[Session, Depends(committing)]) -> None:
    session.add(Note(text="only_adds"))


def changes(session: Annotated[Session, Depends(committing)]) -> Note:
    note = session.scalars(select(Note).limit(1)).one()
    note.text = "changes"
    return note


def deletes(session: Annotated[Session, Depends(committing)]) -> None:
    session.delete(session.scalars(select(Note).limit(1)).one())


def adds_again(session: Annotated[Session, Depends(committing)]) -> None:
    """Commit a read first."""
    session.scalars(select(Note)).all()
    session.commit()
    session.add(Note(text="adds_again"))


async def adds_async(session: Annotated[AsyncSession, Depends(committing_async)]) -> int | None:
    found = await session.scalar(select(func.count(Note.id)))
    session.add(Note(text="adds_async"))
    return found


def comes_late(session: Annotated[Session, Depends(writing)]) -> list[Note]:
    return list(session.scalars(select(Note)))


def swallows(session: Annotated[Session, Depends(committing)]) -> list[Note]:
    try:
        session.execute(text("INSERT INTO notes (text) VALUES ('swallows')"))
    except Exception:
        session.rollback()
    return list(session.scalars(select(Note)))


def autoflushes(session: Session) -> list[Note]:
    session.add(Note(text="autoflushes"))
    return list(session.scalars(select(Note)))


def gives_session(session: Session) -> Session:
    return session


def raises(session: Annotated[Session, Depends(hearing)]) -> None:
    session.scalars(select(Note)).all()
    raise ValueError("no such note")


async def raises_async(session: Annotated[AsyncSession, Depends(hearing_async)]) -> None:
    (await session.scalars(select(Note))).all()
    raise ValueError("no such note")


def reads(session: Session) -> list[Note]:
    return list(session.scalars(select(Note)))


Own = sessionmaker(engine)


class Repository:
    def __init__(self, session: Session) -> None:
        self.session = session

    def adds(self) -> list[Note]:
        found = list(self.session.scalars(select(Note)))
        self.session.add(Note(text="Repository.adds"))
        return found

    def only_adds(self) -> None:
        self.session.add(Note(text="Repository.only_adds"))

    def reads(self) -> list[Note]:
        return list(self.session.scalars(select(Note)))


@contextmanager
def unit() -> Iterator[Repository]:
    """Give a repository whose session is committed after the call."""
    with Session(engine) as session, session.begin():
        yield Repository(session)


def shared() -> Iterator[Repository]:
    """Write a row for good, give the session to the call, and delete the row with it."""
    with Session(engine) as session:
        note = Note(text="shared")
        session.add(note)
        session.commit()
        yield Repository(session)
        session.delete(note)
        session.commit()


def through(repository: Repository) -> Iterator[None]:
    """Do the same through the session that the repository was given, which has read already."""
    repository.reads()
    note = Note(text="through")
    repository.session.add(note)
    repository.session.commit()
    yield
    repository.session.delete(note)
    repository.session.commit()
