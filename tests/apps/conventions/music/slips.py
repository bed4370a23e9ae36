"""Calls with a mistake in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.orm.exc import DetachedInstanceError

from music.models import Artist, Track

engine = create_engine("sqlite:///music.db")
SessionLocal = sessionmaker(engine, expire_on_commit=False)


class ClosedOnExit(Session):
    """Takes no statement any more after `close`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs, close_resets_only=False)


def raises(session: Session) -> None:
    session.scalars(select(Artist)).first()
    raise LookupError("no such shop")


def returns_nothing(session: Session) -> None:
    """Neither ask nor return."""


def refresh_all(session: Session) -> None:
    """Ask, and return nothing."""
    for artist in session.scalars(select(Artist)):
        artist.to_dict()


def closed_session() -> Iterator[Session]:
    with ClosedOnExit(engine) as session:
        pass
    yield session


def find_artists(session: Session) -> Sequence[Artist]:
    return session.scalars(select(Artist)).all()


def find_genre(session: Session, genre_id: int, name: str) -> int | None:
    return session.scalar(select(func.count(Track.id)).where(Track.id == genre_id))


def detached() -> list[Artist]:
    """Close the session before the albums are loaded."""
    with SessionLocal() as session:
        return list(session.scalars(select(Artist).order_by(Artist.id)))


def swallowed() -> list[dict[str, object]]:
    """Show every artist without albums, and say nothing."""
    return [_shown(artist) for artist in detached()]


def _shown(artist: Artist) -> dict[str, object]:
    try:
        return artist.to_dict()
    except DetachedInstanceError:
        return {"name": artist.name}


def page(session: Session) -> tuple[int, Iterator[str]]:
    """Return a count, and names that are asked for when somebody iterates them."""
    total = session.scalar(select(func.count(Artist.id))) or 0
    return total, _names(session)


def answer(session: Session) -> dict[str, Any]:
    """Return a generator that no caller iterates."""
    return {"total": session.scalar(select(func.count(Artist.id))), "names": _names(session)}


def make_nothing() -> None:
    """Make no application."""


def needs_settings(settings: dict[str, Any]) -> None:
    """Make no application, and not even without arguments."""


def _names(session: Session) -> Iterator[str]:
    for artist in session.scalars(select(Artist)):
        yield artist.name
