"""ASGI applications: written by hand, and FastAPI's."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from fastapi import BackgroundTasks, FastAPI, Request
from fastapi.responses import StreamingResponse
from sqlalchemy import create_engine, text
from sqlalchemy.pool import StaticPool

from qprof.domain.errors import MeasureError
from qprof.measure.capture import record
from qprof.targets.web import ask_asgi, is_application, is_asgi, lifespan, parse_request, routes_of


async def echo(scope: Any, receive: Any, send: Any) -> None:
    assert (await receive())["type"] == "http.request"
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": scope["path"].encode(), "more_body": True})
    await send({"type": "http.response.body", "body": scope["query_string"]})
    assert (await receive())["type"] == "http.disconnect"


async def silent(scope: Any, receive: Any, send: Any) -> None:
    pass


def asked(app: Any, request: str) -> bytes:
    """Return the body of a response, with the application started and ended around it."""

    async def run() -> bytes:
        async with lifespan(app) as state:
            return await asyncio.wait_for(ask_asgi(app, parse_request(request), state), 10)

    return asyncio.run(run())


def test_a_request_reaches_the_application() -> None:
    """With decoded path and query; afterwards the client has gone."""
    assert asyncio.run(ask_asgi(echo, parse_request("GET /caf%C3%A9?q=1"))) == "/caféq=1".encode()


def test_an_application_that_starts_no_response_is_told() -> None:
    """As a server would."""
    with pytest.raises(MeasureError, match="got no response"):
        asked(silent, "GET /")


def shop(log: list[str]) -> FastAPI:  # noqa: C901
    engine = create_engine(
        "sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}
    )

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[dict[str, str]]:
        log.append("started")
        yield {"name": "shop"}
        engine.dispose()
        log.append("ended")

    app = FastAPI(lifespan=life)

    def ask(what: str) -> int:
        with engine.connect() as connection:
            return int(connection.execute(text(f"SELECT {what}")).scalar_one())

    @app.get("/threaded")
    def threaded() -> int:
        return ask("1")

    @app.get("/in-the-loop")
    async def in_the_loop() -> int:
        return ask("2")

    @app.get("/streamed")
    def streamed() -> StreamingResponse:
        def lines() -> Iterator[str]:
            yield from (str(ask(number)) for number in "345")

        return StreamingResponse(lines())

    @app.get("/later")
    def later(tasks: BackgroundTasks) -> int:
        tasks.add_task(ask, "6")
        return ask("7")

    @app.get("/state")
    def state(request: Request) -> str:
        return str(request.state.name)

    @app.get("/artists/{number}")
    def artist(number: int) -> int:
        return number

    @app.get("/broken")
    def broken() -> None:
        raise LookupError("no such shelf")

    return app


@pytest.mark.parametrize(
    ("path", "statements"), [("threaded", 1), ("in-the-loop", 1), ("streamed", 3), ("later", 2)]
)
def test_every_statement_of_a_request_is_recorded(path: str, statements: int) -> None:
    """Those of a thread, of the loop, of a streamed body and of a background task."""
    with record() as recording:
        asked(shop([]), f"GET /{path}")
        executions = recording.executions()
    assert sum(each.count for each in executions) == statements


def test_two_recordings_keep_their_threads_apart() -> None:
    """The context travels into the endpoint's thread."""
    with record() as outer, record() as inner:
        asked(shop([]), "GET /threaded")
        assert (len(outer.executions()), len(inner.executions())) == (0, 1)


def test_a_lifespan_starts_and_ends_around_the_requests() -> None:
    """And what it yields reaches them."""
    log: list[str] = []
    assert asked(shop(log), "GET /state") == b'"shop"'
    assert log == ["started", "ended"]


def test_a_lifespan_outlives_several_loop_runs() -> None:
    """As the runs of a call come one by one, each in a task of its own."""
    log: list[str] = []
    app, loop = shop(log), asyncio.new_event_loop()
    life = lifespan(app)
    state = loop.run_until_complete(life.__aenter__())
    for _ in range(2):
        loop.run_until_complete(ask_asgi(app, parse_request("GET /state"), state))
    assert log == ["started"]
    loop.run_until_complete(life.__aexit__(None, None, None))
    assert log == ["started", "ended"]
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()


def test_an_application_that_cannot_start_says_why() -> None:
    """The last line of what it says is the error."""

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        raise LookupError("no such database")
        yield

    with pytest.raises(MeasureError, match=r"startup failed: LookupError: no such database\.$"):
        asked(FastAPI(lifespan=life), "GET /")


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ("GET /nowhere", r'status 404 Not Found: {"detail":"Not Found"}'),
        ("GET /artists/x", "status 422"),
    ],
)
def test_an_error_is_told(request_: str, said: str) -> None:
    """In a sentence."""
    with pytest.raises(MeasureError) as refused:
        asked(shop([]), request_)
    assert said in str(refused.value)


def test_what_the_application_raises_passes_through() -> None:
    """It is the user's own error, and not the page that was made of it."""
    with pytest.raises(LookupError, match="no such shelf"):
        asked(shop([]), "GET /broken")


def test_fastapi_is_known_by_its_parameters() -> None:
    """And its own GET requests are listed."""
    app = shop([])
    assert is_application(app)
    assert is_asgi(app)
    listed = [each.where for each in routes_of(app)]
    assert "GET /artists/{number}" in listed
    assert "GET /docs" not in listed
