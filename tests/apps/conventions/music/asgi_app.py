"""A FastAPI application with an endpoint in a thread and one in the event loop."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request
from sqlalchemy import create_engine, select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import Session, joinedload, sessionmaker

from music.models import Artist
from music.schemas import ArtistOut

engine = create_engine("sqlite:///music.db")
SessionLocal = sessionmaker(engine)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    engine = create_async_engine("sqlite+aiosqlite:///music.db")
    app.state.sessions = async_sessionmaker(engine)
    yield
    await engine.dispose()


app = FastAPI(lifespan=lifespan)


def get_db() -> Iterator[Session]:
    with SessionLocal() as session:
        yield session


@app.get("/artists", response_model=list[ArtistOut])
def list_artists(db: Annotated[Session, Depends(get_db)], query: str = "") -> Any:
    statement = select(Artist).options(joinedload(Artist.tracks))
    return db.scalars(statement.where(Artist.name.contains(query))).unique().all()


@app.get("/async/artists", response_model=list[ArtistOut])
async def list_artists_async(request: Request, query: str = "") -> Any:
    statement = select(Artist).options(joinedload(Artist.tracks), joinedload(Artist.albums))
    async with request.app.state.sessions() as session:
        found = await session.scalars(statement.where(Artist.name.contains(query)))
        return found.unique().all()
