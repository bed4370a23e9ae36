"""An ASGI application, asked as the ASGI HTTP specification has it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from qprof.domain.errors import MeasureError
from qprof.targets.web.request import HOST, Request, check_response

Message = MutableMapping[str, Any]
Application = Callable[..., Awaitable[None]]
VERSIONS = {"version": "3.0", "spec_version": "2.3"}


@dataclass
class _Answer:
    status: int = 0
    location: str = ""
    body: list[bytes] = field(default_factory=list)
    asked: bool = False
    complete: asyncio.Event = field(default_factory=asyncio.Event)

    async def receive(self) -> Message:
        """Give the empty body, and, once the response is complete, that the client has gone."""
        if not self.asked:
            self.asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.complete.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Take a part of the response."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = {bytes(name).lower(): bytes(value) for name, value in message["headers"]}
            self.location = headers.get(b"location", b"").decode("latin-1")
        elif message["type"] == "http.response.body":
            self.body.append(message.get("body", b""))
            if not message.get("more_body", False):
                self.complete.set()


async def ask_asgi(
    application: Application, request: Request, state: Mapping[str, Any] | None = None
) -> bytes:
    """Run `request` until the application returns, background tasks included; return the body.

    `state` is what its lifespan left. Raises MeasureError where the answer is an error, and
    whatever the application raises.
    """
    answer = _Answer()
    await application(_scope(request, state), answer.receive, answer.send)
    if not answer.status:
        raise MeasureError(f"{request.text} got no response: the application never started one.")
    body = b"".join(answer.body)
    check_response(request, answer.status, answer.location, body)
    return body


def _scope(request: Request, state: Mapping[str, Any] | None) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": VERSIONS,
        "http_version": "1.1",
        "method": request.method,
        "scheme": "http",
        "path": request.path.decode("utf-8", "replace"),
        "raw_path": request.raw_path.encode("ascii"),
        "query_string": request.query.encode("ascii"),
        "root_path": "",
        "headers": [(b"host", HOST.encode())],
        "client": ("127.0.0.1", 50000),
        "server": (HOST, 80),
        "state": dict(state or {}),
    }
