"""One event loop for all runs of async calls: an async engine's connections stay in their loop."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from contextvars import Context, ContextVar, copy_context
from functools import partial
from typing import Any, TypeVar

from sqlalchemy.util import greenlet_spawn

T = TypeVar("T")
_UNSET = object()
_PATIENCE = 5.0
"""Seconds for a task to end once it is cancelled; it may catch that."""


class Loop:
    """Runs async code from plain code; made on first use."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._context = Context()
        """That of all tasks, so that what one enters another can leave."""

    def run(self, work: Coroutine[object, object, T]) -> T:
        """Return what `work` returns. It shares the context variables of here.

        On Python 3.10 it sees them, and what it changes is lost: tasks take no context there.
        Raises RuntimeError where an event loop is running already.
        """
        loop = self._started()
        before = self._context_of_here()
        task = self._task(loop, work)
        try:
            return loop.run_until_complete(task)
        except KeyboardInterrupt:
            self._end(loop, task)
            raise
        finally:
            for variable, value in self._context.items():
                if before.get(variable, _UNSET) is not value:
                    variable.set(value)

    def run_plain(self, function: Callable[[], T]) -> T:
        """Return what `function` returns, which may load lazily from an async session."""
        return self.run(_spawned(function))

    def close(self) -> None:
        """Finish what is left over and close the loop."""
        if self._loop is None:
            return
        self._cancel_all(self._loop)
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()
        self._loop = None

    @property
    def used(self) -> bool:
        """Whether anything async was run."""
        return self._loop is not None

    def _started(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
        return self._loop

    def _task(
        self, loop: asyncio.AbstractEventLoop, work: Coroutine[object, object, T]
    ) -> "asyncio.Task[T]":
        if sys.version_info < (3, 11):
            return loop.create_task(work)
        return loop.create_task(work, context=self._context)

    def _context_of_here(self) -> dict[ContextVar[Any], object]:
        """Bring the tasks' context up to date with the current one, and return what it holds."""
        for variable, value in copy_context().items():
            if self._context.get(variable, _UNSET) is not value:
                self._context.run(variable.set, value)
        return dict(self._context.items())

    def _end(self, loop: asyncio.AbstractEventLoop, task: "asyncio.Task[Any]") -> None:
        """Cancel a task whose result nobody waits for: its driver ends its statement then."""
        task.cancel()
        loop.run_until_complete(asyncio.wait([task], timeout=_PATIENCE))
        if task.done() and not task.cancelled():
            task.exception()

    def _cancel_all(self, loop: asyncio.AbstractEventLoop) -> None:
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        if tasks:
            loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))


async def _spawned(function: Callable[[], T]) -> T:
    return await greenlet_spawn(partial(function))
