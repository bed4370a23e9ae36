"""Async functions, a repository over an AsyncSession, generators and streams."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncScalarResult, AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from music.models import Artist, Track


async def search_artists(session: AsyncSession, query: str) -> Sequence[Artist]:
    statement = select(Artist).options(joinedload(Artist.tracks), joinedload(Artist.albums))
    found = await session.scalars(statement.where(Artist.name.contains(query)))
    return found.unique().all()


async def track_titles(session: AsyncSession) -> AsyncIterator[str]:
    """Yield one by one."""
    async for track in await session.stream_scalars(select(Track).order_by(Track.id)):
        yield track.title


async def stream_tracks(session: AsyncSession) -> AsyncScalarResult[Track]:
    """Return a stream that the caller reads."""
    statement = select(Track).order_by(Track.id)
    return await session.stream_scalars(statement.execution_options(yield_per=20))


class ArtistRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def with_tracks(self) -> Sequence[Artist]:
        statement = select(Artist).options(selectinload(Artist.tracks)).order_by(Artist.id)
        return (await self._session.scalars(statement)).all()

    async def get(self, artist_id: int) -> Artist | None:
        return await self._session.get(Artist, artist_id, options=[joinedload(Artist.albums)])
