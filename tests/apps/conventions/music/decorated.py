"""Functions whose session comes from a decorator."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session, joinedload, sessionmaker

from music.models import Artist, Track

engine = create_engine("sqlite:///music.db")
SessionLocal = sessionmaker(engine, expire_on_commit=False)


def with_session(function: Callable[..., Any]) -> Callable[..., Any]:
    """Open a session and pass it first."""

    @wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        with SessionLocal() as session:
            return function(session, *args, **kwargs)

    return wrapper


def provide_session(function: Callable[..., Any]) -> Callable[..., Any]:
    """Open a session where the caller gave none."""

    @wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        if kwargs.get("session") is not None:
            return function(*args, **kwargs)
        with SessionLocal.begin() as session:
            return function(*args, **{**kwargs, "session": session})

    return wrapper


@with_session
def search_artists(session: Session, query: str) -> Sequence[Artist]:
    statement = select(Artist).options(joinedload(Artist.tracks), joinedload(Artist.albums))
    return session.scalars(statement.where(Artist.name.contains(query))).unique().all()


@provide_session
def count_tracks(artist_id: int, *, session: Session | None = None) -> int:
    assert session is not None
    return session.scalar(select(func.count(Track.id)).where(Track.artist_id == artist_id)) or 0
