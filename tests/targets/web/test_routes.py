"""Every route that an application answers is listed, whichever way it was put there."""

import asyncio
import warnings
from typing import Any

import pytest
from fastapi import APIRouter, Depends, FastAPI, Header
from fastapi.security import OAuth2PasswordBearer
from flask import Blueprint, Flask
from flask.views import MethodView
from pydantic import BaseModel
from quart import Blueprint as QuartBlueprint
from quart import Quart
from starlette.applications import Starlette
from starlette.endpoints import HTTPEndpoint
from starlette.responses import PlainTextResponse
from starlette.routing import Host, Mount, Route, WebSocketRoute
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix

from qprof.targets.web import (
    WebAnswer,
    answer_asgi,
    answer_wsgi,
    is_application,
    is_asgi,
    lifespan,
    made_by,
    makes_application,
    parse_request,
    routes_of,
)

with warnings.catch_warnings():
    # Litestar imports advanced-alchemy, which uses what SQLAlchemy 2.1 warns of; Starlette warns of
    # its bridge to WSGI.
    warnings.simplefilter("ignore")
    from litestar import Controller, Litestar, Router
    from litestar import get as litestar_get
    from litestar import post as litestar_post
    from starlette.middleware.wsgi import WSGIMiddleware

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def text(*_: Any, **__: Any) -> PlainTextResponse:
    return PlainTextResponse("a")


class Order(BaseModel):
    name: str
    amount: int = 3
    note: str | None = None


def fastapi() -> FastAPI:
    """Has routers in routers, a mounted application, a hidden route, and a document."""
    inner, outer, later = APIRouter(prefix="/items"), APIRouter(prefix="/v1"), APIRouter()
    admin, app = FastAPI(), FastAPI()
    token = OAuth2PasswordBearer(tokenUrl="token")

    @inner.get("/{item_id}")
    def item(item_id: int, size: int, colour: str = "red", x_tenant: str = Header()) -> int:
        return item_id

    @inner.post("/")
    def make(order: Order) -> int:
        return order.amount

    @later.get("/hidden", include_in_schema=False)
    def hidden() -> int:
        return 1

    @later.get("/me")
    def me(user: str = Depends(token)) -> str:
        return user

    @admin.get("/users/{name}")
    def user(name: str) -> str:
        return name

    outer.include_router(inner)
    app.include_router(outer, prefix="/api")
    app.include_router(later)
    app.mount("/admin", admin)
    app.mount("/old", WSGIMiddleware(flask()))
    return app


class Artists(HTTPEndpoint):
    async def get(self, request: Any) -> Any:
        return text()

    async def post(self, request: Any) -> Any:
        return text()


def starlette() -> Starlette:
    deep = Route("/{n:int}", text, methods=["PUT"])
    return Starlette(
        routes=[
            Route("/", text),
            Route("/artists", Artists),
            Mount("/v1", routes=[Mount("/deep", routes=[deep])]),
            Host("api.example.org", Starlette(routes=[Route("/hosted", text)])),
            WebSocketRoute("/ws", text),
        ]
    )


class Shelf(MethodView):
    def get(self, shelf_id: int) -> str:
        return str(shelf_id)

    def delete(self, shelf_id: int) -> str:
        return str(shelf_id)


def flask() -> Flask:
    app = Flask("shop")
    outer = Blueprint("outer", "shop", url_prefix="/outer", static_folder="x")
    inner = Blueprint("inner", "shop", url_prefix="/inner")
    inner.add_url_rule("/shelves/<int:shelf_id>", view_func=Shelf.as_view("shelf"))
    outer.register_blueprint(inner)
    outer.add_url_rule("/list", view_func=text)
    app.register_blueprint(outer)
    return app


def quart() -> Quart:
    app = Quart("shop")
    part = QuartBlueprint("part", "shop", url_prefix="/part")

    @part.get("/<int:number>")
    async def one(number: int) -> str:
        return str(number)

    @app.websocket("/ws")
    async def ws() -> None: ...

    app.register_blueprint(part)
    return app


class Cards(Controller):
    path = "/cards"

    @litestar_get("/{card_id:int}")
    async def one(self, card_id: int) -> int:
        return card_id

    @litestar_post("/")
    async def make(self) -> int:
        return 1


def litestar() -> Litestar:
    return Litestar([Router("/api", route_handlers=[Cards])])


