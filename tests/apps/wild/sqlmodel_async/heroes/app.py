"""The application, with a service that has its session injected."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import Depends, FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.orm import joinedload
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from heroes.models import Team

engine: AsyncEngine = create_async_engine("sqlite+aiosqlite:///app.db")
sessions = async_sessionmaker(engine, class_=AsyncSession, expire_on_commit=False)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield
    await engine.dispose()


async def get_session() -> AsyncIterator[AsyncSession]:
    async with sessions() as session:
        yield session


class TeamService:
    def __init__(self, session: Annotated[AsyncSession, Depends(get_session)]) -> None:
        self.session = session

    async def all(self) -> Sequence[Team]:
        statement = select(Team).options(joinedload(Team.heroes), joinedload(Team.matches))
        return (await self.session.exec(statement)).unique().all()


app = FastAPI(lifespan=lifespan)


@app.get("/teams")
async def teams(service: Annotated[TeamService, Depends()]) -> list[dict[str, Any]]:
    return [
        {"name": each.name, "heroes": len(each.heroes), "places": [m.place for m in each.matches]}
        for each in await service.all()
    ]
