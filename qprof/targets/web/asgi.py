"""An ASGI application, asked as the ASGI specifications have it: its requests, start and end."""

import asyncio
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Iterator,
    Mapping,
    MutableMapping,
)
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from qprof.domain.errors import MeasureError
from qprof.targets.web.answers import WebAnswer, check_answer
from qprof.targets.web.web_request import WebRequest

Message = MutableMapping[str, Any]
Application = Callable[..., Awaitable[None]]
VERSIONS = {"version": "3.0", "spec_version": "2.3"}


@dataclass
class _AsgiAnswer:
    sent: bytes
    """The body of the request."""
    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: list[bytes] = field(default_factory=list)
    asked: bool = False
    complete: asyncio.Event = field(default_factory=asyncio.Event)

    async def receive(self) -> Message:
        """Give the request's body, and, once the response is complete, that the client has gone."""
        if not self.asked:
            self.asked = True
            return {"type": "http.request", "body": self.sent, "more_body": False}
        await self.complete.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Take a part of the response."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = tuple(
                (bytes(name).decode("latin-1"), bytes(value).decode("latin-1"))
                for name, value in message.get("headers", ())
            )
        elif message["type"] == "http.response.body":
            self.body.append(message.get("body", b""))
            if not message.get("more_body", False):
                self.complete.set()


async def ask_asgi(
    application: Application, request: WebRequest, state: Mapping[str, object] | None = None
) -> bytes:
    """Return the body of the answer to `request`.

    Raises MeasureError where that is not what was asked for, and what `answer_asgi` raises.
    """
    answer = await answer_asgi(application, request, state)
    check_answer(request, answer)
    return answer.body


async def answer_asgi(
    application: Application, request: WebRequest, state: Mapping[str, Any] | None = None
) -> WebAnswer:
    """Run `request` until the application returns, background tasks included.

    `state` is what its lifespan left. Raises MeasureError where there is no answer, and whatever
    the application raises.
    """
    got = _AsgiAnswer(request.body)
    await application(_scope(request, state), got.receive, got.send)
    if not got.status:
        raise MeasureError(f"{request.text} got no response: the application never started one.")
    parts = [part for part in got.body if part]
    return WebAnswer(got.status, got.headers, b"".join(parts), len(parts))


def _scope(request: WebRequest, state: Mapping[str, object] | None) -> dict[str, object]:
    return {
        "type": "http",
        "asgi": VERSIONS,
        "http_version": "1.1",
        "method": request.method,
        "scheme": request.scheme,
        "path": request.path.decode("utf-8", "replace"),
        "raw_path": request.raw_path.encode("ascii"),
        "query_string": request.query.encode("ascii"),
        "root_path": "",
        "headers": list(_headers(request)),
        "client": ("127.0.0.1", 50000),
        "server": (request.host.partition(":")[0], 443 if request.scheme == "https" else 80),
        "state": dict(state or {}),
    }


def _headers(request: WebRequest) -> Iterator[tuple[bytes, bytes]]:
    if not request.header("host"):
        yield b"host", request.host.encode()
    if request.body or request.method not in ("GET", "HEAD"):
        yield b"content-length", str(len(request.body)).encode()
    for name, value in request.headers:
        if name.lower() != "content-length":
            yield name.lower().encode(), value.encode("utf-8")


class _Life:
    """One task from start to end: what the application opens, the same task has to close."""

    def __init__(self, application: Application) -> None:
        self.state: dict[str, object] = {}
        self._asked: asyncio.Queue[Message] = asyncio.Queue()
        self._told: asyncio.Queue[Message] = asyncio.Queue()
        scope = {"type": "lifespan", "asgi": VERSIONS, "state": self.state}
        self._task = asyncio.ensure_future(application(scope, self._asked.get, self._told.put))

    async def begin(self) -> None:
        """Start up. Raises MeasureError where the application says that it cannot."""
        await self._phase("startup")

    async def end(self) -> None:
        """Shut down, and wait until that is done."""
        if not self._task.done():
            await self._phase("shutdown")
        await asyncio.gather(self._task, return_exceptions=True)

    async def _phase(self, name: str) -> None:
        await self._asked.put({"type": f"lifespan.{name}"})
        answer = asyncio.ensure_future(self._told.get())
        await asyncio.wait({answer, self._task}, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            # It returned or raised without a word: it has no lifespan.
            answer.cancel()
        elif answer.result()["type"] == f"lifespan.{name}.failed":
            await asyncio.gather(self._task, return_exceptions=True)
            raise MeasureError(f"The application's {name} failed{_why(answer.result())}.")


def _why(message: Message) -> str:
    lines = str(message.get("message", "")).strip().splitlines()
    return f": {lines[-1].rstrip('.')}" if lines else ""


@asynccontextmanager
async def lifespan(application: Application) -> AsyncIterator[dict[str, object]]:
    """Start `application` up and yield the state that its requests share; then shut it down.

    One that knows no lifespan is left as it is. Raises MeasureError where the start or the end
    fails.
    """
    life = _Life(application)
    await life.begin()
    try:
        yield life.state
    finally:
        await life.end()