def pyramid(global_config: Any, **settings: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pyramid.config import Configurator

        with Configurator(settings=settings) as config:
            config.add_route("artist", r"/artists/{artist_id:\d+}")
            config.add_view(lambda request: {}, route_name="artist", renderer="json")
            config.add_route("files", "/files/*rest")
            config.add_view(lambda _: {}, route_name="files", request_method="PUT", renderer="json")
            config.add_static_view("static", "/")
            return config.make_wsgi_app()


FLASK = ["DELETE /outer/inner/shelves/<int:shelf_id>", "GET /outer/inner/shelves/<int:shelf_id>"]
FLASK = [FLASK[1], FLASK[0], "GET /outer/list"]
STARLETTE = [
    "GET /",
    "GET /artists",
    "POST /artists",
    "GET /hosted",
    "PUT /v1/deep/{n:int}",
]
LISTED: dict[str, tuple[Any, list[str]]] = {
    "fastapi": (
        fastapi,
        [
            "GET /admin/users/{name}",
            "POST /api/v1/items/",
            "GET /api/v1/items/{item_id}",
            "GET /hidden",
            "GET /me",
            *(each.replace(" /", " /old/") for each in FLASK),
        ],
    ),
    "starlette": (starlette, STARLETTE),
    "flask": (flask, FLASK),
    "quart": (quart, ["GET /part/<int:number>"]),
    "litestar": (litestar, ["POST /api/cards", "GET /api/cards/{card_id}"]),
    "pyramid": (
        lambda: made_by(pyramid),
        [r"GET /artists/{artist_id:\d+}", "PUT /files/{rest:path}"],
    ),
    "middleware of WSGI": (lambda: ProxyFix(flask().wsgi_app), FLASK),
    "dispatcher of WSGI": (
        lambda: DispatcherMiddleware(Flask("none"), {"/shop": flask()}),
        [each.replace(" /", " /shop/") for each in FLASK],
    ),
    "middleware of ASGI": (lambda: Around(Around(starlette())), STARLETTE),
}


class Around:
    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app(scope, receive, send)


@pytest.mark.parametrize(("make", "right"), LISTED.values(), ids=LISTED)
def test_lists_every_route(make: Any, right: list[str]) -> None:
    """With the prefixes of what it stands in; no page of a documentation, and no file."""
    app = make()
    assert is_application(app)
    assert [each.where for each in routes_of(app)] == right


@pytest.mark.parametrize(
    ("make", "request_"),
    [
        (fastapi, "GET /hidden"),
        (starlette, "PUT /v1/deep/3"),
        (flask, "GET /outer/inner/shelves/3"),
        (quart, "GET /part/3"),
        (litestar, "GET /api/cards/3"),
        (lambda: made_by(pyramid), "GET /artists/3"),
    ],
)
def test_what_is_listed_is_answered(make: Any, request_: str) -> None:
    """The path is that of the whole application."""
    app, request = make(), parse_request(request_)
    if not is_asgi(app):
        assert answer_wsgi(app, request).status == 200
        return

    async def asked() -> WebAnswer:
        async with lifespan(app) as state:
            return await answer_asgi(app, request, state)

    assert asyncio.run(asked()).status == 200


def test_a_document_tells_what_a_request_has_to_have() -> None:
    """What its query and its headers must have, its body, and who may ask it."""
    known = {each.where: each for each in routes_of(fastapi())}
    assert known["GET /api/v1/items/{item_id}"].query == {"size": 1}
    assert known["GET /api/v1/items/{item_id}"].parts == {"headers": {"x-tenant": "a"}}
    assert known["POST /api/v1/items/"].parts == {"json": {"name": "a"}}
    assert known["GET /me"].is_secured
    assert not known["GET /admin/users/{name}"].is_secured


def test_factories_are_known() -> None:
    """By their name, by what they return, or as PasteDeploy calls them."""

    def create_app() -> Any: ...

    def shop() -> Flask: ...

    def count_all() -> int: ...

    def create_app_for(tenant: int) -> Any: ...

    assert [makes_application(each) for each in (create_app, shop, pyramid)] == [True] * 3
    assert not makes_application(count_all)
    assert not makes_application(create_app_for)


def test_sanic_lists_its_blueprints() -> None:
    """Where it is installed."""
    sanic = pytest.importorskip("sanic")
    app, part = sanic.Sanic("shop"), sanic.Blueprint("part", url_prefix="/part")
    part.add_route(text, "/<number:int>", methods=["GET", "POST"])
    app.blueprint(part)
    assert is_asgi(app)
    assert [each.where for each in routes_of(app)] == [
        "GET /part/<number:int>",
        "POST /part/<number:int>",
    ]


def test_bottle_lists_its_routes() -> None:
    """Where it is installed."""
    bottle = pytest.importorskip("bottle")
    app = bottle.Bottle()
    app.route("/artists/<n:int>", "GET", text)
    assert [each.where for each in routes_of(app)] == ["GET /artists/<n:int>"]
