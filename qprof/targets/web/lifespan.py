"""An ASGI application's start and end, around its requests."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from qprof.domain.errors import MeasureError
from qprof.targets.web.asgi import VERSIONS, Application, Message


class _Life:
    """One task from start to end: what the application opens, the same task has to close."""

    def __init__(self, application: Application) -> None:
        self.state: dict[str, Any] = {}
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
async def lifespan(application: Application) -> AsyncIterator[dict[str, Any]]:
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
