"""`qprof.asgi` and `qprof.wsgi`: a header and log lines for each request, if switched on."""

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.orm import Session

import qprof
from tests.api.shop import search, shop


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("QPROF_MIDDLEWARE", raising=False)
    yield from shop(f"sqlite:///{tmp_path / 'shop.db'}")


def get(app: Any, path: str) -> httpx.Response:
    """Send one request to an ASGI application."""

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.get(path)

    return asyncio.run(send())


def fastapi(engine: Engine) -> FastAPI:
    app = FastAPI()

    @app.get("/plain")
    def plain() -> int:
        with Session(engine) as session:
            return len(search(session))

    @app.get("/blocking")
    async def blocking() -> int:
        with Session(engine) as session:
            return len(search(session))

    @app.get("/nothing")
    def nothing() -> int:
        return 1

    return app


def test_an_asgi_request_is_told(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    """In a thread of the framework's, and on the loop itself."""
    app = fastapi(engine)
    app.add_middleware(qprof.asgi, enabled=True)
    caplog.set_level(logging.INFO, "qprof")
    timing = get(app, "/plain").headers["server-timing"]
    assert timing.startswith("db;dur=")
    assert 'desc="1 query 1000 rows", qprof-qp101' in timing
    assert "qprof-qp701" in get(app, "/blocking").headers["server-timing"]
    assert "GET /plain: 1 query, 1,000 rows, 6,000 cells" in caplog.text
    assert "QP101 cartesian-explosion at " in caplog.text
    assert "selectinload(Artist.albums)" in caplog.text
    assert get(app, "/nothing").headers["server-timing"] == 'db;dur=0.0;desc="0 queries 0 rows"'


def test_a_wsgi_request_is_told(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    """And an application that fails fails as it did."""
    app = Flask("shop")

    @app.get("/")
    def index() -> str:
        with Session(engine) as session:
            return str(len(search(session)))

    app.wsgi_app = qprof.wsgi(app.wsgi_app, enabled=True)  # type: ignore[method-assign]
    caplog.set_level(logging.INFO, "qprof")
    response = app.test_client().get("/")
    assert (response.text, response.status_code) == ("10", 200)
    assert 'desc="1 query 1000 rows", qprof-qp101' in response.headers["Server-Timing"]
    assert "GET /: 1 query, 1,000 rows, 6,000 cells" in caplog.text

    def broken(environ: Any, start_response: Any) -> Any:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        qprof.wsgi(broken, enabled=True)({}, None)


def test_it_is_off_unless_it_is_switched_on(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The application itself is returned: nothing is recorded, and no header is added."""
    app: Any = fastapi(engine)
    assert qprof.asgi(app) is app
    assert qprof.wsgi(app) is app
    monkeypatch.setenv("QPROF_MIDDLEWARE", "0")
    assert qprof.asgi(app) is app
    monkeypatch.setenv("QPROF_MIDDLEWARE", "1")
    assert qprof.asgi(app) is not app
    assert qprof.asgi(app, enabled=False) is app
