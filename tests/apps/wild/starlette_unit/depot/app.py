"""The application: a class-based view below a mount, and middleware around it."""

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.endpoints import HTTPEndpoint
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route

from depot.unit import UnitOfWork


def weights() -> list[dict[str, object]]:
    with UnitOfWork() as work:
        return [
            {"town": each.town, "weight": sum(crate.weight for crate in each.crates)}
            for each in work.depots.every()
        ]


class Weights(HTTPEndpoint):
    async def get(self, request: Request) -> JSONResponse:
        return JSONResponse(await run_in_threadpool(weights))


app = Starlette(
    routes=[Mount("/api", routes=[Route("/weights", Weights)])],
    middleware=[Middleware(GZipMiddleware)],
)
