"""Each call of `cases`, run as its own user runs it, with what SQLite was asked for and gave.

`python -m tests.targets.code.by_hand` prints [queries, rows, cells] by case, as JSON; it expects
the library `music.db` in this folder. Nothing of qprof is imported.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from music import (
    asgi_app,
    asynchronous,
    class_methods,
    decorated,
    fastapi_dependencies,
    flask_models,
    generators,
    keyword_session,
    own_engine,
    session_factory,
    session_keywords,
    slips,
    wsgi_app,
)
from music.schemas import ArtistOut
from sqlalchemy import create_engine
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Session, sessionmaker

from tests.targets.code.witness import witnessing

URL = "sqlite:///music.db"


@contextmanager
def session() -> Iterator[Session]:
    engine = create_engine(URL)
    with Session(engine) as opened:
        yield opened
    engine.dispose()


def in_session(call: Callable[[Session], Any]) -> Callable[[], Any]:
    def run() -> Any:
        with session() as opened:
            return call(opened)

    return run


def in_async_session(call: Callable[[AsyncSession], Awaitable[Any]]) -> Callable[[], Any]:
    async def run() -> None:
        engine = create_async_engine("sqlite+aiosqlite:///music.db")
        async with AsyncSession(engine) as opened:
            await call(opened)
        await engine.dispose()

    return lambda: asyncio.run(run())


def in_factory(call: Callable[[session_factory.ArtistRepository], Any]) -> Callable[[], Any]:
    def run() -> None:
        engine = create_engine(URL)
        call(session_factory.ArtistRepository(sessionmaker(engine)))
        engine.dispose()

    return run


def in_library(call: Callable[[own_engine.Library], Any]) -> Callable[[], Any]:
    def run() -> None:
        library = own_engine.Library().open("music.db")
        call(library)
        library.close()

    return run


def in_flask(call: Callable[[], Any]) -> Callable[[], Any]:
    def run() -> None:
        with flask_models.create_app().app_context():
            call()

    return run


def in_fastapi(call: Callable[[Session], Any]) -> Callable[[], Any]:
    def run() -> None:
        dependency = fastapi_dependencies.get_db()
        call(next(dependency))
        next(dependency, None)

    return run


def wsgi(path: str) -> Callable[[], Any]:
    return lambda: wsgi_app.app.test_client().get(path).get_data()


def asgi(path: str) -> Callable[[], Any]:
    async def run() -> None:
        transport = httpx.ASGITransport(asgi_app.app)
        async with (
            asgi_app.app.router.lifespan_context(asgi_app.app),
            httpx.AsyncClient(transport=transport, base_url="http://music") as client,
        ):
            assert (await client.get(path)).is_success

    return lambda: asyncio.run(run())


async def titles(opened: AsyncSession) -> list[str]:
    return [title async for title in asynchronous.track_titles(opened)]


async def streamed(opened: AsyncSession) -> list[Any]:
    return [track async for track in await asynchronous.stream_tracks(opened)]


def validated(opened: Session) -> list[ArtistOut]:
    return [ArtistOut.model_validate(artist) for artist in slips.find_artists(opened)]


count_artists = in_session(class_methods.ArtistDAO.count)

BY_HAND: dict[str, Callable[[], Any]] = {
    "session factory": in_factory(lambda made: made.search("a")),
    "list and total": in_factory(lambda made: made.page()),
    "session and keywords": in_session(
        lambda opened: session_keywords.ArtistRepository(opened).search("a")
    ),
    "cached repository": in_session(
        lambda opened: session_keywords.Repositories(opened).artists.search("a")
    ),
    "repository property": in_session(
        lambda opened: session_keywords.Repositories(opened).tracks.with_genres()
    ),
    "own engine": in_library(lambda library: library.artists("a")),
    "own engine, no argument": in_library(lambda library: library.tracks()),
    "keyword session": in_session(
        lambda opened: keyword_session.search_artists("a", db_session=opened)
    ),
    "DTOs of entities": in_session(lambda opened: keyword_session.artist_cards(session=opened)),
    "DTOs of rows": in_session(lambda opened: keyword_session.track_counts(db=opened)),
    "unexecuted Query": in_session(
        lambda opened: keyword_session.artists_of("FR", session=opened).all()
    ),
    "unexecuted Select": in_session(
        lambda opened: opened.scalars(keyword_session.long_tracks(session=opened)).all()
    ),
    "decorator": lambda: decorated.search_artists("a"),
    "decorator that asks first": lambda: decorated.count_tracks(3),
    "class method": in_session(lambda opened: class_methods.ArtistDAO.search(opened, "a")),
    "class method, a count": count_artists,
    "static method": in_session(lambda opened: class_methods.ArtistDAO.albums(opened, 3)),
    "Model.query": in_flask(lambda: flask_models.Artist.search("a")),
    "Model.query in a function": in_flask(flask_models.all_artists),
    "async function": in_async_session(lambda opened: asynchronous.search_artists(opened, "a")),
    "async generator": in_async_session(titles),
    "async stream": in_async_session(streamed),
    "AsyncSession constructor": in_async_session(
        lambda opened: asynchronous.ArtistRepository(opened).with_tracks()
    ),
    "AsyncSession.get": in_async_session(
        lambda opened: asynchronous.ArtistRepository(opened).get(3)
    ),
    "FastAPI dependency": in_fastapi(fastapi_dependencies.count_tracks),
    "FastAPI dependency of a dependency": in_fastapi(
        lambda db: fastapi_dependencies.list_artists("a", fastapi_dependencies.ArtistService(db))
    ),
    "FastAPI service": in_fastapi(lambda db: fastapi_dependencies.ArtistService(db).search("a")),
    "WSGI request": wsgi("/artists?query=a"),
    "WSGI path": wsgi("/artists/3"),
    "ASGI request, threaded": asgi("/artists?query=a"),
    "ASGI request, async": asgi("/async/artists?query=a"),
    "generator": in_session(lambda opened: list(generators.Catalogue(opened).lines())),
    "property": in_session(lambda opened: generators.Catalogue(opened).size),
    "property of entities": in_session(lambda opened: generators.Catalogue(opened).artists),
    "touch by a method": in_session(
        lambda opened: [each.to_dict() for each in slips.find_artists(opened)]
    ),
    "touch by a function": in_session(validated),
    "own sessions": count_artists,
    "sessions that are yielded": count_artists,
}


def counted() -> dict[str, tuple[int, int, int]]:
    """Return queries, rows and cells of each case."""
    found = {}
    for name, call in BY_HAND.items():
        with witnessing() as counts:
            call()
        found[name] = counts.totals()
        # Their pools keep connections that another case would use unseen.
        for module in (decorated, fastapi_dependencies, wsgi_app, asgi_app, slips):
            module.engine.dispose()
    return found


if __name__ == "__main__":
    json.dump(counted(), sys.stdout)
